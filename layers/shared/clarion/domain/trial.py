"""Test sends: a campaign's message to a few addresses of its makers, outside of every run."""

from dataclasses import dataclass

MOST_ADDRESSES = 10
"""Addresses of one request."""
MOST_A_DAY = 100
"""Test messages an organisation may send on one day (UTC)."""
MARK = "[Test] "
"""What a mail's subject and a text message begin with."""


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What became of one address: an outcome as a run's ledger names it, and the vendor's id or the reason."""

    to: str
    outcome: str
    detail: str = ""
