"""Identifiers: ULIDs (https://github.com/ulid/spec), 26 characters that sort by time of creation."""

from hashlib import sha256

from ulid import ULID

_ALPHABET = frozenset("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


def new_id() -> str:
    """A fresh identifier."""
    return str(ULID())


def derived_id(*parts: str) -> str:
    """The same identifier for the same parts: a retried write lands on the record its first attempt made."""
    return str(ULID.from_bytes(sha256("\0".join(parts).encode()).digest()[:16]))


def is_id(text: str) -> bool:
    """Whether ``text`` has the form of an identifier."""
    return len(text) == 26 and text[0] <= "7" and _ALPHABET.issuperset(text)
