"""Vendors on this machine, as the local stack's functions reach them; what they tell of messages is signed."""

import hmac
import json
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urldefrag, urlencode
from uuid import uuid4

import urllib3
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.channels.vendor_server import LoopbackVendor

ACCOUNT, TOKEN = "AC" + "5" * 32, "auth-token-of-the-account"
PAGE = "102938475610293"
_SENDGRIDS_KEY = generate_private_key(SECP256R1())
_POST = f"{PAGE}_77"
_POOL = urllib3.PoolManager(retries=False, timeout=60)


class Vendors(NamedTuple):
    """``urls`` is what the template's parameter VendorUrls takes."""

    twilio: LoopbackVendor
    sendgrid: LoopbackVendor
    facebook: LoopbackVendor

    @property
    def urls(self) -> str:
        return " ".join(f"{name}={vendor.url}" for name, vendor in zip(self._fields, self, strict=True))


@contextmanager
def vendors_on_loopback() -> Iterator[Vendors]:
    """Everything is fine with them."""
    with (
        LoopbackVendor(
            {
                f"GET /2010-04-01/Accounts/{ACCOUNT}.json": (200, {"status": "active", "friendly_name": "Acme"}),
                f"POST /2010-04-01/Accounts/{ACCOUNT}/Messages.json": (201, {"sid": "SM" + "1" * 32}),
            }
        ) as twilio,
        LoopbackVendor(
            {"GET /v3/scopes": (200, {"scopes": ["mail.send"]}), "POST /v3/mail/send": (202, {})}
        ) as sendgrid,
        LoopbackVendor(_FACEBOOK) as facebook,
    ):
        yield Vendors(twilio, sendgrid, facebook)


_FACEBOOK: Mapping[str, Any] = {
    "POST /v25.0/oauth/access_token": (200, {"access_token": "member", "expires_in": 5_000_000}),
    "GET /v25.0/me": (200, {"id": "1", "name": "Ann"}),
    "GET /v25.0/me/accounts": (200, {"data": [{"id": PAGE, "name": "Shop", "access_token": "page"}]}),
    f"POST /v25.0/{PAGE}/feed": (200, {"id": _POST}),
    f"GET /v25.0/{_POST}": (
        200,
        {
            "id": _POST,
            "shares": {"count": 2},
            "reactions": {"summary": {"total_count": 5}},
            "comments": {"summary": {"total_count": 3}},
        },
    ),
    f"GET /v25.0/{_POST}/insights": (
        200,
        {
            "data": [
                {"name": "post_media_view", "period": "lifetime", "values": [{"value": 120}]},
                {"name": "post_clicks", "period": "lifetime", "values": [{"value": 9}]},
            ]
        },
    ),
}


def verification_key() -> str:
    """What SendGrid shows for the Event Webhook."""
    octets = _SENDGRIDS_KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64encode(octets).decode()


def sendgrid_tells(url: str, events: Sequence[Mapping[str, Any]]) -> int:
    """The status SendGrid gets for a request about its mails."""
    body = json.dumps(events).encode() + b"\r\n"
    timestamp = str(int(time.time()))
    signature = b64encode(_SENDGRIDS_KEY.sign(timestamp.encode() + body, ECDSA(SHA256()))).decode()
    return _posted(
        url,
        body,
        {
            "content-type": "application/json",
            "x-twilio-email-event-webhook-timestamp": timestamp,
            "x-twilio-email-event-webhook-signature": signature,
        },
    )


def sendgrid_event(kind: str, mail: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """An event about a mail, as it was handed in."""
    [to] = mail["personalizations"]
    told = {"event": kind, "email": to["to"][0]["email"], "timestamp": int(time.time()), "sg_event_id": uuid4().hex}
    return {**told, **to["custom_args"], **more}


def twilio_tells(url: str, token: str = TOKEN, **fields: str) -> int:
    """The status Twilio gets for a callback."""
    called, _ = urldefrag(url)  # what follows the mark is for Twilio itself
    form = {"AccountSid": ACCOUNT, **fields}
    signed = called + "".join(name + form[name] for name in sorted(form))
    signature = b64encode(hmac.digest(token.encode(), signed.encode(), "sha1")).decode()
    headers = {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature}
    return _posted(called, urlencode(form).encode(), headers)


def _posted(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    return int(_POOL.request("POST", url, body=body, headers=dict(headers)).status)
