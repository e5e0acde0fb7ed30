"""Judging SPF: which hosts may send for a domain (RFC 7208)."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network

from clarion.domain.domain_names import public_name
from clarion.domain.finding import DnsUnanswered, Finding, Status, quoted, unanswered

RFC = "https://www.rfc-editor.org/rfc/rfc7208"
MAX_LOOKUPS = 10
_GIVE_UP = 30  # lookups after which a record is bad enough
_VENDOR_INCLUDES = {"ses": "amazonses.com", "sendgrid": "sendgrid.net", "mailgun": "mailgun.org"}
_ASKING = {"include", "a", "mx", "ptr", "exists"}
_TERM = re.compile(r"([+?~-]?)([A-Za-z][A-Za-z0-9_.-]*)(?:([:=/])(.*))?", re.DOTALL)
_ALL: dict[str, tuple[Status, str, str]] = {
    "-": ("pass", "all other hosts fail", ""),
    "~": ("pass", "all other hosts fail softly", ""),
    "?": ("warn", "of all other hosts nothing is said", "End the record in ~all or -all."),
    "+": ("fail", "every host may send in this domain's name", "Replace +all by ~all or -all."),
}

Texts = Callable[[str], Sequence[str]]
"""TXT records of a name, none where there are none. Raises DnsUnanswered."""


@dataclass
class _Walk:
    """What a record asks for, those it includes among it; ``qualifier`` is that of the ``all`` that applies."""

    texts: Texts
    lookups: int = 0
    included: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    silent: list[DnsUnanswered] = field(default_factory=list)
    qualifier: str = ""

    def follow(self, record: str, path: tuple[str, ...], *, top: bool = True) -> None:
        """``path`` leads to the record; ``top``: its own ``all`` counts, as that of one it redirects to does."""
        redirect = ""
        for word in record.split()[1:]:
            term = _TERM.fullmatch(word)
            if term is None:
                self.faults.append(f"{word!r} is no SPF term")
                continue
            sign, name, mark, value = (part or "" for part in term.groups())
            name = name.lower()
            if mark == "=" and not sign:
                redirect = value if name == "redirect" else redirect
                continue
            self._check(word, name, mark, value)
            if name in _ASKING:
                self.lookups += 1
            if name == "include" and value:
                self._into(value, path, top=False)
            if name == "all":
                self.qualifier = (sign or "+") if top else self.qualifier
                return  # what comes after it is never looked at (§5.1)
        if redirect:
            self.lookups += 1
            self._into(redirect, path, top=top)

    def _check(self, word: str, name: str, mark: str, value: str) -> None:
        if name in ("ip4", "ip6"):
            try:
                network = ip_network(value, strict=False)
            except ValueError:
                self.faults.append(f"{word!r} names no network")
                return
            if network.version != int(name[2]):
                self.faults.append(f"{word!r} names a network of the other kind")
        elif name not in {*_ASKING, "all"} or (name in ("include", "exists") and not (mark == ":" and value)):
            self.faults.append(f"{word!r} is no SPF term")

    def _into(self, value: str, path: tuple[str, ...], *, top: bool) -> None:
        if "%" in value or self.lookups > _GIVE_UP:
            return  # a macro depends on the message at hand
        try:
            name = public_name(value)
        except ValueError:
            self.faults.append(f"{value!r} is no domain name")
            return
        if name in path:
            self.faults.append(f"{name} includes itself")
            return
        self.included.add(name)
        try:
            records = spf_records(self.texts(name))
        except DnsUnanswered as error:
            self.silent.append(error)
            return
        if len(records) == 1:
            self.follow(records[0], (*path, name), top=top)
        else:
            self.faults.append(f"{name} has {len(records) or 'no'} SPF record{'s' if records else ''}")


def spf_records(texts: Sequence[str]) -> list[str]:
    """Those of a name's TXT records that are SPF's (§4.5)."""
    return [text for text in texts if text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")]


def judge_spf(domain: str, texts: Texts, vendor: str | None, *, decides: bool) -> list[Finding]:
    """The record of ``domain``; ``decides`` is whether it is the domain of the return path, which receivers ask."""
    try:
        records = spf_records(texts(domain))
    except DnsUnanswered as error:
        return [unanswered("spf.record", error, f"{RFC}#section-4.4")]
    if not records:
        return [_missing(domain, vendor, decides=decides)]
    if len(records) > 1:
        advice = "Merge them into one: with several, receivers go by none of them."
        found = f"{domain} has {len(records)} SPF records: {'; '.join(map(quoted, records))}"
        return [Finding(check="spf.record", status="fail", found=found, advice=advice, reference=f"{RFC}#section-4.5")]
    walk = _Walk(texts)
    walk.follow(records[0], (domain,))
    found = f"{domain}: {quoted(records[0])}"
    findings = [Finding(check="spf.record", status="pass", found=found, reference=f"{RFC}#section-4.5")]
    findings += [unanswered("spf.include", error, f"{RFC}#section-5.2") for error in walk.silent]
    if walk.faults:
        advice = "Correct or remove these terms: receivers give up on a record with a fault anywhere in it."
        told = "; ".join(quoted(fault) for fault in walk.faults[:10])
        findings.append(
            Finding(check="spf.syntax", status="fail", found=told, advice=advice, reference=f"{RFC}#section-4.6")
        )
    findings.append(_lookups(walk.lookups))
    findings.append(_end(walk.qualifier))
    if decides and vendor in _VENDOR_INCLUDES:
        findings.append(_vendor(domain, vendor, walk))
    return findings


def _missing(domain: str, vendor: str | None, *, decides: bool) -> Finding:
    include = _VENDOR_INCLUDES.get(vendor or "")
    record = f"v=spf1 include:{include} ~all" if include else "v=spf1 … ~all, naming the hosts that send"
    return Finding(
        check="spf.record",
        status="fail" if decides else "warn",
        found=f"{domain} has no SPF record",
        advice=f'Publish a TXT record at {domain}: "{record}".',
        reference=f"{RFC}#section-4.5",
    )


def _lookups(number: int) -> Finding:
    many = number > _GIVE_UP
    found = f"the record takes {'more than ' if many else ''}{min(number, _GIVE_UP)} DNS lookups of {MAX_LOOKUPS}"
    status: Status = "pass"
    advice = ""
    if number > MAX_LOOKUPS:
        status = "fail"
        advice = "Remove includes of services you no longer use, or replace names by ip4 and ip6: beyond ten lookups "
        advice += "receivers treat the record as broken."
    reference = f"{RFC}#section-4.6.4"
    return Finding(check="spf.lookups", status=status, found=found, advice=advice, reference=reference)


def _end(qualifier: str) -> Finding:
    status, found, advice = _ALL.get(qualifier or "?", _ALL["?"])
    if not qualifier:
        found = f"the record does not end in all: {found}"
    return Finding(check="spf.all", status=status, found=found, advice=advice, reference=f"{RFC}#section-5.1")


def _vendor(domain: str, vendor: str, walk: _Walk) -> Finding:
    needed = _VENDOR_INCLUDES[vendor]
    there = needed in walk.included
    return Finding(
        check="spf.vendor",
        status="pass" if there else "warn" if walk.silent else "fail",
        found=f"the record {'includes' if there else 'does not include'} {needed}",
        advice="" if there else f"Add include:{needed} to the record of {domain}, before its all.",
        reference=f"{RFC}#section-5.2",
    )
