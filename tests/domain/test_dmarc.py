"""Judging DMARC policies."""

import pytest

from clarion.domain.dmarc import Alignment, judge_dmarc
from clarion.domain.finding import Finding
from tests.fakes.dns import DnsInMemory

GOOD = "v=DMARC1; p=reject; rua=mailto:dmarc@example.com"


def judged(record: str, domain: str = "example.com", texts: dict[str, list[str]] | None = None) -> dict[str, Finding]:
    findings, _ = judge_dmarc(domain, DnsInMemory({"_dmarc.example.com": [record], **(texts or {})}).texts)
    return {finding.check: finding for finding in findings}


def test_a_good_policy_passes_everything() -> None:
    assert {finding.status for finding in judged(GOOD).values()} == {"pass"}


def test_a_subdomain_without_a_policy_has_that_of_its_organisation() -> None:
    found = judged("v=DMARC1; p=reject; sp=none; rua=mailto:d@example.com", "news.example.com")
    assert found["dmarc.record"].found.startswith("_dmarc.example.com: v=DMARC1")
    assert (found["dmarc.policy"].status, found["dmarc.policy"].found[:7]) == ("warn", "sp=none")
    assert judged(GOOD, "news.example.com")["dmarc.policy"].found == "p=reject"
    own = judged(GOOD, "news.example.com", {"_dmarc.news.example.com": ["v=DMARC1; p=quarantine"]})
    assert own["dmarc.policy"].found == "p=quarantine"


def test_no_policy_fails_with_one_to_publish() -> None:
    (found,), alignment = judge_dmarc("news.example.com", DnsInMemory({"_dmarc.example.com": ["v=spf1 -all"]}).texts)
    assert (found.status, "v=DMARC1; p=none" in found.advice, alignment) == ("fail", True, Alignment())
    assert "_dmarc.news.example.com or _dmarc.example.com" in found.found


def test_two_policies_are_none() -> None:
    (found,), _ = judge_dmarc("example.com", DnsInMemory({"_dmarc.example.com": [GOOD, GOOD]}).texts)
    assert (found.check, found.status) == ("dmarc.record", "fail")


@pytest.mark.parametrize(
    ("tags", "check", "status"),
    [
        ("p=none; rua=mailto:d@example.com", "dmarc.policy", "warn"),
        ("p=quarantine", "dmarc.policy", "pass"),
        ("p=Reject", "dmarc.policy", "pass"),
        ("p=block", "dmarc.policy", "fail"),
        ("rua=mailto:d@example.com", "dmarc.policy", "fail"),
        ("p=none", "dmarc.reports", "warn"),
        ("p=none; rua=d@example.com", "dmarc.reports", "fail"),
        ("p=none; rua=mailto:d@localhost", "dmarc.reports", "fail"),
        ("p=none; rua=mailto:d@rua.example.com!10m", "dmarc.reports", "pass"),
        ("p=none; rua=mailto:d@reports.net", "dmarc.reports", "warn"),
        ("p=none; rua=mailto:d@reports.org", "dmarc.reports", "pass"),
        ("p=reject; pct=50", "dmarc.share", "warn"),
        ("p=reject; adkim=strict", "dmarc.alignment", "fail"),
    ],
)
def test_each_tag_is_judged(tags: str, check: str, status: str) -> None:
    takes = {"example.com._report._dmarc.reports.org": ["v=DMARC1"]}
    found = judged(f"v=DMARC1; {tags}", texts=takes)[check]
    assert (found.status, bool(found.advice)) == (status, status != "pass")


def test_strict_alignment_is_read() -> None:
    texts = DnsInMemory({"_dmarc.example.com": ["v = DMARC1 ; p=none; adkim=s ; aspf=r"]}).texts
    assert judge_dmarc("example.com", texts)[1] == Alignment(strict_dkim=True, strict_spf=False)


def test_silence_of_dns_is_reported_as_that() -> None:
    (found,), _ = judge_dmarc("example.com", DnsInMemory(silent=["_dmarc.example.com"]).texts)
    assert (found.check, found.status) == ("dmarc.record", "warn")
    name = "example.com._report._dmarc.reports.net"
    dns = DnsInMemory({"_dmarc.example.com": ["v=DMARC1; p=reject; rua=mailto:d@reports.net"]}, silent=[name])
    assert {finding.check: finding.status for finding in judge_dmarc("example.com", dns.texts)[0]}[
        "dmarc.reports"
    ] == "warn"
