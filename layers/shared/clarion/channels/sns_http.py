"""Amazon SNS's own addresses: its signing certificates, and where a subscription is confirmed. One GET each, with a
limit to its time and size, and no redirect followed."""

import ssl

from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError

MOST_BYTES = 64 * 1024
"""A certificate has about 2 KB, the answer of a confirmation less than 1."""


class SnsUnreachable(Exception):
    """SNS did not answer, or not to the point: nothing is known, and its message should be told again."""


class SnsHttp:
    """``tls`` replaces the system's trust."""

    def __init__(
        self, *, connect_seconds: float = 2, read_seconds: float = 3, tls: ssl.SSLContext | None = None
    ) -> None:
        timeout = Timeout(connect=connect_seconds, read=read_seconds)
        self._pool = PoolManager(num_pools=4, timeout=timeout, retries=False, ssl_context=tls)

    def certificate(self, url: str) -> bytes | None:
        """What is at ``url``; None where SNS says that there is nothing. Raises SnsUnreachable."""
        status, body = self._get(url)
        if status == 200:
            return body
        if 400 <= status < 500:
            return None
        raise SnsUnreachable(f"a signing certificate was answered by {status}")

    def confirm(self, url: str) -> None:
        """Confirm a subscription, which may be repeated. Raises SnsUnreachable."""
        status, _ = self._get(url)
        if status != 200:
            raise SnsUnreachable(f"the confirmation of a subscription was answered by {status}")

    def _get(self, url: str) -> tuple[int, bytes]:
        try:
            answer = self._pool.request("GET", url, redirect=False, preload_content=False)
            try:
                body = answer.read(MOST_BYTES + 1)
            finally:
                answer.close()
        except HTTPError as error:
            raise SnsUnreachable(f"SNS did not answer: {type(error).__name__}") from None
        if len(body) > MOST_BYTES:
            raise SnsUnreachable("SNS answered more than it should")
        return answer.status, body
