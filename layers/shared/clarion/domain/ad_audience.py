"""People an ad is shown to, as vendors match them: by SHA-256 of what identifies them, never in the clear."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from clarion.domain.outcomes import Accepted, Rejected, Retry, Stop
from clarion.domain.phones import is_e164

_ID = re.compile(r"[A-Za-z0-9-]{1,40}")


@dataclass(frozen=True, slots=True)
class AudienceMember:
    """Somebody who has agreed to be matched: an address, an E.164 number, or both."""

    email: str | None = None
    phone: str | None = None

    def __post_init__(self) -> None:
        if not self.email and not self.phone:
            raise ValueError("a member of an audience has an address or a number")
        if self.phone and not is_e164(self.phone):
            raise ValueError("a number is E.164, such as +493090182080")


@dataclass(frozen=True, slots=True)
class UploadedAudience:
    """``id`` is ours and part of the vendor's name for it."""

    id: str
    name: str

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id) or not self.name.strip() or len(self.name) > 200:
            raise ValueError("an audience has an id of [A-Za-z0-9-] and a name of at most 200 characters")

    @property
    def marker(self) -> str:
        """What tells it from all others."""
        return f"[{self.id}]"

    @property
    def vendor_name(self) -> str:
        """Our name and id, as the vendor shows them."""
        return f"{' '.join(self.name.split())} {self.marker}"


class AudienceUploads(Protocol):
    """Where audiences are uploaded to, in as many steps as it takes. No method raises for what the vendor does.

    Nobody is added twice and nothing is shown to anybody, so each step may be repeated: unclear is a `Retry`.
    """

    def begin(self, audience: UploadedAudience) -> Accepted | Rejected | Retry | Stop:
        """Make the audience, or find what a former attempt has made; the vendor id names the upload."""
        ...

    def add(self, upload: str, members: Sequence[AudienceMember]) -> Accepted | Rejected | Retry | Stop:
        """Add these to the upload, which is the vendor id again."""
        ...

    def finish(self, upload: str) -> Accepted | Rejected | Retry | Stop:
        """Everybody was added; the vendor id is the vendor's audience."""
        ...


def sha256_hex(text: str) -> str:
    """Of the UTF-8 octets, in lower case."""
    return hashlib.sha256(text.encode()).hexdigest()


def trimmed_email(email: str) -> str:
    """As every vendor wants an address before it is hashed."""
    return "".join(email.split()).lower()
