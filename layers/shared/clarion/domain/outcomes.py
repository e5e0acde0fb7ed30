"""What became of one message handed to a vendor: the one rule set every channel adapter maps its vendor onto.

======== ================================ ============================================================
Outcome  What is proven                   What the sender does
======== ================================ ============================================================
Accepted the vendor took it               record it; the vendor's events tell the rest
Rejected the vendor refused this message  record the failure; sending it again cannot help
Retry    the vendor did not process it    send it again later, a limited number of times
Stop     the account or set-up is at      pause the channel and tell someone; no recipient is used up,
         fault, not this recipient        this message included
Unknown  nothing: it may have been sent   never resend by itself; the vendor's event or a look-up settles it
======== ================================ ============================================================

No vendor knows an idempotency key for sending, so only what proves "not processed" is a `Retry`: a refused
connection, a failed TLS handshake, a throttling answer, a refusal the vendor itself calls temporary. A read
timeout, a connection lost after the message left, or a 5xx answer proves nothing and is `Unknown`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Accepted:
    """The vendor answers for the message now; ``vendor_id`` is its name in the vendor's events."""

    vendor_id: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Refused for good: ``code`` is the vendor's own word, ``reason`` a sentence free of secrets."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Retry:
    """Proven not processed. ``after_seconds`` is the vendor's wish; None leaves the pace to the caller.

    ``throttled`` tells that it was asked too fast: everybody who sends there had better slow down.
    """

    after_seconds: float | None
    reason: str
    throttled: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """The account or configuration must be mended before anything is sent; nothing was."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The message may or may not be on its way."""

    reason: str


Outcome = Accepted | Rejected | Retry | Stop | Unknown
