"""Whether a mail server lets us in: connect, encrypt, log in, NOOP."""

import smtplib
import socket
import ssl
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import quote

from clarion.channels.smtp_server import SmtpServer
from clarion.domain.connection import Passed, Refused, Unreachable, Verdict

_SCHEMES = {"tls": "smtps", "starttls": "smtp+starttls", "none": "smtp+plain"}
_OUR_NAME = "[127.0.0.1]"
_SECONDS = 5


def server_of(given: Mapping[str, str]) -> SmtpServer:
    """The server that the credentials name; ValueError for one that cannot be used."""
    user, password = (quote(given.get(name, ""), safe="") for name in ("user", "password"))
    account = f"{user}:{password}@" if user or password else ""
    port = f":{given['port']}" if "port" in given else ""
    return SmtpServer.parse(f"{_SCHEMES[given['security']]}://{account}{given['host']}{port}")


def check_smtp(given: Mapping[str, str], *, private: bool = False, tls: ssl.SSLContext | None = None) -> Verdict:
    """``private`` takes servers of this machine's own networks, too; ``tls`` replaces the system's trust."""
    try:
        server = server_of(given)
    except ValueError as error:
        return Refused("host", str(error))
    try:
        if not private and not _is_public(server.host, server.port):
            return Refused("host", "the mail server is in a private network")
        _log_in(server, tls)
    except smtplib.SMTPAuthenticationError:
        return Refused("password", "the mail server refuses user and password")
    except smtplib.SMTPNotSupportedError as error:
        return Refused("security", str(error))
    except smtplib.SMTPResponseException as error:
        permanent = 500 <= error.smtp_code < 600
        reason = f"the mail server answered {error.smtp_code}"
        return Refused("host", reason) if permanent else Unreachable(reason)
    except ssl.SSLError as error:
        return Unreachable(f"no TLS connection to the mail server: {error.reason or 'the handshake failed'}")
    except socket.gaierror:
        return Refused("host", "there is no such host")
    except OSError as error:  # smtplib's errors are OSErrors, too
        return Unreachable(f"no connection to the mail server: {error.strerror or type(error).__name__}")
    return Passed(server.host)


def _log_in(server: SmtpServer, tls: ssl.SSLContext | None) -> None:
    context = tls or ssl.create_default_context()
    connection: smtplib.SMTP
    if server.security == "tls":
        connection = smtplib.SMTP_SSL(server.host, server.port, _OUR_NAME, timeout=_SECONDS, context=context)
    else:
        connection = smtplib.SMTP(server.host, server.port, _OUR_NAME, timeout=_SECONDS)
    with connection:
        if server.security == "starttls":
            connection.starttls(context=context)
        connection.ehlo_or_helo_if_needed()
        if server.user:
            connection.login(server.user, server.password)
        code, words = connection.noop()
        if code != 250:
            raise smtplib.SMTPResponseException(code, words)


def _is_public(host: str, port: int) -> bool:
    """Whether every address of the host is one of the Internet's."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return all(ip_address(str(address[0]).partition("%")[0]).is_global for *_, address in found)
