"""E-mail through an SMTP server (RFC 5321): one recipient per envelope, one connection for many mails.

The commands are spoken one by one, because what a failure proves depends on where it happens: until the final
dot has left, the server has nothing it could deliver; after it, only the server's answer tells.
"""

import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Sequence
from datetime import datetime

from clarion import clock
from clarion.channels import mime
from clarion.channels.smtp_server import SmtpServer
from clarion.domain.addresses import ascii_domain_form
from clarion.domain.mail import Mail
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Retry, Stop, Unknown

_Reply = tuple[int, bytes]

_CLOSING = 421  # service not available, the server hangs up: may answer any command
_TOO_LARGE = 552
_ACCESS = {530, 534, 535, 538}  # authentication required, too weak, failed; encryption required (RFC 4954)
_OUR_NAME = "[127.0.0.1]"  # EHLO: a function has no host name of its own, and looking one up asks DNS


class SmtpChannel:
    """One connection, opened by the first mail and kept until `close`; not for several threads.

    ``tls`` replaces the system's trust (a private certificate authority). ``connect_seconds`` bounds connecting and
    the greeting, ``reply_seconds`` every other answer, ``verdict_seconds`` the one after the final dot, where giving
    up means not knowing.
    """

    max_batch = 1

    def __init__(
        self,
        server: SmtpServer,
        *,
        tls: ssl.SSLContext | None = None,
        connect_seconds: float = 5,
        reply_seconds: float = 10,
        verdict_seconds: float = 30,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self._server, self._tls, self._now = server, tls, now
        self._connect_seconds, self._reply_seconds = connect_seconds, reply_seconds
        self._verdict_seconds = verdict_seconds
        self._connection: smtplib.SMTP | None = None

    def send(self, mails: Sequence[Mail]) -> list[Outcome]:
        """At most one mail at a time; the vendor id of an accepted one is our own Message-ID."""
        if len(mails) > self.max_batch:
            raise ValueError(f"at most {self.max_batch} mail at a time")
        return [self._send(mail) for mail in mails]

    def close(self) -> None:
        """Drop the connection; the next mail opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _send(self, mail: Mail) -> Outcome:
        try:
            sender = ascii_domain_form(mail.sender.address)
            ascii_domain_form(mail.reply_to or "")
        except ValueError as error:
            return Stop("InvalidSender", str(error))
        try:
            to = ascii_domain_form(mail.to)
            content = re.sub(rb"^\.", b"..", mime.build(mail, self._now()), flags=re.MULTILINE)
        except ValueError as error:
            return Rejected("InvalidAddress", str(error))
        try:
            connection, refusal = self._begin(mail, sender, to, len(content))
            if refusal is not None:
                return refusal
            connection.send(content)
        except OSError as error:  # smtplib's and ssl's errors are OSErrors
            self.close()
            return _before_the_dot(error)
        try:
            connection.send(b".\r\n")
            _patience(connection, self._verdict_seconds)
            reply = connection.getreply()
            _patience(connection, self._reply_seconds)
        except OSError:
            self.close()
            return Unknown("the connection was lost after the message left")
        return self._verdict(reply, mail)

    def _begin(self, mail: Mail, sender: str, to: str, size: int) -> tuple[smtplib.SMTP, Outcome | None]:
        """The envelope up to "354 go on", or the refusal; OSError when the connection fails."""
        connection, reply = self._mail_from(mail, sender, size)
        if reply is None:
            return connection, Rejected("SMTPUTF8", "the mail server takes no addresses beyond ASCII")
        if reply[0] != 250:
            return connection, self._refusal("MAIL FROM", reply)
        reply = connection.rcpt(to)
        if reply[0] not in (250, 251):
            return connection, self._refusal("RCPT TO", reply)
        reply = connection.docmd("DATA")
        if reply[0] != 354:
            return connection, self._refusal("DATA", reply)
        return connection, None

    def _mail_from(self, mail: Mail, sender: str, size: int) -> tuple[smtplib.SMTP, _Reply | None]:
        """The answer to the first command (None: not sayable to this server).

        A kept connection that the server has closed meanwhile is replaced, once: it has heard nothing of this mail.
        """
        if self._connection is not None:
            try:
                reply = _say_mail_from(self._connection, mail, sender, size)
                if reply is None or reply[0] != _CLOSING:
                    return self._connection, reply
            except OSError:
                pass  # the fresh connection below gives the verdict
            self.close()
        self._connection = self._open()
        return self._connection, _say_mail_from(self._connection, mail, sender, size)

    def _open(self) -> smtplib.SMTP:
        """Connected, encrypted, authenticated; OSError otherwise."""
        server = self._server
        # Connecting in the constructor tells smtplib the host name that TLS must verify.
        if server.security == "tls":
            tls = self._tls or ssl.create_default_context()
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, _OUR_NAME, timeout=self._connect_seconds, context=tls
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, _OUR_NAME, timeout=self._connect_seconds)
        try:
            _patience(connection, self._reply_seconds)
            if server.security == "starttls":
                connection.starttls(context=self._tls or ssl.create_default_context())
            connection.ehlo_or_helo_if_needed()
            if server.user:
                connection.login(server.user, server.password)
        except BaseException:
            connection.close()
            raise
        return connection

    def _refusal(self, stage: str, reply: _Reply) -> Outcome:
        """A reply that ended the transaction before any content was sent."""
        code, text = reply[0], f"{stage}: {_words(reply)}"
        self._reset(code)
        if code in _ACCESS:
            return Stop(str(code), text)
        if 500 <= code < 600:
            # Before a recipient is named only sender and account can be at fault (or the size we announced).
            ours = stage == "MAIL FROM" and code != _TOO_LARGE
            return Stop(str(code), text) if ours else Rejected(str(code), text)
        return Retry(None, text)

    def _verdict(self, reply: _Reply, mail: Mail) -> Outcome:
        """The reply to the final dot."""
        code, text = reply[0], f"after the message: {_words(reply)}"
        if 200 <= code < 300:
            return Accepted(mail.message_id)
        if code in _ACCESS:
            return Stop(str(code), text)
        if 500 <= code < 600:
            return Rejected(str(code), text)
        if 400 <= code < 500 and code != _CLOSING:
            return Retry(None, text)
        self.close()
        return Unknown(text)

    def _reset(self, code: int) -> None:
        """Make the connection ready for the next mail, or drop it when it is not worth keeping."""
        if self._connection is None:
            return
        try:
            if code != _CLOSING and 400 <= code < 600 and self._connection.rset()[0] == 250:
                return
        except OSError:
            pass  # dropped below
        self.close()


def _patience(connection: smtplib.SMTP, seconds: float) -> None:
    """How long to wait for an answer. The final dot is a small write after a large one: with Nagle's algorithm on, it
    would wait until the server acknowledges the large one."""
    if connection.sock is None:
        raise smtplib.SMTPServerDisconnected
    connection.sock.settimeout(seconds)
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _say_mail_from(connection: smtplib.SMTP, mail: Mail, sender: str, size: int) -> _Reply | None:
    options = [f"size={size}"] if connection.has_extn("size") else []
    if mime.needs_smtputf8(mail):
        if not connection.has_extn("smtputf8"):
            return None
        options += ["SMTPUTF8", "BODY=8BITMIME"]
    return connection.mail(sender, options)


def _before_the_dot(error: OSError) -> Outcome:
    """No content was acted on. What the server refuses for good while connecting is the account's to mend."""
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return Retry(None, "the mail server closed the connection")
    if isinstance(error, smtplib.SMTPResponseException):
        text = _words((error.smtp_code, error.smtp_error))
        temporary = not 500 <= error.smtp_code < 600
        return Retry(None, text) if temporary else Stop(str(error.smtp_code), text)
    if isinstance(error, smtplib.SMTPException):  # no STARTTLS, no AUTH, no method in common
        return Stop(type(error).__name__, str(error))
    if isinstance(error, ssl.SSLError):
        return Retry(None, f"no TLS connection to the mail server: {error.reason}")
    return Retry(None, f"no connection to the mail server: {error.strerror or type(error).__name__}")


def _words(reply: tuple[int, bytes | str]) -> str:
    """``550 5.1.1 no such user``, one printable line of at most 300 characters."""
    code, text = reply
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join(f"{code} {words}".split())[:300]
