"""One thing that was looked at in how a domain sends, and what follows from it."""

import re
from typing import Literal

from clarion.domain.model import Model

Status = Literal["pass", "warn", "fail"]
_WORST_FIRST: tuple[Status, ...] = ("fail", "warn", "pass")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffd]+")


class Finding(Model):
    """``check`` names what was looked at (``spf.lookups``), ``found`` what is there, ``advice`` what to do about it
    (empty where nothing is), ``reference`` where that is laid down."""

    check: str
    status: Status
    found: str
    advice: str = ""
    reference: str


class DnsUnanswered(Exception):
    """DNS gave no answer, neither a record nor that there is none; ``str`` says why."""


def unanswered(check: str, error: DnsUnanswered, reference: str) -> Finding:
    """What cannot be judged since DNS did not answer."""
    advice = "Check again in a few minutes; if it stays so, the domain's name servers are at fault."
    return Finding(check=check, status="warn", found=str(error), advice=advice, reference=reference)


def worst(findings: list[Finding]) -> Status:
    """The status of all together."""
    present = {finding.status for finding in findings}
    return next(status for status in _WORST_FIRST if status in present)


def quoted(record: str) -> str:
    """A record short enough to show."""
    text = _UNPRINTABLE.sub("�", record)
    return text if len(text) <= 300 else f"{text[:299]}…"
