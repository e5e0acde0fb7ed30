"""Judging DMARC: what a domain asks of receivers when a message is not its own (RFC 7489)."""

from typing import NamedTuple

from clarion.domain.domain_names import organisational_domain, public_name
from clarion.domain.finding import DnsUnanswered, Finding, Status, quoted, unanswered
from clarion.domain.spf import Texts
from clarion.domain.tag_list import tags_of

RFC = "https://www.rfc-editor.org/rfc/rfc7489"
_POLICIES = ("none", "quarantine", "reject")


class Alignment(NamedTuple):
    """Whether DKIM and SPF have to name exactly the From domain, rather than one of the same organisation."""

    strict_dkim: bool = False
    strict_spf: bool = False


def judge_dmarc(from_domain: str, texts: Texts) -> tuple[list[Finding], Alignment]:
    """The policy of ``from_domain``, its own or else that of its organisational domain."""
    places = dict.fromkeys([from_domain, organisational_domain(from_domain)])
    for place in places:
        try:
            records = [text for text in texts(f"_dmarc.{place}") if _is_dmarc(text)]
        except DnsUnanswered as error:
            return [unanswered("dmarc.record", error, f"{RFC}#section-6.6.3")], Alignment()
        if len(records) > 1:
            advice = "Keep one: with several, receivers go by none of them."
            found = f"_dmarc.{place} has {len(records)} DMARC records"
            return [_finding("dmarc.record", "fail", found, advice, "6.6.3")], Alignment()
        if records:
            return _judged(from_domain, place, records[0], texts)
    advice = f'Publish a TXT record at _dmarc.{from_domain}: "v=DMARC1; p=none; rua=mailto:dmarc@{from_domain}". '
    advice += "Gmail, Yahoo and Microsoft ask it of whoever sends to many."
    found = f"there is no DMARC record at {' or '.join(f'_dmarc.{place}' for place in places)}"
    return [_finding("dmarc.record", "fail", found, advice, "6.6.3")], Alignment()


def _is_dmarc(text: str) -> bool:
    version, _, _ = text.partition(";")
    return "".join(version.split()) == "v=DMARC1"


def _judged(from_domain: str, place: str, record: str, texts: Texts) -> tuple[list[Finding], Alignment]:
    tags = tags_of(record)
    findings = [_finding("dmarc.record", "pass", f"_dmarc.{place}: {quoted(record)}", "", "6.3")]
    findings.append(_policy(tags, inherited=place != from_domain))
    findings.append(_reports(place, tags, texts))
    share = tags.get("pct", "100")
    if share != "100":
        advice = "Raise pct to 100 as the reports allow: the policy is applied to this share of messages only."
        findings.append(_finding("dmarc.share", "warn", f"pct={quoted(share)}", advice, "6.3"))
    for tag in ("adkim", "aspf"):
        if tags.get(tag, "r") not in ("r", "s"):
            advice = f"Write {tag}=r or {tag}=s, or leave it out."
            findings.append(_finding("dmarc.alignment", "fail", f"{tag}={quoted(tags[tag])}", advice, "6.3"))
    return findings, Alignment(strict_dkim=tags.get("adkim") == "s", strict_spf=tags.get("aspf") == "s")


def _policy(tags: dict[str, str], *, inherited: bool) -> Finding:
    tag = "sp" if inherited and "sp" in tags else "p"
    policy = tags.get(tag, "").lower()
    if policy not in _POLICIES:
        found = f"{tag}={quoted(policy)}" if policy else "there is no p="
        return _finding("dmarc.policy", "fail", found, "Say p=none, p=quarantine or p=reject.", "6.3")
    if policy == "none":
        advice = (
            "Enough for Gmail and Yahoo. Go on to quarantine, then reject, once the reports show that all your own "
        )
        advice += "mail passes: until then anybody can write in your name."
        return _finding("dmarc.policy", "warn", f"{tag}=none: nothing happens to forgeries", advice, "6.3")
    return _finding("dmarc.policy", "pass", f"{tag}={policy}", "", "6.3")


def _reports(place: str, tags: dict[str, str], texts: Texts) -> Finding:
    targets = [uri.strip() for uri in tags.get("rua", "").split(",") if uri.strip()]
    if not targets:
        advice = "Add rua=mailto:…: without reports you do not see who sends in your name, nor what of your own fails."
        return _finding("dmarc.reports", "warn", "there is no rua=, so nobody gets reports", advice, "7.1")
    for target in targets:
        if not target.lower().startswith("mailto:") or "@" not in target:
            advice = "Write rua=mailto:address, several separated by commas."
            return _finding("dmarc.reports", "fail", f"rua={quoted(target)}", advice, "6.3")
        host = target.rpartition("@")[2].partition("!")[0]
        refused = _refusing(place, host, texts)
        if refused:
            return refused
    return _finding("dmarc.reports", "pass", f"reports go to {quoted(', '.join(targets))}", "", "7.1")


def _refusing(place: str, host: str, texts: Texts) -> Finding | None:
    """Reports go to another organisation only where that one says it takes them (§7.1)."""
    try:
        host = public_name(host)
    except ValueError as error:
        return _finding("dmarc.reports", "fail", f"reports go to {quoted(host)}: {error}", "Correct rua=.", "6.3")
    if organisational_domain(host) == organisational_domain(place):
        return None
    name = f"{place}._report._dmarc.{host}"
    try:
        if any(_is_dmarc(text) for text in texts(name)):
            return None
    except DnsUnanswered as error:
        return unanswered("dmarc.reports", error, f"{RFC}#section-7.1")
    advice = f'Ask {host} to publish a TXT record at {name}: "v=DMARC1"; until then reports are not sent there.'
    return _finding("dmarc.reports", "warn", f"{host} does not say that it takes reports of {place}", advice, "7.1")


def _finding(check: str, status: Status, found: str, advice: str, section: str) -> Finding:
    reference = f"{RFC}#section-{section}"
    return Finding(check=check, status=status, found=found, advice=advice, reference=reference)
