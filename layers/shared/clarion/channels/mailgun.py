"""E-mail through Mailgun: the message as we write it, handed over whole
(https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages).

One call per mail, up to ``max_batch`` of them at once: each mail is rendered for its recipient, and a call for many
would answer with one id for all.
"""

import re
import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from urllib3 import encode_multipart_formdata

from clarion.channels import mime
from clarion.channels.http import Answer, HttpClient
from clarion.channels.http_outcomes import unprocessed
from clarion.channels.parallel import each_at_once
from clarion.domain.addresses import ascii_domain_form
from clarion.domain.mail import Mail
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Retry, Stop, Unknown

US = "https://api.mailgun.net"
EU = "https://api.eu.mailgun.net"

_DOMAIN = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_REFUSED = {400, 413}
_ACCOUNT_TEXTS = ("not allowed to send", "for test purposes only", "'from' parameter", "from parameter", "disabled")
"""Mailgun reports an unverified domain, a sandbox and a wrong sender as bad requests, too."""


class MailgunChannel:
    """``api_key`` is best a sending key of ``domain``, the sending domain. The bounds are seconds of each call.

    ValueError for a key, ``domain`` or ``base_url`` that cannot be used.
    """

    max_batch = 10

    def __init__(
        self,
        api_key: str,
        domain: str,
        base_url: str = US,
        *,
        connect_seconds: float = 3,
        read_seconds: float = 10,
        now: Callable[[], float] = time.time,
    ) -> None:
        if not _DOMAIN.fullmatch(domain):
            raise ValueError(f"not a domain: {domain!r}")
        basic = b64encode(f"api:{api_key}".encode()).decode()
        self._http = HttpClient(
            base_url,
            headers={"Authorization": f"Basic {basic}"},
            secrets=[api_key, basic],
            connect_seconds=connect_seconds,
            read_seconds=read_seconds,
            connections=self.max_batch,
        )
        self._path = f"/v3/{domain}/messages.mime"
        self._now = now

    def send(self, mails: Sequence[Mail]) -> list[Outcome]:
        """One call for each, at the same time; the vendor id is the message id as Mailgun's events spell it."""
        if len(mails) > self.max_batch:
            raise ValueError(f"at most {self.max_batch} mails at a time")
        return each_at_once(self._send, mails)

    def _send(self, mail: Mail) -> Outcome:
        try:
            ascii_domain_form(mail.sender.address)
            ascii_domain_form(mail.reply_to or "")
        except ValueError as error:
            return Stop("InvalidSender", str(error))
        try:
            body, content_type = _form(mail, datetime.fromtimestamp(self._now(), UTC))
        except ValueError as error:
            return Rejected("InvalidAddress", str(error))
        answer = self._http.request("POST", self._path, body=body, headers={"Content-Type": content_type})
        if isinstance(answer, Retry | Unknown):
            return answer
        return unprocessed(answer, self._now()) or _verdict(answer, mail)


def _form(mail: Mail, date: datetime) -> tuple[bytes, str]:
    """The multipart body and its content type; ValueError when a domain has no ASCII form."""
    fields: list[tuple[str, str | tuple[str, bytes, str]]] = [
        ("to", ascii_domain_form(mail.to)),
        ("message", ("message.mime", mime.build(mail, date), "application/octet-stream")),
        *((option, "no") for option in ("o:tracking", "o:tracking-clicks", "o:tracking-opens")),
        *((f"v:{name}", value) for name, value in mail.message_tags.items()),
    ]
    return encode_multipart_formdata(fields)


def _verdict(answer: Answer, mail: Mail) -> Outcome:
    found = answer.json()
    told = found if isinstance(found, dict) else {}
    if answer.status < 300:
        return Accepted(str(told.get("id") or mail.message_id).strip("<>"))
    words = answer.words(told.get("message"))
    refused = answer.status in _REFUSED and not any(text in words.lower() for text in _ACCOUNT_TEXTS)
    return Rejected(str(answer.status), words) if refused else Stop(str(answer.status), words)
