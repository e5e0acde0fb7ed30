"""ULIDs as text and bytes (https://github.com/ulid/spec): 26 canonical Crockford digits ↔ 16 bytes."""

from os import urandom

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TO_BASE_32 = str.maketrans(ALPHABET, "0123456789abcdefghijklmnopqrstuv")  # the digits int() reads, in C
_SHIFTS = range(125, -1, -5)


def to_bytes(text: str) -> bytes:
    """16 bytes of a canonical (upper-case) ULID; ``ValueError`` for anything else."""
    # strip() leaves something over as soon as one character is no digit: int() alone would take signs and "_".
    if len(text) != 26 or text.strip(ALPHABET) or text[0] > "7":
        raise ValueError("not a ULID")
    return int(text.translate(_TO_BASE_32), 32).to_bytes(16, "big")


def to_text(raw: bytes) -> str:
    """26 digits of 16 bytes."""
    number = int.from_bytes(raw, "big")
    return "".join([ALPHABET[number >> shift & 31] for shift in _SHIFTS])


def new(milliseconds: int) -> str:
    """A ULID of that moment (milliseconds since the epoch) with 80 random bits."""
    return to_text(milliseconds.to_bytes(6, "big") + urandom(10))
