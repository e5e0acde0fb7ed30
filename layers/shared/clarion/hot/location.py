"""A destination from a link table as the value of a ``Location`` header: ASCII, absolute, one line."""

from urllib.parse import quote, urlsplit

_RESERVED = ":/?#[]@!$&'()*+,;=%~"  # RFC 3986; "%" because what is already encoded stays as it is
_DROPPED = dict.fromkeys(map(ord, "\t\r\n"))  # as browsers do inside an address


def safe(url: str) -> str | None:
    """The URL with all else percent-encoded and its host in IDNA; ``None`` unless it is http(s) with a host."""
    url = url.strip().translate(_DROPPED)
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return None
        if not parts.netloc.isascii():
            url = url.replace(parts.netloc, parts.netloc.encode("idna").decode("ascii"), 1)
        return quote(url, safe=_RESERVED)
    except ValueError:  # no such host, or text that is no UTF-8
        return None
