"""Whether a mail server lets us in, asked of real ones on loopback."""

import socket
from pathlib import Path

import pytest

from clarion.channels.smtp_check import check_smtp, server_of
from clarion.channels.smtp_server import SmtpServer
from clarion.domain.connection import Passed, Refused, Unreachable
from tests.channels.certificates import client_context, server_context, write_certificate
from tests.channels.smtp_server import LoopbackSmtp


def given(server: LoopbackSmtp, **more: str) -> dict[str, str]:
    return {"host": "127.0.0.1", "port": str(server.port), "security": "none", **more}


def test_an_open_server_lets_us_in() -> None:
    with LoopbackSmtp() as server:
        assert check_smtp(given(server), private=True) == Passed("127.0.0.1")
        assert server.received == []


def test_so_does_one_that_knows_user_and_password() -> None:
    with LoopbackSmtp(password=b"p@ss:word/") as server:
        account = given(server, user="ann@example.com", password="p@ss:word/")
        assert check_smtp(account, private=True) == Passed("127.0.0.1")


def test_a_wrong_password_is_named_and_not_repeated() -> None:
    with LoopbackSmtp(password=b"right") as server:
        verdict = check_smtp(given(server, user="ann", password="wrong-nobody-may-see"), private=True)
    assert verdict == Refused("password", "the mail server refuses user and password")


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_encrypted_connections_are_checked(tmp_path: Path, security: str) -> None:
    certificate = write_certificate(tmp_path)
    with LoopbackSmtp(tls=server_context(certificate), implicit_tls=security == "tls") as server:
        asked = given(server, security=security)
        assert check_smtp(asked, private=True, tls=client_context(certificate)) == Passed("127.0.0.1")
        verdict = check_smtp(asked, private=True)
    assert isinstance(verdict, Unreachable)
    assert "CERTIFICATE_VERIFY_FAILED" in verdict.reason


def test_a_server_without_starttls_is_refused() -> None:
    with LoopbackSmtp() as server:
        verdict = check_smtp(given(server, security="starttls"), private=True)
    assert isinstance(verdict, Refused)
    assert verdict.field == "security"


def test_nobody_there_is_unreachable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    verdict = check_smtp({"host": "127.0.0.1", "port": port, "security": "none"}, private=True)
    assert verdict == Unreachable("no connection to the mail server: Connection refused")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "192.168.1.1"])
def test_private_networks_are_out_of_bounds(host: str) -> None:
    verdict = check_smtp({"host": host, "port": "25", "security": "none"})
    assert verdict == Refused("host", "the mail server is in a private network")


def test_a_password_never_travels_in_the_clear() -> None:
    verdict = check_smtp({"host": "mail.example.com", "security": "none", "user": "a", "password": "nobody-may-see"})
    assert isinstance(verdict, Refused)
    assert "in the clear" in verdict.reason
    assert "nobody-may-see" not in verdict.reason


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"security": "tls"}, SmtpServer("mail.example.com", 465, "tls")),
        ({"security": "starttls", "port": "2525"}, SmtpServer("mail.example.com", 2525, "starttls")),
        (
            {"security": "starttls", "user": "a@b", "password": "p:/@"},
            SmtpServer("mail.example.com", 587, "starttls", "a@b", "p:/@"),
        ),
    ],
)
def test_the_server_that_is_named(given: dict[str, str], expected: SmtpServer) -> None:
    assert server_of({"host": "mail.example.com", **given}) == expected


@pytest.mark.parametrize("wrong", [{"port": "70000"}, {"user": "only"}, {"password": "only"}])
def test_what_names_none_is_refused(wrong: dict[str, str]) -> None:
    verdict = check_smtp({"host": "mail.example.com", "security": "tls", **wrong})
    assert isinstance(verdict, Refused)
