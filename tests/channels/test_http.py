"""What a failed request proves, and that no request is ever repeated, redirected or quoted with its secrets."""

import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from clarion.channels import http
from clarion.channels.http import Answer, HttpClient
from clarion.domain.outcomes import Retry, Unknown
from tests.channels.certificates import client_context, server_context, write_certificate
from tests.channels.http_server import LoopbackHttp
from tests.contract_servers.mail_vendors import sendgrid
from tests.contract_servers.server import ContractServer, Reply

SECRET = "SG.s3cret"


def client(url: str, **options: Any) -> HttpClient:
    headers = {"Authorization": f"Bearer {SECRET}"}
    return HttpClient(url, headers=headers, secrets=[SECRET], **{"read_seconds": 5} | options)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def test_an_answer_is_handed_on_as_it_is():
    with LoopbackHttp((418, b'{"a": 1}')) as server:
        answer = client(server.url).post_json("/x", {"é": 1})
    assert isinstance(answer, Answer)
    assert (answer.status, answer.json(), answer.headers["content-length"]) == (418, {"a": 1}, "8")


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff{"])
def test_an_answer_that_is_no_json_is_none(body):
    assert Answer(200, {}, body).json() is None


def test_a_refused_connection_proves_that_nothing_was_sent():
    found = client(f"http://127.0.0.1:{free_port()}").post_json("/x", {})
    assert found == Retry(None, "no connection to the vendor: NewConnectionError")


def test_an_unknown_name_proves_that_nothing_was_sent(monkeypatch: pytest.MonkeyPatch):
    def fail(*_: Any) -> None:
        raise socket.gaierror("Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    found = client("https://vendor.example").post_json("/x", {})
    assert found == Retry(None, "no connection to the vendor: NameResolutionError")


def test_a_connection_that_nobody_takes_proves_that_nothing_was_sent(monkeypatch: pytest.MonkeyPatch):
    def never(*_: Any, **__: Any) -> None:
        raise TimeoutError

    monkeypatch.setattr(socket.socket, "connect", never)
    found = client("https://127.0.0.1:1").post_json("/x", {})
    assert found == Retry(None, "no connection to the vendor: ConnectTimeoutError")


def test_a_server_that_speaks_no_tls_has_been_sent_nothing():
    with LoopbackHttp((200, b"")) as server:
        found = client(server.url.replace("http:", "https:")).post_json("/x", {})
        assert isinstance(found, Retry)
        assert found.reason.startswith("no TLS connection to the vendor")
        assert server.requests == 0


def test_a_handshake_without_end_has_been_sent_nothing():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        found = client(f"https://127.0.0.1:{silent.getsockname()[1]}", connect_seconds=0.2).post_json("/x", {})
    assert isinstance(found, Retry)


@pytest.fixture
def tls_server(tmp_path: Path):
    certificate = write_certificate(tmp_path)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            pass  # a refused certificate is one

    server = Server(("127.0.0.1", 0), Handler)
    server.socket = server_context(certificate).wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}", client_context(certificate)
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_certificate_is_verified(tls_server: tuple[str, ssl.SSLContext]):
    url, trusting = tls_server
    found = client(url).request("GET", "/")
    assert isinstance(found, Retry)
    assert "CERTIFICATE_VERIFY_FAILED" in found.reason
    answer = client(url, tls=trusting).request("GET", "/", query={"a": "b c"})
    assert isinstance(answer, Answer)
    assert answer.status == 204


@pytest.mark.parametrize("behaviour", ["hang", "hang up", "cut short"])
def test_whatever_fails_after_the_request_left_proves_nothing_and_is_not_repeated(behaviour):
    with LoopbackHttp(behaviour) as server:
        assert isinstance(client(server.url, read_seconds=0.3).post_json("/x", {}), Unknown)
        assert server.requests == 1


def test_a_redirect_is_not_followed():
    reply = Reply(307, {"Location": "/v3/mail/send"})
    with ContractServer(sendgrid(), reply) as server:
        answer = client(server.url).post_json("/v3/mail/send", {})
    assert isinstance(answer, Answer)
    assert (answer.status, len(server.received)) == (307, 1)


def test_a_connection_is_kept_but_not_for_long(monkeypatch: pytest.MonkeyPatch):
    with ContractServer(sendgrid()) as server:
        vendor = client(server.url)
        vendor.post_json("/v3/mail/send", {})
        vendor.post_json("/v3/mail/send", {})
        assert server.connections == 1
        monkeypatch.setattr(http, "IDLE_SECONDS", -1)
        vendor.post_json("/v3/mail/send", {})
        assert server.connections == 2


def test_a_path_of_the_address_goes_before_the_requests():
    with ContractServer(sendgrid()) as server:
        client(f"{server.url}/proxy/").post_json("/v3/mail/send", {})
    assert server.received[0].path == "/proxy/v3/mail/send"


@pytest.mark.parametrize("url", [
    "http://vendor.example", "ftp://127.0.0.1", "vendor.example", "", "https://", f"https://u:{SECRET}@vendor.example",
    f"https://vendor.example/?key={SECRET}", "https://vendor.example:port", "https://[::1",
])  # fmt: skip
def test_an_address_that_would_leak_is_refused_without_repeating_it(url):
    with pytest.raises(ValueError, match=r"URL") as refusal:
        client(url)
    assert SECRET not in str(refusal.value)


@pytest.mark.parametrize("key", [f"{SECRET}\nX-Other: 1", f"{SECRET}é", f"{SECRET}\0"])
def test_a_key_that_no_header_can_carry_is_refused_without_repeating_it(key):
    with pytest.raises(ValueError, match=r"credentials") as refusal:
        HttpClient("https://vendor.example", headers={"Authorization": key})
    assert SECRET not in str(refusal.value)


def test_what_is_quoted_is_one_short_line_without_secrets():
    answer = Answer(401, {}, f"  no such key:\r\n {SECRET}\x1b[0m ".encode() + b"x" * 999, secrets=[SECRET])
    assert answer.words().startswith("no such key: [secret][0m x")
    assert len(answer.words()) == 300
    assert answer.words(f"bad {SECRET}") == "bad [secret]"
    assert SECRET not in repr(Answer(401, {}, b"", secrets=[SECRET]))


def test_nothing_secret_is_logged(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(0), LoopbackHttp((401, b"")) as server:
        client(server.url).post_json("/x", {})
    assert "POST /x" in caplog.text
    assert SECRET not in caplog.text
