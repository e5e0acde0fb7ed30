"""Checking a sending domain over the API, against a DNS server on the loopback interface."""

from collections.abc import Iterator
from typing import Any

import pytest

from clarion import settings
from clarion.channels.dns import DnsLookups
from tests.channels.dns_server import dns_server
from tests.routes.conftest import EDITOR, STRANGER, VIEWER

ZONE = {
    ("example.com", "NS"): ["ns.example.com."],
    ("example.com", "TXT"): ['"v=spf1 mx ~all"'],
    ("example.com", "MX"): ["10 mail.example.com."],
    ("_dmarc.example.com", "TXT"): ['"v=DMARC1; p=none; rua=mailto:dmarc@example.com"'],
}


@pytest.fixture(autouse=True)
def _deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_CHANNEL", "smtp")
    monkeypatch.setenv("PUBLIC_URL", "https://go.example.com")
    settings.settings.cache_clear()


@pytest.fixture
def dns(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What was asked of the server."""
    with dns_server(ZONE, silent={"slow.example.com"}) as (resolver, asked):
        monkeypatch.setattr("clarion.wiring.domain_checks.dns_lookups", lambda: DnsLookups(resolver, per_answer=0.1))
        yield asked


def check(call: Any, user: str | None = EDITOR, **body: Any) -> Any:
    return call("deliverability", "check_deliverability", body={"domain": "Example.com", **body}, user=user)


def test_a_report_names_what_was_found_and_what_to_do(call: Any, dns: list[str]) -> None:
    answer = check(call, sender="news@example.com", dkimSelectors=["S1"])
    assert answer.status == 200
    report = answer.json
    assert (report["domain"], report["fromDomain"], report["vendor"]) == ("example.com", "example.com", "smtp")
    assert report["status"] == "fail"
    found = {finding["check"]: finding for finding in report["findings"]}
    assert found["dmarc.policy"]["status"] == "warn"
    assert found["dkim.s1"] == {
        "check": "dkim.s1",
        "status": "fail",
        "found": "s1._domainkey.example.com has no DKIM record",
        "advice": "Publish the record that your vendor shows for s1._domainkey.example.com.",
        "reference": "https://www.rfc-editor.org/rfc/rfc6376#section-3.6.2.2",
    }
    assert "s1._domainkey.example.com TXT" in dns


def test_silence_of_dns_is_part_of_the_report(call: Any, dns: list[str]) -> None:
    answer = check(call, returnPath="slow.example.com")
    assert answer.status == 200
    told = {finding["check"]: finding["found"] for finding in answer.json["findings"]}
    assert told["spf.record"] == "DNS did not answer in time when asked for TXT records of slow.example.com"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"domain": "localhost"}, "body.domain"),
        ({"domain": "10.0.0.1"}, "body.domain"),
        ({"sender": "nobody"}, "body.sender"),
        ({"sender": "a@host.internal"}, "body.sender"),
        ({"returnPath": "x.local"}, "body.returnPath"),
        ({"dkimSelectors": ["a b"]}, "body.dkimSelectors.0"),
        ({"dkimSelectors": ["s"] * 11}, "body.dkimSelectors"),
        ({"resolver": "127.0.0.1"}, "body.resolver"),
    ],
)
def test_a_bad_body_is_refused_by_field(call: Any, dns: list[str], body: dict[str, Any], field: str) -> None:
    answer = check(call, **body)
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, field)
    assert dns == []


def test_any_organisation_may_check_any_domain_and_learns_what_dns_tells_everybody(call: Any, dns: list[str]) -> None:
    assert check(call, user=STRANGER).json["vendor"] == "smtp"


def test_a_role_without_the_permission_is_refused(call: Any, dns: list[str]) -> None:
    assert check(call, user=VIEWER).status == 403
    assert check(call, user=None).status == 401
