"""A request as a vendor made it: what a signature covers, to the octet."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from clarion.domain.errors import Invalid


@dataclass(frozen=True)
class InboundRequest:
    """``headers`` have lower-case names, ``query`` the last value of each name, ``body`` the raw octets.

    ``target`` is path and query as they were called, without scheme and host.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    target: str = ""

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> "InboundRequest":
        """From an event of API Gateway, payload format 2.0. Raises Invalid for a body that is no base64."""
        body, raw_query = event.get("body") or "", event.get("rawQueryString") or ""
        try:
            octets = base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
        except (binascii.Error, UnicodeEncodeError):
            raise Invalid([{"field": "body", "message": "cannot be read"}]) from None
        path = event.get("rawPath") or ""
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        query = dict(parse_qsl(raw_query, keep_blank_values=True))
        return cls(headers, query, octets, f"{path}?{raw_query}" if raw_query else path)
