"""What a vendor says of one of our messages."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from clarion.domain.engagement import Kind, MessageRef


class MalformedEvent(ValueError):
    """An event about our message that lacks what its vendor documents; the text names the field."""


@dataclass(frozen=True, slots=True)
class VendorEvent:
    """``vendor_id`` is the vendor's own name for it: the same event told again has the same one.

    ``text`` is what a reply says.
    """

    message: MessageRef
    kind: Kind
    at: datetime
    source: str
    vendor_id: str
    bounce_type: Literal["hard", "soft"] | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A vendor's message that tells nothing to count, and why: a stable code."""

    reason: str
