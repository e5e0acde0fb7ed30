"""What a text message costs: its encoding and the number of SMS it travels as (3GPP TS 23.038 and 23.040).

Vendors charge by the segment. A text of nothing but the GSM 7-bit alphabet has 160 characters in one SMS and 153 in
each of several; one character beyond it (an en dash, an emoji) makes the whole text UCS-2, with 70 and 67. A
character of the extension table takes two places, one beyond the Basic Multilingual Plane two units, and neither is
cut in half at the end of a segment. National language shift tables are not counted on: vendors do not use them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Encoding = Literal["GSM-7", "UCS-2"]

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet without its escape character (TS 23.038, 6.2.1)."""
GSM_EXTENSION = frozenset("\f^{}\\[~]|€")
"""The default extension table: each takes an escape before it (TS 23.038, 6.2.1.1)."""

_ROOM: dict[Encoding, tuple[int, int]] = {"GSM-7": (160, 153), "UCS-2": (70, 67)}  # alone, and as one of several


@dataclass(frozen=True, slots=True)
class Segments:
    """``units`` are septets in GSM-7 and 16-bit units in UCS-2; ``count`` is at least 1.

    ``left`` are the units that still fit into the last one.
    """

    encoding: Encoding
    units: int
    count: int
    left: int


def segments_of(text: str) -> Segments:
    """How ``text`` travels, sent as it is."""
    if all(character in GSM_BASIC or character in GSM_EXTENSION for character in text):
        return _packed("GSM-7", [2 if character in GSM_EXTENSION else 1 for character in text])
    return _packed("UCS-2", [2 if character > "\uffff" else 1 for character in text])


def outside_gsm(text: str) -> str:
    """The characters that make ``text`` UCS-2, each once, in their order; empty for a GSM-7 text."""
    return "".join(dict.fromkeys(each for each in text if each not in GSM_BASIC and each not in GSM_EXTENSION))


def _packed(encoding: Encoding, widths: Iterable[int]) -> Segments:
    alone, among_several = _ROOM[encoding]
    units, count, used = 0, 1, 0
    for width in widths:
        units += width
        if used + width > among_several:
            count, used = count + 1, 0
        used += width
    if units <= alone:
        return Segments(encoding, units, 1, alone - units)
    return Segments(encoding, units, count, among_several - used)
