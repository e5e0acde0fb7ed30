"""Posts and ads on the deployed local stack: shown by the console, clicked, counted."""

from typing import Any

import pytest

from local.stack import Stack
from tests.stack.company import Company, eventually

pytestmark = pytest.mark.stack

CONSOLE = {"platform": "console", "profile": "console"}


@pytest.fixture
def company(stack: Stack) -> Company:
    return Company(stack)


def shown(company: Company, kind: str, campaign: str) -> list[dict[str, Any]]:
    """Its posts or ads in the inbox, known by where they lead."""
    link = {"post": "link", "ad": "url"}[kind]
    return [each for each in company.stack.messages(kind=kind) if f"/automation/{campaign}/" in each[link]]


def followed(company: Company, link: str, campaign: str) -> dict[str, Any]:
    """The report, once a click on ``link`` is counted."""
    assert company.api.fetch(link) == 302
    return eventually(lambda: found if (found := company.report(campaign))["clicks"] == 1 else None)


def test_a_post_is_published_once_and_its_link_is_counted(company: Company) -> None:
    profiles = company.api.call("GET", "/crm/marketing/social-profiles")["items"]
    assert [(each["platform"], each["id"]) for each in profiles] == [("console", "console")]
    social = {"profiles": [CONSOLE], "link": "https://shop.example/bells", "linkTitle": "Bells"}
    template = company.template(socialText="All that rings")
    campaign = company.campaign(channels=["social"], templateId=template, social=social, status="running")
    seen = company.ended(campaign)
    assert (seen["status"], seen["recipients"]["sent"]) == ("completed", 1)
    (post,) = shown(company, "post", campaign)
    assert (post["profile"], post["text"], post["link_title"]) == ("console", "All that rings", "Bells")
    (published,) = company.api.call("GET", f"/crm/marketing/campaigns/{campaign}/publications")["items"]
    assert (published["outlet"]["platform"], published["state"], published["vendorId"]) == (
        "console",
        "live",
        post["id"],
    )
    report = followed(company, post["link"], campaign)
    assert (report["sends"], report["channels"]["social"]["uniqueClicks"]) == (1, 1)
    assert [(each["url"], each["clicks"]) for each in report["links"]] == [("https://shop.example/bells", 1)]


def test_an_ad_is_made_paused_and_its_link_is_counted(company: Company) -> None:
    ads = {
        "accounts": [CONSOLE], "url": "https://shop.example/ad", "headlines": ["Bells", "Whistles", "Horns"],
        "descriptions": ["All that rings.", "And all that does not."], "countries": ["DE"], "advertiser": "Acme",
        "dailyBudget": {"amount": "5.00", "currency": "EUR"}, "keywords": ["bell"],
    }  # fmt: skip
    campaign = company.campaign(channels=["ads"], ads=ads, status="running")
    assert company.ended(campaign)["status"] == "completed"
    (ad,) = shown(company, "ad", campaign)
    assert (ad["account"], ad["status"], ad["daily_budget"], ad["currency"]) == ("console", "paused", "5.00", "EUR")
    assert ad["headlines"] == ["Bells", "Whistles", "Horns"]
    report = followed(company, ad["url"], campaign)
    assert (report["sends"], report["channels"]["ads"]["clicks"]) == (1, 1)
