"""Vendors' HTTP APIs: one request, sent at most once, and what its failure proves.

A failure before anything was written (name, connection, TLS handshake) is a `Retry`; one after that is `Unknown`.
"""

import json
import re
import ssl
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, ReadTimeoutError, SSLError

from clarion.domain.outcomes import Retry, Unknown

IDLE_SECONDS = 4
"""A connection unused for longer is not used again: the vendor, or a network that forgot it while the function was
frozen, may have closed it, and a message written into a closed connection would stay `Unknown`."""
MAX_WORDS = 300

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_HEADER_VALUE = re.compile(r"[ -~]*")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the vendor answered; header names in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    secrets: Collection[str] = field(default=(), repr=False)

    def json(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def words(self, text: object = None) -> str:
        """``text`` (default: the body) as one printable line of at most 300 characters, our secrets taken out."""
        line = self.body.decode("utf-8", "replace") if text is None else str(text)
        for secret in self.secrets:
            line = line.replace(secret, "[secret]")
        return "".join(character for character in " ".join(line.split()) if character.isprintable())[:MAX_WORDS]


class HttpClient:
    """Requests to one vendor; for several threads, too.

    ``headers`` go with every request. ``secrets`` never appear in what `Answer.words` quotes. ``tls`` replaces the
    system's trust. ValueError for a ``base_url`` that is not https (http on loopback alone) and for headers that
    cannot be sent; neither text repeats what it refuses.
    """

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str],
        secrets: Collection[str] = (),
        connect_seconds: float = 3,
        read_seconds: float = 10,
        connections: int = 10,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        parts = _checked(base_url)
        if not all(_HEADER_VALUE.fullmatch(value) for value in headers.values()):
            raise ValueError("the credentials hold characters that no header can carry")
        self._prefix = parts.path.rstrip("/")
        self._headers = {"User-Agent": "Clarion", **headers}
        self._secrets = frozenset(secret for secret in secrets if secret)
        timeout = Timeout(connect=connect_seconds, read=read_seconds)
        host = str(parts.hostname)
        self._pool: HTTPConnectionPool = (
            _TlsPool(host, parts.port, timeout=timeout, maxsize=connections, ssl_context=tls)
            if parts.scheme == "https"
            else _PlainPool(host, parts.port, timeout=timeout, maxsize=connections)
        )

    def request(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Answer | Retry | Unknown:
        """One request, never repeated and never redirected: the answer, or what its absence proves.

        ``path`` begins with ``/`` and is percent-encoded.
        """
        target = f"{self._prefix}{path}?{urlencode(query)}" if query else self._prefix + path
        sent = {**self._headers, **(headers or {})}
        try:
            found = self._pool.urlopen(method, target, body=body, headers=sent, retries=False, redirect=False)
        except _NotConnected as error:
            return Retry(None, str(error))
        except ReadTimeoutError:
            return Unknown("the vendor did not answer in time")
        except HTTPError:
            return Unknown("the connection to the vendor was lost before its answer")
        return Answer(found.status, found.headers, found.data, self._secrets)

    def post_json(self, path: str, payload: object) -> Answer | Retry | Unknown:
        """A POST of ``payload`` as JSON."""
        body = json.dumps(payload, ensure_ascii=False).encode()
        return self.request("POST", path, body=body, headers={"Content-Type": "application/json"})


def _checked(url: str) -> SplitResult:
    """Scheme, host, port and path prefix of a vendor's URL."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError("not a URL: host or port cannot be read") from None
    if not host or (parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK)):
        raise ValueError("a vendor's URL is https (http on loopback alone)")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("a vendor's URL holds neither credentials nor a query")
    return parts


class _NotConnected(HTTPError):
    """Nothing of the request was written. It is of urllib3's kind so that the pool hands it on as it is."""


class _ConnectionRules:
    """What a failure to connect is, and when a kept connection counts as closed."""

    _answered = 0.0

    def connect(self) -> None:
        try:
            super().connect()  # type: ignore[misc]  # urllib3's, beside which this stands
        except (OSError, HTTPError) as error:
            raise _NotConnected(_reason(error)) from None

    def getresponse(self) -> Any:
        found = super().getresponse()  # type: ignore[misc]
        # Not the monotonic clock, which stands still while a function is frozen.
        self._answered = time.time()
        return found

    @property
    def is_connected(self) -> bool:
        fresh = 0 <= time.time() - self._answered <= IDLE_SECONDS
        return fresh and bool(super().is_connected)  # type: ignore[misc]


def _reason(error: Exception) -> str:
    if isinstance(error, SSLError | ssl.SSLError):  # urllib3's wraps the ssl module's
        cause = next((inner for inner in (error, *error.args) if isinstance(inner, ssl.SSLError)), None)
        return f"no TLS connection to the vendor: {getattr(cause, 'reason', None) or 'the handshake failed'}"
    return f"no connection to the vendor: {type(error).__name__}"


class _PlainConnection(_ConnectionRules, HTTPConnection):
    pass


class _TlsConnection(_ConnectionRules, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection
