"""Checking what a domain publishes for the mail that is sent in its name."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from clarion.domain.addresses import parse_email
from clarion.domain.deliverability import (
    Report,
    Setup,
    judge_from,
    judge_links,
    judge_return_path,
    judge_signing,
    no_selectors,
    no_such_domain,
)
from clarion.domain.dkim import judge_dkim
from clarion.domain.dmarc import judge_dmarc
from clarion.domain.domain_names import registered_domain
from clarion.domain.errors import Invalid
from clarion.domain.finding import DnsUnanswered, Finding, unanswered, worst
from clarion.domain.sending_identity import SendingIdentity
from clarion.domain.spf import judge_spf

_SELECTORS = {"sendgrid": ("s1", "s2")}  # of its automated security
_DNS = "https://www.rfc-editor.org/rfc/rfc1035"


class Dns(Protocol):
    """The public DNS, for one check. Every call raises DnsUnanswered where there is no answer in time."""

    def exists(self, name: str) -> bool: ...
    def texts(self, name: str) -> Sequence[str]:
        """TXT records, each one's strings joined; none where there are none."""

    def mail_hosts(self, name: str) -> Sequence[str]:
        """Hosts of the MX records, the preferred one first; an empty one is the null MX (RFC 7505)."""


class MailPlatform(NamedTuple):
    """What an organisation's e-mail leaves by; ``deployed`` where that is the deployment's own channel."""

    name: str | None
    deployed: bool


class Identities(Protocol):
    def of(self, domain: str) -> SendingIdentity | None:
        """What the deployment's SES account says of a domain; None where it says nothing."""


class DeliverabilityService:
    """``dns`` makes what one check asks, with a time limit of its own; ``platform_of`` maps an organisation's id."""

    def __init__(
        self,
        dns: Callable[[], Dns],
        platform_of: Callable[[str], MailPlatform],
        identities: Identities,
        public_url: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._dns, self._platform_of, self._identities = dns, platform_of, identities
        self._public_url, self._clock = public_url, clock

    def check(
        self, org_id: str, domain: str, sender: str | None, return_path: str | None, selectors: Sequence[str]
    ) -> Report:
        """What is found, judged. Nothing but DNS is asked, and of it public domain names alone. Raises Invalid."""
        name = _domain(domain, "body.domain")
        from_domain = _sender_domain(sender) if sender else name
        given_path = _domain(return_path, "body.returnPath") if return_path else None
        platform = self._platform_of(org_id)
        identity = self._identities.of(name) if platform == MailPlatform("ses", deployed=True) else None
        setup = _setup(name, from_domain, platform.name, given_path, identity)
        findings = self._findings(setup, identity, selectors)
        return Report(
            domain=name,
            from_domain=from_domain,
            vendor=platform.name,
            return_path=setup.return_path,
            status=worst(findings),
            findings=tuple(findings),
            checked_at=self._clock(),
        )

    def _findings(self, setup: Setup, identity: SendingIdentity | None, selectors: Sequence[str]) -> list[Finding]:
        dns = self._dns()
        try:
            if not dns.exists(setup.domain):
                return [no_such_domain(setup.domain)]
        except DnsUnanswered as error:
            return [unanswered("domain", error, _DNS)]
        policy, alignment = judge_dmarc(setup.from_domain, dns.texts)
        decides = setup.return_path is not None
        return [
            *judge_spf(setup.return_path or setup.domain, dns.texts, setup.vendor, decides=decides),
            *_keys(setup, identity, selectors, dns),
            *judge_signing(setup, alignment, identity),
            *policy,
            *judge_return_path(setup, alignment, dns.mail_hosts),
            *judge_from(setup, dns.mail_hosts),
            *judge_links(setup.from_domain, self._public_url),
        ]


def _setup(
    domain: str, from_domain: str, vendor: str | None, given_path: str | None, identity: SendingIdentity | None
) -> Setup:
    """Where bounces go, as far as that is known: SMTP and Mailgun use the domain itself, SES what it was told."""
    if given_path:
        return Setup(domain, from_domain, vendor, given_path)
    if identity is not None:
        return Setup(domain, from_domain, vendor, identity.mail_from or None, vendors_path=not identity.mail_from)
    path = {"smtp": from_domain, "mailgun": domain}.get(vendor or "")
    return Setup(domain, from_domain, vendor, path)


def _keys(setup: Setup, identity: SendingIdentity | None, selectors: Sequence[str], dns: Dns) -> list[Finding]:
    known = selectors or (identity.selectors if identity else ()) or _SELECTORS.get(setup.vendor or "", ())
    if not known:
        return [no_selectors(setup.domain)]
    findings = []
    for selector in known:
        name = f"{selector}._domainkey.{setup.domain}"
        hint = f"Publish the record that your vendor shows for {name}."
        if identity and selector in identity.selectors:
            hint = f"Publish a CNAME record at {name}, to the host that Amazon SES shows for the identity."
        findings += judge_dkim(setup.domain, selector, dns.texts, hint)
    return findings


def _domain(text: str, field: str) -> str:
    try:
        return registered_domain(text)
    except ValueError as error:
        raise Invalid([{"field": field, "message": str(error)}]) from None


def _sender_domain(sender: str) -> str:
    try:
        return registered_domain(parse_email(sender).key.rpartition("@")[2])
    except ValueError as error:
        raise Invalid([{"field": "body.sender", "message": str(error)}]) from None
