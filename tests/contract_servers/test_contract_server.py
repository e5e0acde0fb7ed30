"""The stand-in finds what the vendor would refuse, and misbehaves when told to."""

from collections.abc import Iterator
from typing import Any

import pytest
import urllib3

from tests.contract_servers.mail_vendors import mailgun, sendgrid
from tests.contract_servers.server import ContractServer, Reply

AUTHORISED = {"Authorization": "Bearer SG.key"}
MAIL: dict[str, Any] = {
    "personalizations": [{"to": [{"email": "a@example.com"}]}],
    "from": {"email": "b@example.com"},
    "content": [{"type": "text/plain", "value": "Hello"}],
}
FORM = {"to": "a@example.com", "message": ("m.mime", b"Subject: \xff", "application/octet-stream"), "v:org": "acme"}
BASIC = urllib3.make_headers(basic_auth="api:key")


@pytest.fixture
def http() -> Iterator[urllib3.PoolManager]:
    with urllib3.PoolManager(retries=False, timeout=2) as pools:
        yield pools


def post(http: urllib3.PoolManager, server: ContractServer, mail: Any, headers: Any = AUTHORISED) -> int:
    return http.request("POST", f"{server.url}/v3/mail/send", json=mail, headers=headers).status


def test_a_request_within_the_contract_gets_the_documented_answer(http):
    with ContractServer(sendgrid()) as server:
        assert post(http, server, MAIL) == 202
    assert server.problems == []
    assert server.received[0].body == MAIL


@pytest.mark.parametrize(("changes", "complaint"), [
    ({"form": 1}, "'form' was unexpected"),
    ({"from": {"email": "b@example.com", "nmae": "B"}}, "'nmae' was unexpected"),
    ({"personalizations": [{"to": "a@example.com"}]}, "is not of type 'array'"),
    ({"personalizations": MAIL["personalizations"] * 1001}, "is too long"),
    ({"content": [{"type": "text/plain", "value": ""}]}, "should be non-empty"),
    ({"tracking_settings": {"click_tracking": {"enabled": False}}}, "'enabled' was unexpected"),
])  # fmt: skip
def test_a_request_outside_the_contract_is_found_out(http, changes, complaint):
    with ContractServer(sendgrid()) as server:
        assert post(http, server, MAIL | changes) == 422
    assert complaint in server.problems[0]


def test_a_missing_key_and_an_unknown_operation_are_found_out(http):
    with ContractServer(sendgrid()) as server:
        assert post(http, server, MAIL, headers={}) == 422
        assert http.request("POST", f"{server.url}/v3/mail/sent", json=MAIL, headers=AUTHORISED).status == 404
    assert "SecurityNotFound" in server.problems[0]
    assert "PathNotFound" in server.problems[1]


def test_a_form_is_compared_field_by_field(http):
    with ContractServer(mailgun()) as server:
        url = f"{server.url}/v3/acme.example/messages.mime"
        assert http.request("POST", url, fields=FORM, headers=BASIC).status == 200
        assert server.problems == []
        assert http.request("POST", url, fields={**FORM, "o:trackin": "no"}, headers=BASIC).status == 422
        assert http.request("POST", url, fields={**FORM, "o:tracking": "never"}, headers=BASIC).status == 422
        assert http.request("POST", url, fields={"message": FORM["message"]}, headers=BASIC).status == 422
    assert any("unknown form field 'o:trackin'" in problem for problem in server.problems)
    assert any("'never' is not one of" in problem for problem in server.problems)
    assert any("missing form field 'to'" in problem for problem in server.problems)
    assert server.received[0].body["message"] == [b"Subject: \xff"]


def test_it_answers_as_scripted(http):
    with ContractServer(sendgrid(), Reply(429, {"Retry-After": "7"}, {"errors": []})) as server:
        answer = http.request("POST", f"{server.url}/v3/mail/send", json=MAIL, headers=AUTHORISED)
        assert (answer.status, answer.headers["Retry-After"], answer.json()) == (429, "7", {"errors": []})
        assert post(http, server, MAIL) == 202


def test_it_drops_and_hangs_as_scripted(http):
    with ContractServer(sendgrid(), Reply(drop=True), Reply(hang=True)) as server:
        with pytest.raises(urllib3.exceptions.ProtocolError):
            post(http, server, MAIL)
        with pytest.raises(urllib3.exceptions.ReadTimeoutError):
            http.request("POST", f"{server.url}/v3/mail/send", json=MAIL, headers=AUTHORISED, timeout=0.2)
    assert len(server.received) == 2
