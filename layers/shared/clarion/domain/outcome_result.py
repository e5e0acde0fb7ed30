"""A vendor's answer in the ledger's words."""

from clarion.domain.outcomes import Accepted, Outcome, Rejected, Retry, Stop, Unknown
from clarion.domain.run import REJECTED, SENT, UNKNOWN, Result


def result_of(outcome: Outcome) -> Result | None:
    """None where the recipient is still to be sent to."""
    match outcome:
        case Accepted(vendor_id):
            return Result(SENT, vendor_id)
        case Rejected(code, reason):
            return Result(REJECTED, f"{code}: {reason}")
        case Unknown(reason):
            return Result(UNKNOWN, reason)
        case Retry() | Stop():
            return None
