"""What becomes of a failure where repeating does no harm: while something is prepared, or only read."""

from clarion.domain.outcomes import Rejected, Retry, Stop, Unknown

Failure = Rejected | Retry | Stop | Unknown


def unpublished(failure: Failure, after_seconds: float | None = None) -> Rejected | Retry | Stop:
    """Of a step that nobody sees: what may or may not have happened may happen again."""
    return Retry(after_seconds, failure.reason) if isinstance(failure, Unknown) else failure


def unread(failure: Failure) -> Retry | Stop:
    """Of a reading, which can be repeated; a refused one is a matter of permissions."""
    if isinstance(failure, Rejected):
        return Stop(failure.code, failure.reason)
    return Retry(None, failure.reason) if isinstance(failure, Unknown) else failure
