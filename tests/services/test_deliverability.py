"""Checking a sending domain: what is asked, what is judged, and what is not known."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from clarion.domain.deliverability import Report
from clarion.domain.errors import Invalid
from clarion.domain.sending_identity import SendingIdentity
from clarion.services.deliverability import DeliverabilityService, MailPlatform
from tests.domain.test_dkim import STRONG
from tests.fakes.dns import DnsInMemory

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
KEY = f"v=DKIM1; k=rsa; p={STRONG}"
TEXTS = {
    "example.com": ["v=spf1 include:spf.example.net ~all"],
    "spf.example.net": ["v=spf1 ip4:192.0.2.0/24 -all"],
    "bounce.example.com": ["v=spf1 include:amazonses.com ~all"],
    "amazonses.com": ["v=spf1 ip4:199.255.192.0/22 -all"],
    "_dmarc.example.com": ["v=DMARC1; p=reject; rua=mailto:dmarc@example.com"],
    "t1._domainkey.example.com": [KEY],
    "s1._domainkey.example.com": [KEY],
}
HOSTS = {"example.com": ["mail.example.com"], "bounce.example.com": ["feedback-smtp.eu-west-1.amazonses.com"]}
IDENTITY = SendingIdentity(("t1",), signs=True, signing="SUCCESS", mail_from="bounce.example.com")


class IdentitiesInMemory:
    def __init__(self, known: dict[str, SendingIdentity]) -> None:
        self._known = known
        self.asked: list[str] = []

    def of(self, domain: str) -> SendingIdentity | None:
        self.asked.append(domain)
        return self._known.get(domain)


class Office:
    """An organisation on the deployment's SES, whose domain is set up well."""

    def __init__(self) -> None:
        self.dns = DnsInMemory(TEXTS, HOSTS)
        self.platform = MailPlatform("ses", deployed=True)
        self.identities = IdentitiesInMemory({"example.com": IDENTITY})
        self.public_url = "https://go.example.com"

    def check(
        self,
        domain: str = "example.com",
        sender: str | None = None,
        return_path: str | None = None,
        selectors: Sequence[str] = (),
    ) -> Report:
        service = DeliverabilityService(
            lambda: self.dns, lambda _: self.platform, self.identities, self.public_url, lambda: NOW
        )
        return service.check("acme", domain, sender, return_path, selectors)

    def statuses(self, *arguments: Any, **options: Any) -> dict[str, str]:
        return {finding.check: finding.status for finding in self.check(*arguments, **options).findings}


@pytest.fixture
def office() -> Office:
    return Office()


def test_a_domain_that_is_set_up_well_passes(office: Office) -> None:
    report = office.check()
    assert (report.status, report.vendor, report.return_path) == ("pass", "ses", "bounce.example.com")
    assert (report.domain, report.from_domain, report.checked_at) == ("example.com", "example.com", NOW)
    assert [finding.check for finding in report.findings] == [
        *("spf.record", "spf.lookups", "spf.all", "spf.vendor"),
        *("dkim.t1", "alignment.dkim"),
        *("dmarc.record", "dmarc.policy", "dmarc.reports"),
        *("mx.return_path", "alignment.spf", "mx.from"),
        *("one_click", "tracking.host"),
    ]
    assert all(finding.reference.startswith("https://") for finding in report.findings)


def test_the_organisational_domain_is_enough_for_alignment_unless_the_record_is_strict(office: Office) -> None:
    found = office.statuses(sender="news@mail.example.com")
    assert (found["alignment.dkim"], found["alignment.spf"]) == ("pass", "pass")
    office.dns = DnsInMemory({**TEXTS, "_dmarc.mail.example.com": ["v=DMARC1; p=reject; adkim=s; aspf=s"]}, HOSTS)
    found = office.statuses(sender="news@mail.example.com")
    assert (found["alignment.dkim"], found["alignment.spf"]) == ("fail", "warn")


def test_a_sender_of_another_organisation_is_not_aligned(office: Office) -> None:
    found = office.statuses(sender="ann@example.co.uk")
    assert (found["alignment.dkim"], found["alignment.spf"], found["dmarc.record"]) == ("fail", "warn", "fail")


def test_without_a_mail_from_domain_spf_speaks_for_ses_alone(office: Office) -> None:
    office.identities = IdentitiesInMemory({"example.com": IDENTITY._replace(mail_from="")})
    report = office.check()
    told = {finding.check: finding for finding in report.findings}
    assert (report.return_path, told["alignment.spf"].status) == (None, "warn")
    assert "bounce.example.com" in told["alignment.spf"].advice
    assert "spf.vendor" not in told


def test_a_return_path_that_takes_no_bounces_fails(office: Office) -> None:
    office.dns = DnsInMemory(TEXTS, {"example.com": ["mail.example.com"]})
    assert office.statuses()["mx.return_path"] == "fail"
    office.dns = DnsInMemory(TEXTS, {**HOSTS, "bounce.example.com": ["mail.example.com"]})
    assert office.statuses()["mx.return_path"] == "fail"


def test_ses_that_does_not_sign_fails(office: Office) -> None:
    office.identities = IdentitiesInMemory({"example.com": IDENTITY._replace(signs=False, signing="PENDING")})
    assert office.statuses()["dkim.signing"] == "fail"


def test_a_key_that_was_not_published_is_asked_for_by_its_name(office: Office) -> None:
    office.identities = IdentitiesInMemory({"example.com": IDENTITY._replace(selectors=("t9",))})
    told = {finding.check: finding for finding in office.check().findings}["dkim.t9"]
    assert (told.status, "CNAME record at t9._domainkey.example.com" in told.advice) == ("fail", True)


def test_given_selectors_and_return_path_count_before_what_is_known(office: Office) -> None:
    report = office.check(selectors=["s1"], return_path="Bounce.Example.com.")
    checks = {finding.check for finding in report.findings}
    assert report.return_path == "bounce.example.com"
    assert "dkim.s1" in checks
    assert "dkim.t1" not in checks


def test_an_organisations_own_vendor_is_judged_by_its_own_rules_and_ses_is_not_asked(office: Office) -> None:
    office.platform = MailPlatform("sendgrid", deployed=False)
    found = office.statuses()
    assert (found["dkim.s1"], found["dkim.s2"], found["alignment.spf"]) == ("pass", "fail", "warn")
    assert office.identities.asked == []
    office.platform = MailPlatform("mailgun", deployed=False)
    found = office.statuses()
    assert (found["spf.vendor"], found["dkim.selectors"], found["alignment.spf"]) == ("fail", "warn", "pass")
    office.platform = MailPlatform("ses", deployed=False)
    assert office.statuses()["dkim.selectors"] == "warn"
    assert office.identities.asked == []


def test_smtp_and_no_vendor_need_selectors_to_be_named(office: Office) -> None:
    office.platform = MailPlatform("smtp", deployed=True)
    found = office.statuses(selectors=["s1"])
    assert (found["dkim.s1"], found["alignment.spf"], "spf.vendor" in found) == ("pass", "pass", False)
    office.platform = MailPlatform(None, deployed=True)
    assert office.statuses()["dkim.selectors"] == "warn"


def test_a_sender_that_takes_no_mail_is_told(office: Office) -> None:
    office.dns = DnsInMemory(TEXTS, {**HOSTS, "example.com": [""]})
    assert office.statuses()["mx.from"] == "fail"
    office.dns = DnsInMemory(TEXTS, {"bounce.example.com": HOSTS["bounce.example.com"]})
    assert office.statuses()["mx.from"] == "warn"


@pytest.mark.parametrize(
    ("url", "one_click", "host"),
    [
        ("https://links.example.com", "pass", "pass"),
        ("https://abc.execute-api.eu-west-1.amazonaws.com", "pass", "warn"),
        ("http://go.example.com", "fail", None),
        ("", "fail", None),
    ],
)
def test_one_click_takes_https_and_a_host_of_the_senders_organisation(
    office: Office, url: str, one_click: str, host: str | None
) -> None:
    office.public_url = url
    found = office.statuses()
    assert (found["one_click"], found.get("tracking.host")) == (one_click, host)


def test_a_domain_that_is_not_there_is_all_that_is_told(office: Office) -> None:
    assert office.statuses("nowhere.com") == {"domain": "fail"}


def test_silence_of_dns_is_a_warning_and_the_rest_goes_on(office: Office) -> None:
    silent = ["bounce.example.com", "_dmarc.example.com", "t1._domainkey.example.com"]
    office.dns = DnsInMemory(TEXTS, HOSTS, silent=silent)
    report = office.check()
    told = {finding.check: finding for finding in report.findings}
    assert report.status == "warn"
    for check in ("spf.record", "dkim.t1", "dmarc.record", "mx.return_path"):
        assert (told[check].status, "did not answer" in told[check].found) == ("warn", True)
    office.dns = DnsInMemory(TEXTS, HOSTS, silent=["example.com"])
    assert office.statuses() == {"domain": "warn"}


@pytest.mark.parametrize("domain", ["localhost", "169.254.169.254", "vault.internal", "com", "x y", "example.com/x"])
def test_nothing_is_asked_of_what_is_no_public_domain(office: Office, domain: str) -> None:
    for arguments in ({"domain": domain}, {"return_path": domain}, {"sender": f"a@{domain}"}):
        with pytest.raises(Invalid):
            office.check(**arguments)
    assert office.dns.asked == []
    assert office.identities.asked == []


def test_a_record_cannot_make_the_check_ask_for_inner_names(office: Office) -> None:
    inner = "v=spf1 include:metadata.internal include:127.0.0.1 redirect=localhost"
    dmarc = "v=DMARC1; p=none; rua=mailto:a@db.local"
    office.dns = DnsInMemory({**TEXTS, "bounce.example.com": [inner], "_dmarc.example.com": [dmarc]}, HOSTS)
    office.check()
    assert all(name.endswith((".com", ".net")) for name in office.dns.asked)
