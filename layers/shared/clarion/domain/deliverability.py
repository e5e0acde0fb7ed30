"""Judging how a domain sends beside its SPF, DKIM and DMARC records: return path, alignment, replies, one click."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from clarion.domain.dmarc import RFC as DMARC
from clarion.domain.dmarc import Alignment
from clarion.domain.domain_names import organisational_domain
from clarion.domain.finding import DnsUnanswered, Finding, Status, unanswered
from clarion.domain.model import Model
from clarion.domain.sending_identity import SendingIdentity

_SMTP = "https://www.rfc-editor.org/rfc/rfc5321#section-5.1"
_NULL_MX = "https://www.rfc-editor.org/rfc/rfc7505"
_ONE_CLICK = "https://www.rfc-editor.org/rfc/rfc8058"
_DKIM = "https://www.rfc-editor.org/rfc/rfc6376"
_SPF = "https://www.rfc-editor.org/rfc/rfc7208#section-2.4"
_SES_MAIL_FROM = "https://docs.aws.amazon.com/ses/latest/dg/mail-from.html"
_SES_BOUNCES = ("feedback-smtp.", ".amazonses.com")

MailHosts = Callable[[str], Sequence[str]]
"""Hosts of a name's MX records, the preferred one first; an empty one is the null MX. Raises DnsUnanswered."""


class Setup(NamedTuple):
    """What is to be judged. All names are in ASCII; ``vendor`` is a platform (``ses``) or None where nobody knows.

    ``return_path`` is the domain that bounces go to and SPF is asked of; None where it is not known, and ``vendors``
    where it is the vendor's own.
    """

    domain: str
    from_domain: str
    vendor: str | None
    return_path: str | None
    vendors_path: bool = False


class Report(Model):
    """``status`` is that of the worst finding."""

    domain: str
    from_domain: str
    vendor: str | None
    return_path: str | None
    status: Status
    findings: tuple[Finding, ...]
    checked_at: datetime


def judge_from(setup: Setup, mail_hosts: MailHosts) -> list[Finding]:
    """Whether replies find their way: some receivers refuse senders that take no mail themselves."""
    try:
        hosts = mail_hosts(setup.from_domain)
    except DnsUnanswered as error:
        return [unanswered("mx.from", error, _SMTP)]
    if "" in hosts:
        found = f"{setup.from_domain} says that it takes no mail (null MX)"
        advice = "Send from a domain that takes mail, or remove the null MX: receivers refuse such senders."
        return [_finding("mx.from", "fail", found, advice, _NULL_MX)]
    if not hosts:
        advice = "Publish an MX record, so that replies arrive and receivers trust the sender."
        return [_finding("mx.from", "warn", f"{setup.from_domain} has no MX record", advice, _SMTP)]
    return [_finding("mx.from", "pass", f"{setup.from_domain} takes mail at {_names(hosts)}", "", _SMTP)]


def judge_return_path(setup: Setup, alignment: Alignment, mail_hosts: MailHosts) -> list[Finding]:
    """Whether bounces arrive, and whether SPF speaks for the From domain."""
    path = setup.return_path
    if setup.vendors_path:
        found = "bounces go to the vendor's own domain, so SPF passes for the vendor and not for you"
        advice = "DMARC rests on DKIM alone. Set a custom MAIL FROM domain, such as "
        advice += f"bounce.{setup.domain}, to have both."
        return [_finding("alignment.spf", "warn", found, advice, _SES_MAIL_FROM)]
    if path is None:
        advice = "Look at Return-Path in a message that arrived, and check again with its domain as returnPath."
        return [_finding("alignment.spf", "warn", "the return path's domain is not known", advice, _SPF)]
    return [*_bounces(setup, path, mail_hosts), _spf_alignment(setup.from_domain, path, alignment)]


def _bounces(setup: Setup, path: str, mail_hosts: MailHosts) -> list[Finding]:
    if path == setup.from_domain:
        return []  # its MX is judged as that of the From domain
    try:
        hosts = mail_hosts(path)
    except DnsUnanswered as error:
        return [unanswered("mx.return_path", error, _SMTP)]
    if not hosts or "" in hosts:
        advice = "Publish the MX record that your vendor names for it: bounces have nowhere to go."
        return [_finding("mx.return_path", "fail", f"{path} has no MX record", advice, _SMTP)]
    start, end = _SES_BOUNCES
    if setup.vendor == "ses" and not all(host.startswith(start) and host.endswith(end) for host in hosts):
        advice = "Leave one MX record there: 10 feedback-smtp.<region>.amazonses.com. With another SES falls back to a "
        advice += "return path of its own."
        return [_finding("mx.return_path", "fail", f"{path} has {_names(hosts)}", advice, _SES_MAIL_FROM)]
    return [_finding("mx.return_path", "pass", f"{path} takes bounces at {_names(hosts)}", "", _SMTP)]


def _spf_alignment(from_domain: str, path: str, alignment: Alignment) -> Finding:
    if _aligned(from_domain, path, strict=alignment.strict_spf):
        return _finding("alignment.spf", "pass", f"{path} is aligned with {from_domain}", "", f"{DMARC}#section-3.1.2")
    found = f"the return path {path} is not aligned with {from_domain}{_strictly(alignment.strict_spf)}"
    advice = "DMARC rests on DKIM alone. Use a return path below the From domain"
    advice += ", or aspf=r in the DMARC record." if alignment.strict_spf else "."
    return _finding("alignment.spf", "warn", found, advice, f"{DMARC}#section-3.1.2")


def judge_signing(setup: Setup, alignment: Alignment, identity: SendingIdentity | None) -> list[Finding]:
    """Whether DKIM speaks for the From domain, and whether SES signs at all."""
    findings = []
    if identity is not None and not identity.signs:
        advice = "Publish the three CNAME records that Amazon SES shows for the identity, then wait for its check."
        found = f"Amazon SES does not sign for {setup.domain} now: {identity.signing}"
        findings.append(_finding("dkim.signing", "fail", found, advice, _DKIM))
    if _aligned(setup.from_domain, setup.domain, strict=alignment.strict_dkim):
        found = f"signatures by {setup.domain} are aligned with {setup.from_domain}"
        findings.append(_finding("alignment.dkim", "pass", found, "", f"{DMARC}#section-3.1.1"))
    else:
        found = f"signatures by {setup.domain} are not aligned with {setup.from_domain}"
        advice = f"Send from an address of {setup.domain}, or have your vendor sign as {setup.from_domain}"
        advice += "; or use adkim=r in the DMARC record." if alignment.strict_dkim else "."
        found += _strictly(alignment.strict_dkim)
        findings.append(_finding("alignment.dkim", "fail", found, advice, f"{DMARC}#section-3.1.1"))
    return findings


def judge_links(from_domain: str, public_url: str) -> list[Finding]:
    """One-click unsubscribing (RFC 8058), and the host that links, pixel and unsubscribing lead to."""
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    if parts.scheme != "https":
        found = f"links and unsubscribing lead to {public_url or 'nowhere'}"
        advice = (
            "Set the parameter PublicUrl to an https:// address: receivers take one-click for granted over HTTPS only."
        )
        return [_finding("one_click", "fail", found, advice, f"{_ONE_CLICK}#section-3.1")]
    found = "every campaign e-mail carries List-Unsubscribe (https) and List-Unsubscribe-Post"
    advice = (
        "Send yourself a test message and look for both names in h= of its DKIM-Signature: unsigned, they do not count."
    )
    one_click = _finding("one_click", "pass", found, advice, f"{_ONE_CLICK}#section-4")
    if organisational_domain(host) == organisational_domain(from_domain):
        return [one_click, _finding("tracking.host", "pass", f"links lead to {host} over HTTPS", "", _ONE_CLICK)]
    advice = f"Set PublicUrl to a host below {organisational_domain(from_domain)}: filters distrust links elsewhere."
    return [one_click, _finding("tracking.host", "warn", f"links lead to {host} over HTTPS", advice, _ONE_CLICK)]


def no_such_domain(domain: str) -> Finding:
    """DNS knows no such name."""
    advice = "Check the spelling, and whether the domain is still registered."
    return _finding("domain", "fail", f"there is no domain {domain}", advice, "https://www.rfc-editor.org/rfc/rfc8020")


def no_selectors(domain: str) -> Finding:
    """Without a selector no key can be looked up."""
    found = f"no DKIM selector of {domain} is known, and DNS cannot list them"
    advice = "Look at s= of the DKIM-Signature in a message that arrived, and check again with it in dkimSelectors."
    return _finding("dkim.selectors", "warn", found, advice, f"{_DKIM}#section-3.1")


def _aligned(one: str, other: str, *, strict: bool) -> bool:
    return one == other or (not strict and organisational_domain(one) == organisational_domain(other))


def _strictly(strict: bool) -> str:
    return ", since the DMARC record asks for the very same domain" if strict else ""


def _names(hosts: Sequence[str]) -> str:
    return ", ".join(hosts[:5])


def _finding(check: str, status: Status, found: str, advice: str, reference: str) -> Finding:
    return Finding(check=check, status=status, found=found, advice=advice, reference=reference)
