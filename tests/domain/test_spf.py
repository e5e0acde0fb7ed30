"""Judging SPF records."""

import pytest

from clarion.domain.finding import Finding
from clarion.domain.spf import judge_spf
from tests.fakes.dns import DnsInMemory

SES = {"amazonses.com": ["v=spf1 ip4:199.255.192.0/22 ip4:54.240.0.0/18 ~all"]}


def judged(record: str | list[str] | None, vendor: str | None = None, **others: str) -> dict[str, Finding]:
    """Findings by check for a record of example.com; ``others`` are records of ``<name>.example.net``."""
    records = [record] if isinstance(record, str) else record or []
    texts = {"example.com": records, **SES, **{f"{name}.example.net": [text] for name, text in others.items()}}
    findings = judge_spf("example.com", DnsInMemory(texts).texts, vendor, decides=True)
    assert len({finding.check for finding in findings}) == len(findings)
    return {finding.check: finding for finding in findings}


def statuses(findings: dict[str, Finding]) -> dict[str, str]:
    return {check: finding.status for check, finding in findings.items()}


def test_a_good_record_passes_everything() -> None:
    found = judged("v=spf1 include:amazonses.com -all", "ses")
    assert statuses(found) == dict.fromkeys(("spf.record", "spf.lookups", "spf.all", "spf.vendor"), "pass")
    assert found["spf.lookups"].found == "the record takes 1 DNS lookups of 10"


def test_no_record_fails_and_the_advice_is_one_that_can_be_published() -> None:
    found = judged(["google-site-verification=x", "v=spf10 -all"], "ses")["spf.record"]
    assert (found.status, '"v=spf1 include:amazonses.com ~all"' in found.advice) == ("fail", True)


def test_a_missing_record_that_receivers_do_not_ask_for_is_a_warning() -> None:
    (found,) = judge_spf("example.com", DnsInMemory().texts, "ses", decides=False)
    assert found.status == "warn"


def test_two_records_are_none() -> None:
    assert statuses(judged(["v=spf1 -all", "V=SPF1 ~all"])) == {"spf.record": "fail"}


def test_the_vendors_include_counts_wherever_it_is_reached() -> None:
    assert (
        judged("v=spf1 include:a.example.net ~all", "ses", a="v=spf1 include:amazonses.com ?all")["spf.vendor"].status
        == "pass"
    )
    missing = judged("v=spf1 mx ~all", "ses")["spf.vendor"]
    assert (missing.status, "include:amazonses.com" in missing.advice) == ("fail", True)
    assert "spf.vendor" not in judged("v=spf1 mx ~all", "smtp")


@pytest.mark.parametrize(
    ("end", "status"),
    [("-all", "pass"), ("~all", "pass"), ("?all", "warn"), ("all", "fail"), ("+ALL", "fail"), ("", "warn")],
)
def test_what_is_said_of_all_other_hosts_is_judged(end: str, status: str) -> None:
    assert judged(f"v=spf1 mx {end}")["spf.all"].status == status


def test_a_redirect_brings_the_end_and_an_include_does_not() -> None:
    assert judged("v=spf1 redirect=a.example.net", a="v=spf1 mx -all")["spf.all"].status == "pass"
    assert judged("v=spf1 include:a.example.net", a="v=spf1 mx -all")["spf.all"].status == "warn"
    assert judged("v=spf1 ~all redirect=gone.example.net").get("spf.syntax") is None


def test_lookups_of_included_records_count() -> None:
    nested = "v=spf1 a mx ptr exists:%{i}.example.net include:b.example.net ~all"
    found = judged("v=spf1 include:a.example.net a:x.com mx/24 ~all", a=nested, b="v=spf1 a mx ip4:192.0.2.1 -all")
    assert (found["spf.lookups"].found, found["spf.lookups"].status) == (
        "the record takes 10 DNS lookups of 10",
        "pass",
    )
    found = judged("v=spf1 include:a.example.net a:x.com a:y.com mx/24 ~all", a=nested, b="v=spf1 a mx -all")
    assert found["spf.lookups"].status == "fail"


@pytest.mark.parametrize(
    ("record", "fault"),
    [
        ("v=spf1 ip4:192.0.2.300 ~all", "'ip4:192.0.2.300' names no network"),
        ("v=spf1 ip4:2001:db8::1 ~all", "network of the other kind"),
        ("v=spf1 include ~all", "'include' is no SPF term"),
        ("v=spf1 includes:amazonses.com ~all", "'includes:amazonses.com' is no SPF term"),
        ("v=spf1 - ~all", "'-' is no SPF term"),
        ("v=spf1 include:gone.example.net ~all", "gone.example.net has no SPF record"),
        ("v=spf1 include:localhost ~all", "'localhost' is no domain name"),
        ("v=spf1 include:169.254.169.254 ~all", "'169.254.169.254' is no domain name"),
        ("v=spf1 include:a.example.net ~all", "example.com includes itself"),
    ],
)
def test_a_fault_anywhere_breaks_the_record(record: str, fault: str) -> None:
    found = judged(record, a="v=spf1 include:example.com ~all")["spf.syntax"]
    assert (found.status, fault in found.found) == ("fail", True)


def test_one_record_included_on_two_ways_is_no_fault() -> None:
    found = judged(
        "v=spf1 include:a.example.net include:b.example.net ~all",
        a="v=spf1 include:amazonses.com ~all",
        b="v=spf1 include:amazonses.com ~all",
    )
    assert ("spf.syntax" in found, found["spf.lookups"].found) == (False, "the record takes 4 DNS lookups of 10")


def test_a_record_that_never_ends_is_given_up() -> None:
    texts = {f"n{n}.example.net": [f"v=spf1 include:n{n + 1}.example.net a a a -all"] for n in range(100)}
    dns = DnsInMemory({"example.com": ["v=spf1 include:n0.example.net -all"], **texts})
    findings = {finding.check: finding for finding in judge_spf("example.com", dns.texts, None, decides=True)}
    assert findings["spf.lookups"].status == "fail"
    assert len(dns.asked) <= 32


def test_silence_of_dns_is_reported_as_that() -> None:
    dns = DnsInMemory({"example.com": ["v=spf1 include:amazonses.com ~all"]}, silent=["amazonses.com"])
    findings = judge_spf("example.com", dns.texts, "ses", decides=True)
    told = {finding.check: finding.status for finding in findings}
    assert (told["spf.include"], told["spf.vendor"], "spf.syntax" in told) == ("warn", "pass", False)
    (alone,) = judge_spf("example.com", DnsInMemory(silent=["example.com"]).texts, "ses", decides=True)
    assert (alone.status, "did not answer" in alone.found) == ("warn", True)
