"""Whether a callback is Twilio's (https://www.twilio.com/docs/usage/webhooks/webhooks-security).

The signature is an HMAC over the public URL exactly as Twilio calls it (stage, custom domain and query in their order
included) and every field of the form, whichever it sends: SHA-1 under the account's auth token, or under a shared key
the algorithm that a second header, ``X-Twilio-Webhooks-Signature-Settings``, names.
"""

import hmac
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from urllib.parse import SplitResult, parse_qs, parse_qsl, urlsplit

_PORTS = {"https": 443, "http": 80}
MOST_FIELDS = 1_000
"""Of a request, far more than Twilio sends: reading and sorting them is work that anybody may ask for."""
_DIGESTS = {"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}


def is_twilios(secrets: Iterable[str], url: str, body: bytes, signature: str, settings: str = "") -> bool:
    """Whether ``signature`` (``X-Twilio-Signature``) is that of the raw ``body`` under one of the ``secrets``.

    Several are those of an account that is rotating its own. ``settings`` is the second header, empty where it is
    missing. Twilio signs the URL with its port or without.
    """
    algorithm = _DIGESTS.get(_algorithm(settings))
    if algorithm is None:
        return False
    digest = parse_qs(urlsplit(url).query).get("bodySHA256", [])
    if digest:  # a body of JSON, vouched for by the query
        if not hmac.compare_digest(digest[-1].encode(), sha256(body).hexdigest().encode()):
            return False
        fields = ""
    else:
        try:
            fields = _fields(body)
        except ValueError:  # too many
            return False
    given = signature.encode("utf-8", "replace")
    found = False
    for secret in secrets:
        for spelling in _spellings(url):
            found |= hmac.compare_digest(_signature(secret, spelling + fields, algorithm), given)
    return found


def _fields(body: bytes) -> str:
    """Every name and value, sorted; a value that a name has twice counts once."""
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    return "".join(name + value for name, value in sorted(set(pairs)))


def _spellings(url: str) -> Iterable[str]:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        return {url}
    default = _PORTS.get(parts.scheme, 443)
    return {url, _with_authority(parts, _host(parts)), _with_authority(parts, f"{_host(parts)}:{port or default}")}


def _host(parts: SplitResult) -> str:
    """User and host as they stand, without the port."""
    authority = parts.netloc
    return authority[: authority.rindex(":")] if parts.port is not None else authority.rstrip(":")


def _with_authority(parts: SplitResult, authority: str) -> str:
    return parts._replace(netloc=authority).geturl()


def _signature(secret: str, text: str, algorithm: str) -> bytes:
    return b64encode(hmac.digest(secret.encode(), text.encode("utf-8", "replace"), algorithm))


def _algorithm(settings: str) -> str:
    """``HMAC_SHA256`` of ``key=webhooks_sharedkey_…,algorithm=HMAC_SHA256``."""
    named = dict(each.strip().partition("=")[::2] for each in settings.split(","))
    return named.get("algorithm", "").upper() or "HMAC_SHA1"
