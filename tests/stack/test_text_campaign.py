"""Text messages on the deployed local stack: sent by the console, clicked, counted."""

import re

import pytest

from local.stack import Stack
from tests.stack.company import Company, eventually

pytestmark = pytest.mark.stack

READERS = ["+12065550101", "+12065550102", "+12065550103"]
_LINK = re.compile(r"http://\S+/link/click/\S+")


@pytest.fixture
def company(stack: Stack) -> Company:
    """Three readers of text messages, and three who get none."""
    found = Company(stack)
    found.enlist(
        [
            *({"phone": each, "firstName": "Ann", "consent": {"sms": "granted"}} for each in READERS),
            {"phone": "+12065550104", "consent": {"sms": "denied"}},
            {"phone": "030 90182080", "consent": {"sms": "granted"}},
            {},
        ]
    )
    return found


def texts(company: Company, campaign: str) -> list[dict[str, str]]:
    """Its texts in the inbox, with the link that each holds."""
    found = [each for each in company.stack.messages(kind="text") if each["tags"].get("campaign") == campaign]
    return [{"to": each["to"], "body": each["body"], "link": _LINK.findall(each["body"])[0]} for each in found]


def test_everybody_who_may_gets_one_text_and_clicks_are_counted(company: Company) -> None:
    template = company.template(smsText="Hi {{ contact.firstName }}: https://shop.example/sale Reply STOP to end")
    campaign = company.campaign(channels=["sms"], templateId=template, status="running")
    seen = company.ended(campaign)
    assert (seen["status"], seen["recipients"]["sent"], sum(seen["recipients"]["skipped"].values())) == (
        "completed",
        3,
        3,
    )
    sent = texts(company, campaign)
    assert sorted(each["to"] for each in sent) == READERS
    assert len({each["link"] for each in sent}) == 3, "everybody has a link of their own"
    for each in sent:
        assert each["body"] == f"Hi Ann: {each['link']} Reply STOP to end"
    assert [company.api.fetch(each["link"]) for each in (sent[0], sent[0], sent[1])] == [302] * 3
    report = eventually(lambda: found if (found := company.report(campaign))["clicks"] == 3 else None)
    assert (report["sends"], report["uniqueClicks"], report["channels"]["sms"]["clicks"]) == (3, 2, 3)
    assert [(each["url"], each["clicks"]) for each in report["links"]] == [("https://shop.example/sale", 3)]


def test_one_campaign_goes_by_mail_and_by_text(company: Company) -> None:
    template = company.template(smsText="Sale: https://shop.example/sale")
    campaign = company.campaign(channels=["email", "sms"], templateId=template, status="running")
    assert company.ended(campaign)["status"] == "completed"
    assert sorted(each["to"] for each in texts(company, campaign)) == READERS
    assert eventually(lambda: len(list(company.mails(campaign))) == 6 or None)
    channels = company.report(campaign)["channels"]
    assert {name: each["sends"] for name, each in channels.items()} == {"email": 6, "sms": 3}
