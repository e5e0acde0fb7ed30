"""Answers of the tracking routes as API Gateway's HTTP API takes them. None of them is ever cached."""

import json
from collections.abc import Mapping
from typing import Any

from clarion.hot import pages

Answer = dict[str, Any]

# The smallest GIF that every client shows: one transparent point, 43 bytes.
GIF = "R0lGODlhAQABAPAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw=="
_NEVER_STORED = {"Cache-Control": "no-store, no-cache, must-revalidate, private, max-age=0"}


def picture() -> Answer:
    """The transparent point."""
    return _answer(200, GIF, {"Content-Type": "image/gif"}, encoded=True)


def redirect(location: str) -> Answer:
    """302 to a location that ``location.safe`` has made."""
    return _answer(302, "", {"Location": location, "Referrer-Policy": "no-referrer"})


def page(status: int, html: str) -> Answer:
    """A page of ``pages``: nothing but itself may load or frame anything."""
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": pages.SECURITY_POLICY,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }
    return _answer(status, html, headers)


def text(status: int, body: str) -> Answer:
    """For machines that read the status alone."""
    return _answer(status, body, {"Content-Type": "text/plain; charset=utf-8"})


def problem(status: int, code: str, detail: str) -> Answer:
    """RFC 9457, as everywhere in the API. A 503 asks to come again in a minute."""
    headers = {"Content-Type": "application/problem+json", **({"Retry-After": "60"} if status == 503 else {})}
    title = code.replace("_", " ").capitalize()
    return _answer(status, json.dumps({"status": status, "code": code, "title": title, "detail": detail}), headers)


def _answer(status: int, body: str, headers: Mapping[str, str], *, encoded: bool = False) -> Answer:
    return {
        "statusCode": status,
        "headers": {**_NEVER_STORED, **headers},
        "body": body,
        "isBase64Encoded": encoded,
    }
