"""What is fetched from Amazon SNS: once, within limits, and never elsewhere."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from clarion.channels.sns_http import MOST_BYTES, SnsHttp, SnsUnreachable

PEM = b"-----BEGIN CERTIFICATE-----"


@contextmanager
def sns(status: int = 200, body: bytes = PEM, *, hangs: bool = False) -> Iterator[tuple[str, list[str]]]:
    """A server on loopback, and the paths that were asked for."""
    asked: list[str] = []
    release = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            if hangs:
                release.wait(5)
                return
            self.send_response(status)
            self.send_header("Location", "/elsewhere.pem")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass  # a test prints nothing

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        release.set()
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_certificate_is_what_is_there() -> None:
    with sns() as (url, asked):
        assert SnsHttp().certificate(f"{url}/a.pem") == PEM
    assert asked == ["/a.pem"]


@pytest.mark.parametrize("status", [403, 404])
def test_there_may_be_none(status: int) -> None:
    with sns(status, b"<Error/>") as (url, _):
        assert SnsHttp().certificate(f"{url}/a.pem") is None


@pytest.mark.parametrize("status", [301, 302, 307, 500, 503])
def test_no_redirect_is_followed_and_an_error_proves_nothing(status: int) -> None:
    with sns(status) as (url, asked), pytest.raises(SnsUnreachable):
        SnsHttp().certificate(f"{url}/a.pem")
    assert asked == ["/a.pem"]


def test_more_than_a_certificate_can_have_is_not_read() -> None:
    with sns(body=b"x" * (MOST_BYTES + 1)) as (url, _), pytest.raises(SnsUnreachable):
        SnsHttp().certificate(f"{url}/a.pem")
    with sns(body=b"x" * MOST_BYTES) as (url, _):
        assert SnsHttp().certificate(f"{url}/a.pem") is not None


def test_it_is_not_waited_for_long_and_not_asked_again() -> None:
    with sns(hangs=True) as (url, asked), pytest.raises(SnsUnreachable):
        SnsHttp(read_seconds=0.1).certificate(f"{url}/a.pem")
    assert asked == ["/a.pem"]


def test_nobody_there_is_told_as_such() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        with pytest.raises(SnsUnreachable):
            SnsHttp().certificate(f"http://127.0.0.1:{taken.getsockname()[1]}/a.pem")


def test_a_subscription_is_confirmed_by_one_call() -> None:
    with sns(body=b"<ConfirmSubscriptionResponse/>") as (url, asked):
        SnsHttp().confirm(f"{url}/?Action=ConfirmSubscription&Token=2336412f37")
    assert asked == ["/?Action=ConfirmSubscription&Token=2336412f37"]


@pytest.mark.parametrize("status", [302, 400, 404, 500])
def test_a_confirmation_that_failed_is_to_be_tried_again(status: int) -> None:
    with sns(status) as (url, asked), pytest.raises(SnsUnreachable):
        SnsHttp().confirm(f"{url}/?Action=ConfirmSubscription")
    assert len(asked) == 1
