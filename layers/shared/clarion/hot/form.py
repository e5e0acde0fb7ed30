"""The fields of a posted form, as browsers and mailbox providers send them to API Gateway."""

from binascii import a2b_base64
from collections.abc import Mapping
from email.parser import BytesParser
from urllib.parse import parse_qsl

from clarion.hot.hits import Event

SIZE_LIMIT = 8192  # characters; both forms we know are far below 1,000


def fields(event: Event) -> dict[str, str]:
    """The first value of each field of ``application/x-www-form-urlencoded`` or ``multipart/form-data``.

    Empty for any other type, an oversized or a malformed body.
    """
    raw = event.get("body")
    headers = event.get("headers")
    if not isinstance(raw, str) or len(raw) > SIZE_LIMIT or not isinstance(headers, Mapping):
        return {}
    content_type = next((str(value) for name, value in headers.items() if name.lower() == "content-type"), "")
    media_type = content_type.partition(";")[0].strip().lower()
    try:
        body = a2b_base64(raw) if event.get("isBase64Encoded") else raw.encode()
        if media_type == "application/x-www-form-urlencoded":
            pairs = parse_qsl(body.decode(), keep_blank_values=True)
        elif media_type == "multipart/form-data":
            pairs = _multipart(content_type, body)
        else:
            pairs = []
    except ValueError:
        return {}
    return dict(reversed(pairs))


def _multipart(content_type: str, body: bytes) -> list[tuple[str, str]]:
    # A multipart form is a MIME message without its head (RFC 7578).
    head = content_type.replace("\r", "").replace("\n", "").encode()
    message = BytesParser().parsebytes(b"Content-Type: " + head + b"\r\n\r\n" + body)
    pairs = []
    for part in message.walk():
        name, value = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(value, bytes):
            pairs.append((name, value.decode().strip()))
    return pairs
