"""Whatever goes wrong at a vendor of e-mail: the right outcome, and never a second request."""

from collections.abc import Callable
from typing import Any

import pytest

from clarion.channels.mailgun import MailgunChannel
from clarion.channels.sendgrid import SendGridChannel
from clarion.domain.mail import MailChannel
from clarion.domain.outcomes import Accepted, Outcome, Retry, Stop, Unknown
from tests.channels.mails import a_mail
from tests.contract_servers.mail_vendors import mailgun, sendgrid
from tests.contract_servers.server import ContractServer, Reply

NOW = 1_795_251_600.0
KEY = "very-secret-key"
VENDORS: dict[str, tuple[Any, Callable[..., MailChannel]]] = {
    "sendgrid": (sendgrid, lambda url, **options: SendGridChannel(KEY, url, now=lambda: NOW, **options)),
    "mailgun": (
        mailgun,
        lambda url, **options: MailgunChannel(KEY, "mg.acme.example", url, now=lambda: NOW, **options),
    ),
}
MAILGUN_WORDS = "Domain x is not allowed to send: account-requests-per-sec limit exceeded, try again after 120 seconds"


@pytest.fixture(params=VENDORS)
def vendor(request: pytest.FixtureRequest):
    return VENDORS[request.param]


def outcome(vendor: Any, reply: Reply, **options: Any) -> Outcome:
    contract, connect = vendor
    with ContractServer(contract(), reply) as server:
        [found] = connect(server.url, **options).send([a_mail()])
        assert (len(server.received), server.problems) == (1, [])
    result: Outcome = found
    return result


@pytest.mark.parametrize(("reply", "seconds"), [
    (Reply(429, {"Retry-After": "7"}), 7),
    (Reply(429, {"X-RateLimit-Limit": "600", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1795251615"}), 15),
    (Reply(429, body={"message": MAILGUN_WORDS}), 120),
    (Reply(429, body={"errors": [{"message": "too many requests"}]}), None),
])  # fmt: skip
def test_throttling_is_a_retry_after_what_the_vendor_asks(vendor, reply, seconds):
    found = outcome(vendor, reply)
    assert isinstance(found, Retry)
    assert (found.after_seconds, found.throttled) == (seconds, True)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_failing_server_leaves_it_unknown(vendor, status):
    assert outcome(vendor, Reply(status, {"Retry-After": "1"})) == Unknown(f"the vendor answered {status}")


def test_a_dropped_connection_leaves_it_unknown(vendor):
    assert isinstance(outcome(vendor, Reply(drop=True)), Unknown)


def test_a_slow_answer_leaves_it_unknown(vendor):
    found = outcome(vendor, Reply(hang=True), read_seconds=0.3)
    assert found == Unknown("the vendor did not answer in time")


def test_an_answer_cut_short_leaves_it_unknown(vendor):
    assert isinstance(outcome(vendor, Reply(200, {"Content-Length": "99", "Connection": "close"}, b"{")), Unknown)


def test_bad_credentials_stop_the_channel_and_are_not_repeated(vendor):
    found = outcome(vendor, Reply(401, body={"message": f"no such key: {KEY}", "errors": [{"message": f"bad {KEY}"}]}))
    assert isinstance(found, Stop)
    assert "[secret]" in found.reason
    assert KEY not in repr(found)


def test_a_redirect_stops_the_channel(vendor):
    assert isinstance(outcome(vendor, Reply(301, {"Location": "https://elsewhere.example"})), Stop)


def test_a_refused_connection_is_a_retry(vendor):
    contract, connect = vendor
    with ContractServer(contract()) as server:
        channel = connect(server.url)
    [found] = channel.send([a_mail()])
    assert isinstance(found, Retry)
    assert not found.throttled


def test_one_failure_of_a_batch_costs_no_other_mail_its_delivery(vendor):
    contract, connect = vendor
    with ContractServer(contract(), Reply(400), Reply(drop=True), Reply(429)) as server:
        found = connect(server.url).send([a_mail(number) for number in range(10)])
        assert len(server.received) == 10
    kinds = sorted(type(each).__name__ for each in found)
    assert kinds == ["Accepted"] * 7 + ["Rejected", "Retry", "Unknown"]


def test_a_key_that_no_header_can_carry_is_not_repeated():
    with pytest.raises(ValueError, match="credentials") as refusal:
        SendGridChannel(f"{KEY}\r\nX-Injected: 1")
    assert KEY not in str(refusal.value)


def test_the_adapters_keep_to_the_port(vendor):
    contract, connect = vendor
    with ContractServer(contract()) as server:
        channel: MailChannel = connect(server.url)
        assert all(isinstance(each, Accepted) for each in channel.send([a_mail()]))
        assert channel.max_batch == 10
