"""Addresses on the web that people are led to, as a user may give them."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, StringConstraints

LONGEST = 2_000  # what vendors of posts and ads take


def _web_address(url: str) -> str:
    try:
        parts = urlsplit(url)
        wrong = parts.scheme not in ("https", "http") or not parts.hostname or (parts.port or 1) > 65535
    except ValueError:
        wrong = True
    if wrong or not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("a web address in ASCII is needed, such as https://shop.example/sale")
    if parts.username is not None or parts.password is not None:
        raise ValueError("a web address names no user or password")
    return url


def https_address(url: str) -> str:
    """The address itself; ValueError unless it is https."""
    if urlsplit(url).scheme != "https":
        raise ValueError("the address must be https")
    return url


WebAddress = Annotated[str, StringConstraints(max_length=LONGEST), AfterValidator(_web_address)]
"""``http`` or ``https``, with a host and without user and password."""
