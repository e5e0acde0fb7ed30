"""A real SMTP server on loopback that records what it received and misbehaves on purpose."""

import asyncio
import socket
import ssl
from dataclasses import dataclass
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

CUT = "cut"
"""A scripted answer that is none: the connection is closed instead."""


@dataclass(frozen=True)
class Received:
    """One accepted message: ``content`` is what stood between DATA and the final dot, dots un-stuffed."""

    sender: str
    recipients: list[str]
    options: list[str]
    content: bytes


class LoopbackSmtp:
    """``script`` maps a stage (MAIL, RCPT, DATA, content, verdict) to the answers to give there, one a mail.

    An empty answer means the usual one. ``greetings`` counts connections, ``letters`` the messages that came whole,
    whatever was answered. A context manager.
    """

    def __init__(
        self,
        script: dict[str, list[str]] | None = None,
        *,
        password: bytes | None = None,
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
        utf8: bool = True,
        size_limit: int = 10_000_000,
    ) -> None:
        self.received: list[Received] = []
        self.greetings = self.letters = 0
        self._script = {stage: list(answers) for stage, answers in (script or {}).items()}
        self._password = password
        options: dict[str, Any] = {"enable_SMTPUTF8": utf8, "data_size_limit": size_limit}
        if password is not None:
            options |= {"authenticator": self._authenticate, "auth_require_tls": False}
        if tls is not None and not implicit_tls:
            options["tls_context"] = tls
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._controller = _Controller(
            self, "127.0.0.1", self.port, ssl_context=tls if implicit_tls else None, **options
        )

    def answer(self, stage: str) -> str:
        """The scripted answer of this mail at ``stage``."""
        answers = self._script.get(stage, [])
        return answers.pop(0) if answers else ""

    def _authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        known = isinstance(data, LoginPassword) and data.password == self._password
        return AuthResult(success=known, handled=False)

    async def handle_MAIL(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if self._password is not None and not session.authenticated:
            return "530 5.7.0 Authentication required"
        return await self._reply(server, "MAIL", envelope, lambda: _accept_sender(envelope, address, options))

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        return await self._reply(server, "RCPT", envelope, lambda: envelope.rcpt_tos.append(address))

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        self.letters += 1
        return await self._reply(server, "verdict", envelope, lambda: self._keep(envelope))

    async def _reply(self, server: SMTP, stage: str, envelope: Envelope, act: Any) -> str:
        answer = self.answer(stage)
        if answer == CUT:
            _abort(server.transport)
            await asyncio.Event().wait()
        if not answer:
            act()
        return answer or "250 OK"

    def _keep(self, envelope: Envelope) -> None:
        content = envelope.original_content or b""
        sender, options = str(envelope.mail_from), [str(option) for option in envelope.mail_options]
        self.received.append(Received(sender, list(envelope.rcpt_tos), options, content))

    def cut_all(self) -> None:
        """Close every open connection, as a server does that has waited long enough."""
        for server in self._controller.servers:
            if server.transport is not None:
                self._controller.loop.call_soon_threadsafe(_abort, server.transport)

    def __enter__(self) -> "LoopbackSmtp":
        self._controller.start()
        self.greetings, self._controller.servers = 0, []  # the controller's own trial connection
        return self

    def __exit__(self, *_: object) -> None:
        self.cut_all()
        self._controller.stop()


def _accept_sender(envelope: Envelope, address: str, options: Any) -> None:
    envelope.mail_from = address
    envelope.mail_options.extend(options)


def _abort(transport: asyncio.BaseTransport | None) -> None:
    assert isinstance(transport, asyncio.WriteTransport)
    transport.abort()


class _Server(SMTP):
    """aiosmtpd with the two stages it has no hook for: the answer to DATA itself, and the middle of the content."""

    outer: LoopbackSmtp

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  # aiosmtpd's name
        answer = self.outer.answer("DATA")
        if answer == CUT:
            _abort(self.transport)
            return
        if answer:
            await self.push(answer)
            return
        if self.outer.answer("content") == CUT:
            await self.push("354 go on")
            await self._reader.readexactly(10)
            _abort(self.transport)
            return
        await super().smtp_DATA(arg)


class _Controller(Controller):
    def __init__(self, outer: LoopbackSmtp, hostname: str, port: int, **options: Any) -> None:
        self.servers: list[_Server] = []
        super().__init__(outer, hostname=hostname, port=port, **options)

    def factory(self) -> SMTP:
        server = _Server(self.handler, **self.SMTP_kwargs)
        server.outer = self.handler
        self.handler.greetings += 1
        self.servers.append(server)
        return server
