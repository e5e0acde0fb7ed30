"""A small DynamoDB client on the standard library: signed requests over one kept connection, with retries.

Every write it sends may be sent twice (after a lost answer), so callers use writes that can be repeated: a put whose
key and content are fixed before the call, or a transaction with a ``ClientRequestToken``. Not for use by threads.
"""

import json
import os
import ssl
import time
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import PurePath
from random import random
from typing import Any
from urllib.parse import urlsplit

from clarion.hot.signature import Credentials, RequestSigner

ATTEMPTS = 6
TIME_LIMIT = 3.0  # seconds for a call with all its retries
ANSWER_LIMIT = 1.0  # seconds to connect, and to wait for bytes: DynamoDB answers in milliseconds or not at all
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 0.8
_ROOTS = str(PurePath(__file__).with_name("amazon_roots.pem"))

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
_TRANSIENT = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
_TRANSIENT_REASONS = frozenset({"None", "ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"})

_to_json = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


class DynamoError(Exception):
    """DynamoDB refused, or could not be reached within the limits.

    ``code`` is DynamoDB's (``ValidationException`` …), ``Unreachable`` or ``NoCredentials``; ``reasons`` are the codes
    of a cancelled transaction, one per action (``None`` as text for those that were fine).
    """

    def __init__(self, code: str, message: str, *, reasons: tuple[str, ...] = (), status: int = 0) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.reasons = code, message, reasons
        self.transient = (
            code == "Unreachable"
            or status >= 500
            or code in _TRANSIENT
            or (bool(reasons) and _TRANSIENT_REASONS.issuperset(reasons))
        )


class DynamoDB:
    """Calls the endpoint of ``AWS_ENDPOINT_URL_DYNAMODB`` or ``AWS_ENDPOINT_URL``, else the region's own over TLS.

    Credentials are read from the environment at each call: Lambda exchanges them while a worker lives.
    """

    def __init__(
        self,
        environment: Mapping[str, str] = os.environ,
        *,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._environment, self._sleep, self._monotonic = environment, sleep, monotonic
        region = environment.get("AWS_REGION") or environment["AWS_DEFAULT_REGION"]
        suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
        endpoint = urlsplit(
            environment.get("AWS_ENDPOINT_URL_DYNAMODB")
            or environment.get("AWS_ENDPOINT_URL")
            or f"https://dynamodb.{region}.{suffix}"
        )
        self._connection: HTTPConnection = _connection(
            endpoint.scheme, endpoint.hostname or "", endpoint.port, environment
        )
        default = self._connection.port == self._connection.default_port
        host = self._connection.host
        self._signer = RequestSigner(host if default else f"{host}:{self._connection.port}", region)

    def call(self, operation: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """The answer of ``operation`` (``PutItem`` …), both in DynamoDB's JSON; else ``DynamoError``."""
        body = _to_json(payload).encode()
        deadline = self._monotonic() + TIME_LIMIT
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._answer(operation, body, deadline)
            except DynamoError as error:
                # Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
                pause = random() * min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt)  # noqa: S311  # no secret
                if not error.transient or attempt == ATTEMPTS or self._monotonic() + pause >= deadline:
                    raise
            self._sleep(pause)
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Give the connection up; the next call opens another."""
        self._connection.close()

    def _answer(self, operation: str, body: bytes, deadline: float) -> dict[str, Any]:
        try:
            credentials = Credentials.of(self._environment)
        except KeyError as missing:
            raise DynamoError("NoCredentials", f"{missing.args[0]} is not set") from None
        headers = self._signer.headers(operation, body, credentials, time.time())
        try:
            status, text = self._exchange(body, headers, deadline)
            answer = json.loads(text)
            if not isinstance(answer, dict):
                raise ValueError("not DynamoDB")
        except (OSError, HTTPException, ValueError) as error:
            self._connection.close()
            raise DynamoError("Unreachable", type(error).__name__) from error
        if status == 200:
            return answer
        reasons = tuple(str(reason.get("Code")) for reason in answer.get("CancellationReasons", ()))
        code = str(answer.get("__type", f"Http{status}")).rpartition("#")[2]
        raise DynamoError(code, str(answer.get("message") or answer.get("Message")), reasons=reasons, status=status)

    def _exchange(self, body: bytes, headers: dict[str, str], deadline: float) -> tuple[int, bytes]:
        timeout = max(0.05, min(ANSWER_LIMIT, deadline - self._monotonic()))
        self._connection.timeout = timeout
        if self._connection.sock is None:
            return self._post(body, headers)
        self._connection.sock.settimeout(timeout)
        try:
            return self._post(body, headers)
        except TimeoutError:
            raise
        except OSError:
            # A connection kept while the worker was frozen is often found closed: once more on a fresh one, at once.
            self._connection.close()
            return self._post(body, headers)

    def _post(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        self._connection.request("POST", "/", body, headers)
        response = self._connection.getresponse()
        return response.status, response.read()


def _connection(scheme: str, host: str, port: int | None, environment: Mapping[str, str]) -> HTTPConnection:
    if scheme == "http":
        return HTTPConnection(host, port)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Amazon's own five roots load in a fraction of the time of the system's hundred and forty.
    context.load_verify_locations(environment.get("AWS_CA_BUNDLE") or _ROOTS)
    return HTTPSConnection(host, port, context=context)
