"""Whatever goes wrong at a vendor: the right outcome, and never a second request.

What only may have happened is `Unknown` and left alone. An advertisement is no exception, though its outcome is a
`Retry`: it is made paused, so nobody sees it, and each attempt begins by looking for what an earlier one made.
"""

from typing import Any

import pytest

from clarion.channels.sendgrid import SendGridChannel
from clarion.domain.outcomes import Accepted, Outcome, Retry, Stop, Unknown
from tests.channels.http_vendors import (
    NOW,
    SECRET,
    VENDORS,
    HttpVendor,
    mail_channel_of_mailgun,
    mail_channel_of_sendgrid,
    text_channel_of_twilio,
)
from tests.channels.mails import a_mail
from tests.channels.texts import a_text
from tests.contract_servers.mail_vendors import mailgun, sendgrid
from tests.contract_servers.server import ContractServer, Reply
from tests.contract_servers.text_vendors import twilio

SOON = {"X-RateLimit-Limit": "600", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOW) + 15)}
MAILGUN_WORDS = "Domain x is not allowed to send: account-requests-per-sec limit exceeded, try again after 120 seconds"


@pytest.fixture(params=VENDORS)
def vendor(request: pytest.FixtureRequest) -> HttpVendor:
    return VENDORS[request.param]


def outcome(vendor: HttpVendor, reply: Reply) -> Outcome:
    """Of one attempt whose decisive request, made once, is answered by ``reply``."""
    with vendor.server({vendor.call: reply}) as server:
        found = vendor.act(server.url, server.patience)
        assert (len(server.calls(vendor.call)), server.problems) == (1, [])
    return found


def refused(status: int, body: Any, **headers: str) -> Reply:
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def graph_error(code: int, **more: Any) -> dict[str, Any]:
    return {"error": {"message": f"(#{code}) no", "type": "OAuthException", "code": code, **more}}


def google_error(kind: str, code: str, **details: Any) -> dict[str, Any]:
    named = {"errorCode": {kind: code}, "message": "no", "details": details}
    detail = {"@type": "type.googleapis.com/google.ads.googleads.v25.errors.GoogleAdsFailure", "errors": [named]}
    return {"error": {"message": "no", "status": "RESOURCE_EXHAUSTED", "details": [detail]}}


def usage(minutes: int) -> str:
    """Meta's header of how far its limits are used up."""
    return f'{{"42": [{{"type": "ads_management", "estimated_time_to_regain_access": {minutes}}}]}}'


def test_what_goes_well_is_one_request_within_the_contract(vendor):
    with vendor.server() as server:
        assert isinstance(vendor.act(server.url, server.patience), Accepted)
        assert (len(server.calls(vendor.call)), server.problems) == (1, [])


def test_throttling_is_a_retry_after_what_the_vendor_asks(vendor):
    found = outcome(vendor, Reply(429, {"Retry-After": "7"}))
    assert isinstance(found, Retry)
    assert (found.after_seconds, found.throttled) == (7, True)


@pytest.mark.parametrize(("name", "reply", "seconds"), [
    ("sendgrid", refused(429, {"errors": [{"message": "too many requests"}]}, **SOON), 15),
    ("sendgrid", refused(429, {"errors": [{"message": "too many requests"}]}), None),
    ("mailgun", refused(429, {"message": MAILGUN_WORDS}), 120),
    ("twilio", refused(429, {"code": 20429, "message": "Too Many Requests"}, Twilio_Concurrent_Requests="50"), None),
    ("facebook_page", refused(400, graph_error(32), X_Business_Use_Case_Usage=usage(3)), 180),
    ("instagram", refused(403, graph_error(4, is_transient=True), X_Business_Use_Case_Usage=usage(2)), 120),
    ("linkedin", refused(429, {"message": "Resource level throttle MEMBER DAY limit reached"}), 36_000),
    ("x", refused(429, {"title": "Too Many Requests"}, x_rate_limit_remaining="0", x_rate_limit_reset="1795269660"),
     60),
    ("meta_ads", refused(400, graph_error(80004), X_Business_Use_Case_Usage=usage(5)), 300),
    ("google_ads", refused(429, google_error(
        "quotaError", "RESOURCE_TEMPORARILY_EXHAUSTED", quotaErrorDetails={"retryDelay": "5s"})), 5),
])  # fmt: skip
def test_throttling_in_the_vendors_own_words_is_the_same(name, reply, seconds):
    found = outcome(VENDORS[name], reply)
    assert isinstance(found, Retry)
    assert (found.after_seconds, found.throttled) == (seconds, True)


@pytest.mark.parametrize("reply", [
    *(pytest.param(Reply(status, {"Retry-After": "1"}), id=str(status)) for status in (500, 502, 503, 504)),
    pytest.param(Reply(drop=True), id="dropped connection"),
    pytest.param(Reply(hang=True), id="slow answer"),
    pytest.param(Reply(200, {"Content-Length": "99", "Connection": "close"}, b"{"), id="answer cut short"),
])  # fmt: skip
def test_what_may_have_happened_is_unknown_and_not_repeated(vendor, reply):
    found = outcome(vendor, reply)
    assert isinstance(found, Retry if vendor.looks_first else Unknown)
    assert not isinstance(found, Retry) or not found.throttled


@pytest.mark.parametrize("reply", [Reply(503), Reply(drop=True), Reply(hang=True)], ids=["503", "dropped", "slow"])
@pytest.mark.parametrize("name", [name for name, vendor in VENDORS.items() if vendor.looks_first])
def test_what_looks_first_makes_nothing_a_second_time(name, reply):
    vendor = VENDORS[name]
    with vendor.server({vendor.call: reply}) as server:
        assert isinstance(vendor.act(server.url, server.patience), Retry)
        server.answer(vendor.found or {})
        assert isinstance(vendor.act(server.url, server.patience), Accepted)
        assert (len(server.calls(vendor.call)), server.problems) == (1, [])


def test_a_refused_connection_is_a_retry(vendor):
    with vendor.server() as server:
        gone = server.url
    found = vendor.act(gone, 10)
    assert isinstance(found, Retry)
    assert not found.throttled


TOLD = f"no such credential: {SECRET}"


@pytest.mark.parametrize(("name", "reply"), [
    ("sendgrid", refused(401, {"errors": [{"message": TOLD}]})),
    ("mailgun", refused(401, {"message": TOLD})),
    ("twilio", refused(401, {"code": 20003, "message": TOLD})),
    ("facebook_page", refused(401, graph_error(190, message=TOLD))),
    ("instagram", refused(400, graph_error(190, message=TOLD, error_subcode=463))),
    ("linkedin", refused(401, {"message": TOLD, "serviceErrorCode": 65600})),
    ("x", refused(401, {"title": "Unauthorized", "detail": TOLD})),
    ("meta_ads", refused(403, graph_error(200, message=TOLD))),
    ("google_ads", refused(401, {"error": {"message": TOLD, "status": "UNAUTHENTICATED"}})),
])  # fmt: skip
def test_bad_credentials_stop_the_channel_and_are_not_told(name, reply):
    found = outcome(VENDORS[name], reply)
    assert isinstance(found, Stop)
    assert "[secret]" in found.reason
    assert SECRET not in repr(found)


def test_a_redirect_stops_the_channel(vendor):
    assert isinstance(outcome(vendor, Reply(301, {"Location": "https://elsewhere.example"})), Stop)


@pytest.mark.parametrize(("contract", "connect", "a_message"), [
    pytest.param(sendgrid, mail_channel_of_sendgrid, a_mail, id="sendgrid"),
    pytest.param(mailgun, mail_channel_of_mailgun, a_mail, id="mailgun"),
    pytest.param(twilio, text_channel_of_twilio, a_text, id="twilio"),
])  # fmt: skip
def test_one_failure_of_a_batch_costs_no_other_message_its_delivery(contract, connect, a_message):
    refusal = Reply(400, body={"code": 21211, "message": "Invalid 'To' Phone Number"})
    with ContractServer(contract(), refusal, Reply(drop=True), Reply(429)) as server:
        channel = connect(server.url)
        found = channel.send([a_message(number) for number in range(10)])
        assert (channel.send([]), len(server.received), channel.max_batch) == ([], 10, 10)
    assert sorted(type(each).__name__ for each in found) == ["Accepted"] * 7 + ["Rejected", "Retry", "Unknown"]


def test_a_key_that_no_header_can_carry_is_not_repeated():
    with pytest.raises(ValueError, match="credentials") as refusal:
        SendGridChannel(f"{SECRET}\r\nX-Injected: 1")
    assert SECRET not in str(refusal.value)
