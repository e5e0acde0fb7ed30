"""Platforms an organisation connected: what leaves by them, and what they tell of it, on the deployed stack."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import urllib3

from local.settings import LocalError
from local.stack import Stack
from tests.channels.vendor_server import Asked
from tests.stack.company import Company, eventually
from tests.stack.vendors import (
    ACCOUNT,
    PAGE,
    TOKEN,
    Vendors,
    sendgrid_event,
    sendgrid_tells,
    twilio_tells,
    verification_key,
)

pytestmark = pytest.mark.stack

NUMBERS = [f"+4930901820{n}" for n in range(80, 84)]
OURS = "+14155550100"


@pytest.fixture
def company(stack: Stack) -> Company:
    return Company(stack)


def connect(company: Company, platform: str, **credentials: str) -> dict[str, Any]:
    path = f"/crm/marketing/platforms/{platform}/connection"
    return dict(company.api.call("PUT", path, {"credentials": credentials}))


def texts_of(vendors: Vendors, company: Company) -> list[Asked]:
    """What Twilio was asked to send for a company."""
    sent = vendors.twilio.calls(f"POST /2010-04-01/Accounts/{ACCOUNT}/Messages.json")
    return [each for each in sent if company.org in each.form["StatusCallback"]]


def counted(company: Company, campaign: str, **figures: int) -> dict[str, Any]:
    """The report, once it says that."""
    return eventually(lambda: r if figures.items() <= (r := company.report(campaign)).items() else None)


def suppressed(company: Company, channel: str) -> dict[str, str]:
    found = company.api.pages("/crm/marketing/suppressions", {"channel": channel})
    return {each["address"]: each["reason"] for each in found}


def test_texts_leave_by_twilio_and_deliveries_replies_and_stops_come_back(company: Company, vendors: Vendors) -> None:
    shown = connect(company, "twilio", accountSid=ACCOUNT, authToken=TOKEN, sender=OURS)
    assert TOKEN not in str(shown)
    company.enlist([{"phone": number} for number in NUMBERS])
    template = company.template(smsText="Sale! https://shop.example/sale Reply STOP to end.")
    campaign = company.campaign(channels=["sms"], templateId=template, status="running")
    assert company.ended(campaign)["status"] == "completed"
    texts = texts_of(vendors, company)
    assert sorted(each.form["To"] for each in texts) == NUMBERS
    assert {each.form["From"] for each in texts} == {OURS}
    callback = {each.form["To"]: each.form["StatusCallback"] for each in texts}
    webhook = callback[NUMBERS[0]].split("?")[0]

    first = {"MessageSid": "SM" + "a" * 32, "MessageStatus": "delivered"}
    assert twilio_tells(callback[NUMBERS[0]], "another-token-than-the-account's", **first) == 403
    assert twilio_tells(callback[NUMBERS[0]], **first) == 204
    assert twilio_tells(callback[NUMBERS[0]], **first) == 204  # told again
    second = {"MessageSid": "SM" + "b" * 32, "MessageStatus": "undelivered", "ErrorCode": "30005"}
    assert twilio_tells(callback[NUMBERS[1]], **second) == 204
    stop = {"From": NUMBERS[2], "To": OURS, "Body": "Stop.", "MessageSid": "SM" + "c" * 32, "SmsStatus": "received"}
    assert twilio_tells(webhook, **stop) == 204
    reply = {"From": NUMBERS[3], "To": OURS, "Body": "Which sizes?", "MessageSid": "SM" + "d" * 32}
    assert twilio_tells(webhook, **reply, SmsStatus="received") == 204

    report = counted(company, campaign, sends=4, deliveries=1, unsubscribes=1, replies=1)
    assert report["bounces"] == {"hard": 1, "soft": 0}
    eventually(lambda: suppressed(company, "sms") == {NUMBERS[1]: "hard_bounce", NUMBERS[2]: "opt_out"})
    link = re.search(r"https?://\S+", texts[0].form["Body"])
    assert link
    assert company.api.fetch(link[0]) == 302
    assert counted(company, campaign, clicks=1, uniqueClicks=1)["channels"]["sms"]["uniqueClicks"] == 1

    again = company.campaign(channels=["sms"], templateId=template, status="running")
    assert company.ended(again)["recipients"]["skipped"] == {"suppressed": 2}
    assert len(texts_of(vendors, company)) == 6
    start = {**stop, "Body": "START", "MessageSid": "SM" + "e" * 32}
    assert twilio_tells(webhook, **start) == 204
    assert suppressed(company, "sms") == {NUMBERS[1]: "hard_bounce"}


def test_mails_leave_by_sendgrid_and_what_becomes_of_them_comes_back(company: Company, vendors: Vendors) -> None:
    key = f"SG.{company.org}"
    connect(company, "sendgrid", apiKey=key, webhookKey=verification_key(), **{"from": "news@shop.example"})
    webhook = company.api.call("GET", "/crm/marketing/platforms/sendgrid")["webhookUrl"]
    company.enlist([{}] * 3)
    campaign = company.campaign(status="running")
    assert company.ended(campaign)["status"] == "completed"
    sent = [each.json for each in vendors.sendgrid.calls("POST /v3/mail/send") if key in each.headers["authorization"]]
    assert len(sent) == 3
    assert {mail["from"]["email"] for mail in sent} == {"news@shop.example"}
    events = [
        sendgrid_event("delivered", sent[0]),
        sendgrid_event("bounce", sent[1], type="bounce", status="5.1.1", reason="550 no such user"),
        sendgrid_event("spamreport", sent[2]),
    ]
    assert sendgrid_tells(webhook, events) == 204
    assert sendgrid_tells(webhook, list(reversed(events))) == 204
    report = counted(company, campaign, sends=3, deliveries=1, complaints=1)
    assert report["bounces"] == {"hard": 1, "soft": 0}
    assert sorted(eventually(lambda: r if len(r := suppressed(company, "email")) == 2 else None).values()) == [
        "complaint",
        "hard_bounce",
    ]
    stranger = Company(company.stack)
    connect(stranger, "sendgrid", apiKey=f"SG.{stranger.org}", webhookKey=verification_key())
    theirs = stranger.api.call("GET", "/crm/marketing/platforms/sendgrid")["webhookUrl"]
    assert sendgrid_tells(theirs, [sendgrid_event("delivered", sent[1])]) == 204  # another's mail: not recorded
    assert company.report(campaign)["deliveries"] == 1


def consent(company: Company, stack: Stack) -> None:
    """A member goes to the vendor's page, agrees, and is sent back."""
    began = company.api.call("POST", "/crm/marketing/platforms/facebook/authorizations")
    [state] = parse_qs(urlsplit(began["url"]).query)["state"]
    back = f"{stack.api_url}/connect/oauth/facebook/callback?code=agreed&state={state}"
    assert urllib3.request("GET", back, retries=False).status == 200


def test_a_post_is_on_its_page_once_and_its_figures_come_back(company: Company, stack: Stack, vendors: Vendors) -> None:
    connect(company, "facebook", clientId="123456789", clientSecret="the-app's-secret")
    consent(company, stack)
    profiles = company.api.call("GET", "/crm/marketing/social-profiles/facebook")["items"]
    [profile] = [each for each in profiles if each["id"] == PAGE]
    assert profile["name"] == "Shop"
    social = {
        "profiles": [{"platform": "facebook", "profile": PAGE}],
        "text": f"Sale of {company.org}",
        "link": "https://shop.example/sale",
    }
    campaign = company.campaign(channels=["social"], audience=None, templateId=None, social=social, status="running")
    assert company.ended(campaign)["status"] == "completed"
    posts = [each for each in vendors.facebook.calls(f"POST /v25.0/{PAGE}/feed") if company.org in each.form["message"]]
    assert len(posts) == 1
    assert company.api.fetch(posts[0].form["link"]) == 302
    counted(company, campaign, sends=1, clicks=1)

    path = f"/crm/marketing/campaigns/{campaign}/publications"
    [publication] = company.api.call("GET", path)["items"]
    assert publication["state"] == "live"
    for row in company.table.query_all(f"ORG#{company.org}#CAMPAIGN#{campaign}", "PUBLICATION#"):
        company.table.update({"pk": row["pk"], "sk": row["sk"]}, set={"due_sk": row["due_sk"].replace("20", "19", 1)})
    stack.invoke("PollResults")
    report = counted(company, campaign, likes=5, comments=3, shares=2, views=120)
    assert report["channels"]["social"]["views"] == 120
    stack.invoke("PollResults")
    assert company.report(campaign)["likes"] == 5


def test_a_profile_of_a_platform_that_is_not_connected_is_refused_by_name(company: Company) -> None:
    with pytest.raises(LocalError, match="no connection knows"):
        company.campaign(
            channels=["social"],
            audience=None,
            templateId=None,
            social={"profiles": [{"platform": "facebook", "profile": PAGE}], "text": "x"},
            status="running",
        )
