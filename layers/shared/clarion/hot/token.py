"""Signed tokens of tracking URLs: who was written to, on which message, and (for clicks) which link.

72 characters of base64url hold 54 bytes::

    key id 1 | organisation 16 | contact 16 | run 2 | channel 1 | link 2 | HMAC-SHA256, first 16 bytes

The MAC also covers the purpose and the campaign and step of the URL's path, so a token opens one door only.
"""

import struct
from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping
from hmac import compare_digest
from hmac import digest as hmac_digest
from typing import Literal, NamedTuple

from clarion.hot import ulid

Purpose = Literal["open", "click", "unsubscribe"]

CHANNELS = ("email", "sms", "social", "ads")  # the number in a token is the position here: only ever append
MAX_NUMBER = 0xFFFF
LENGTH = 72

_PAYLOAD = struct.Struct(">B16s16sHBH")
_MAC_LENGTH = 16
_MIN_SECRET = 16
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_FROM_URL_SAFE = {ord("-"): "+", ord("_"): "/", ord("+"): None, ord("/"): None}
_DERIVATION = b"clarion tracking token 1"


class Ticket(NamedTuple):
    """What a genuine token says. ``org`` and ``contact`` are ULIDs, ``link`` counts from 0 (0 unless a click)."""

    org: str
    contact: str
    run: int
    channel: str
    link: int = 0


def parse_keys(text: str) -> dict[int, bytes]:
    """MAC keys by key id from ``TRACKING_KEYS``: ``<secret>`` or ``1:<secret>``, then ``,2:<secret>`` …; as written.

    A bare first secret has key id 1, so a freshly generated secret string is already valid. Secrets have at least
    16 characters, none of them ``,`` or ``:``. ``ValueError`` names the entry at fault, never the secret.
    """
    keys: dict[int, bytes] = {}
    for position, entry in enumerate(text.strip().split(","), start=1):
        number, colon, secret = entry.strip().rpartition(":")
        if not colon and position == 1:
            number = "1"
        if not (number.isascii() and number.isdigit() and 1 <= int(number) <= 255) or int(number) in keys:
            raise ValueError(f"TRACKING_KEYS, entry {position}: needs its own key id from 1 to 255")
        if len(secret) < _MIN_SECRET:
            raise ValueError(f"TRACKING_KEYS, entry {position}: the secret needs {_MIN_SECRET} characters or more")
        # HKDF's extract step: the secret is text of unknown distribution, and may serve other uses one day.
        keys[int(number)] = hmac_digest(_DERIVATION, secret.encode(), "sha256")
    return keys


class Signer:
    """Signs with the key that is listed first and reads tokens of every key it was given.

    The order decides, not the number, so that a rotation has two steps: readers learn the new key at the end of the
    list before any signer has it in front.
    """

    def __init__(self, keys: Mapping[int, bytes]) -> None:
        self._keys = dict(keys)
        self._signing = next(iter(self._keys))

    @classmethod
    def of(cls, text: str) -> "Signer":
        """From the text of ``TRACKING_KEYS``; ``ValueError`` when it is malformed."""
        return cls(parse_keys(text))

    def sign(self, purpose: Purpose, campaign: str, step: str, ticket: Ticket) -> str:
        """The token for a URL of that campaign and step; ``ValueError`` for a ticket that does not fit."""
        if not (0 <= ticket.run <= MAX_NUMBER and 0 <= ticket.link <= MAX_NUMBER):
            raise ValueError(f"run and link are numbers up to {MAX_NUMBER}")
        payload = _PAYLOAD.pack(
            self._signing,
            ulid.to_bytes(ticket.org),
            ulid.to_bytes(ticket.contact),
            ticket.run,
            CHANNELS.index(ticket.channel),
            ticket.link,
        )
        mac = _mac(self._keys[self._signing], purpose, campaign, step, payload)
        return b2a_base64(payload + mac, newline=False).translate(_URL_SAFE).decode()

    def read(self, purpose: Purpose, campaign: str, step: str, token: str) -> Ticket | None:
        """The ticket of a genuine token, else ``None``: never an exception, whatever the input."""
        if len(token) != LENGTH or not token.isascii():
            return None
        try:
            raw = a2b_base64(token.translate(_FROM_URL_SAFE), strict_mode=True)
            payload, mac = raw[: _PAYLOAD.size], raw[_PAYLOAD.size :]
            number, org, contact, run, channel, link = _PAYLOAD.unpack(payload)
            genuine = compare_digest(mac, _mac(self._keys[number], purpose, campaign, step, payload))
        except (ValueError, KeyError, struct.error):  # no base64 or no UTF-8; no such key; too short
            return None
        if not genuine or channel >= len(CHANNELS):
            return None
        return Ticket(ulid.to_text(org), ulid.to_text(contact), run, CHANNELS[channel], link)


def _mac(key: bytes, purpose: Purpose, campaign: str, step: str, payload: bytes) -> bytes:
    # Each field but the last two has its length in front or a fixed one: no two different inputs share the bytes.
    campaign_bytes = campaign.encode()
    head = b"%c%b%b%b" % (len(purpose), purpose.encode(), len(campaign_bytes).to_bytes(4, "big"), campaign_bytes)
    return hmac_digest(key, head + payload + step.encode(), "sha256")[:_MAC_LENGTH]
