"""Where a mail server is and how to talk to it, from one URL."""

from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Literal
from urllib.parse import unquote, urlsplit

Security = Literal["tls", "starttls", "none"]

_SCHEMES: dict[str, tuple[Security, int]] = {
    "smtps": ("tls", 465),
    "smtp": ("starttls", 587),
    "smtp+starttls": ("starttls", 587),
    "smtp+plain": ("none", 25),
}


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """``security``: ``tls`` from the first octet, ``starttls`` demanded of the server, or ``none``."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, url: str) -> "SmtpServer":
        """``smtps://user:password@host:port``; also ``smtp+starttls``, ``smtp+plain`` and ``smtp``.

        ``smtp`` demands STARTTLS, except of a loopback host, where nothing leaves the machine. User and password are
        percent-encoded, and go over encrypted or loopback connections only. ValueError names what is wrong, never
        the password.
        """
        try:
            parts = urlsplit(url)
            host, given_port = parts.hostname or "", parts.port
        except ValueError:
            raise ValueError("not an SMTP URL: host or port cannot be read") from None
        if parts.scheme not in _SCHEMES:
            raise ValueError(f"an SMTP URL starts with one of {', '.join(f'{name}://' for name in _SCHEMES)}")
        if not host or parts.path not in ("", "/") or parts.query or parts.fragment:
            raise ValueError("an SMTP URL holds user, password, host and port, nothing more")
        security, port = _SCHEMES[parts.scheme]
        if parts.scheme == "smtp" and _is_loopback(host):
            security, port = "none", 25
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if bool(user) != bool(password):
            raise ValueError("an SMTP URL holds both user and password, or neither")
        if not (host + user + password).isascii():
            raise ValueError("host, user and password of an SMTP URL must be ASCII")
        if user and security == "none" and not _is_loopback(host):
            raise ValueError("smtp+plain:// would send the password in the clear; use smtps:// or smtp+starttls://")
        try:
            host.encode("idna")  # as the resolver will
        except UnicodeError:
            raise ValueError("the host of an SMTP URL is not a host name") from None
        return cls(host, given_port or port, security, user, password)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
