"""Pictures and films for vendors that want the octets: fetched from public addresses alone, in bounds.

Addresses are an organisation's own words, so the machine that is really reached is looked at before anything is said to
it: a name that leads into a private network, at once or after a redirect, is refused.
"""

import time
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urljoin, urlsplit

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from clarion.domain.media import MediaNotLoaded
from clarion.domain.outcomes import Rejected, Retry

MAX_OCTETS = 32 * 1024 * 1024
SECONDS = 15.0
"""For all of a medium: the vendor's turn comes after it."""

_CODE = "MediaUnavailable"
_CHUNK = 64 * 1024
_REDIRECTS = 3
_NOT_NOW = {408, 425, 429}


class MediaLoader:
    """``private`` takes machines of this machine's own networks too, and http; ``clock`` counts seconds."""

    def __init__(
        self,
        *,
        private: bool = False,
        most_octets: int = MAX_OCTETS,
        seconds: float = SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._private, self._most, self._seconds, self._clock = private, most_octets, seconds, clock

    def load(self, url: str) -> bytes:
        """The octets at ``url``. Raises MediaNotLoaded."""
        until = self._clock() + self._seconds
        for _ in range(_REDIRECTS + 1):
            found = self._get(url, until)
            if isinstance(found, bytes):
                return found
            url = _joined(url, found)
        raise _refused("the address of a medium redirects too often")

    def _get(self, url: str, until: float) -> bytes | str:
        """What is there, or where it is instead."""
        pool, target = self._pool(url)
        try:
            with pool:
                answer = pool.urlopen(
                    "GET",
                    target,
                    headers={"User-Agent": "Clarion", "Accept": "image/*, video/*"},
                    retries=False,
                    redirect=False,
                    preload_content=False,
                )
                try:
                    return self._read(answer, until)
                finally:
                    answer.close()
        except HTTPError as error:
            raise MediaNotLoaded(Retry(None, f"a medium cannot be fetched: {type(error).__name__}")) from None

    def _read(self, answer: BaseHTTPResponse, until: float) -> bytes | str:
        status = answer.status
        if 300 <= status < 400 and answer.headers.get("Location"):
            return str(answer.headers["Location"])
        if status in _NOT_NOW or status >= 500:
            raise MediaNotLoaded(Retry(None, f"the address of a medium answered {status}"))
        if status != 200:
            raise _refused(f"the address of a medium answered {status}")
        octets = bytearray()
        # One read of the connection at a time: who fills a chunk octet by octet holds nobody up beyond the time.
        while chunk := answer.read1(_CHUNK):
            octets += chunk
            if len(octets) > self._most:
                raise _refused(f"a medium has more than {self._most // 1024 // 1024} MB")
            if self._clock() > until:
                raise MediaNotLoaded(Retry(None, "a medium takes too long to be fetched"))
        if not octets:
            raise _refused("there is nothing at the address of a medium")
        return bytes(octets)

    def _pool(self, url: str) -> tuple[HTTPConnectionPool, str]:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise _refused("the address of a medium cannot be read") from None
        if not host or not (parts.scheme == "https" or (self._private and parts.scheme == "http")):
            raise _refused("the address of a medium must be https")
        timeout = Timeout(connect=3, read=min(10.0, self._seconds))
        kinds: tuple[type[HTTPConnectionPool], type[HTTPConnectionPool]] = (_PublicPool, _PublicTlsPool)
        if self._private:
            kinds = HTTPConnectionPool, HTTPSConnectionPool
        pool = kinds[parts.scheme == "https"](host, port, timeout=timeout, maxsize=1)
        return pool, f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


class _PublicAlone:
    def _new_conn(self) -> Any:
        """The machine that answers is looked at, not its name: a name may lead elsewhere the next time it is asked."""
        connected = super()._new_conn()  # type: ignore[misc]  # urllib3's, beside which this stands
        if not ip_address(str(connected.getpeername()[0]).partition("%")[0]).is_global:
            connected.close()
            raise _refused("the address of a medium is in a private network")
        return connected


class _PublicConnection(_PublicAlone, HTTPConnection):
    pass


class _PublicTlsConnection(_PublicAlone, HTTPSConnection):
    pass


class _PublicPool(HTTPConnectionPool):
    ConnectionCls = _PublicConnection


class _PublicTlsPool(HTTPSConnectionPool):
    ConnectionCls = _PublicTlsConnection


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise _refused("the address of a medium redirects to what cannot be read") from None


def _refused(reason: str) -> MediaNotLoaded:
    return MediaNotLoaded(Rejected(_CODE, reason))
