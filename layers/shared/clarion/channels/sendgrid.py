"""E-mail through Twilio SendGrid's v3 Web API (https://www.twilio.com/docs/sendgrid/api-reference/mail-send).

One call per mail: many recipients of one call share its HTML but for 10,000 octets of substitutions, and one answer
would stand for all of them. Up to ``max_batch`` calls run at once.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from clarion.channels.http import Answer, HttpClient
from clarion.channels.http_outcomes import unprocessed
from clarion.channels.parallel import each_at_once
from clarion.domain.addresses import ascii_domain_form
from clarion.domain.mail import Mail
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Retry, Stop, Unknown

GLOBAL = "https://api.sendgrid.com"
EU = "https://api.eu.sendgrid.com"
"""For subusers whose data stays in the European Union."""

_REFUSED = {400, 413}
_OUR_FIELDS = ("from", "reply_to", "tracking_settings")
"""What a 400 complains of when the sender or this adapter is at fault; no other mail would fare better."""
_UNTRACKED = {
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": {"enable": False},
    "subscription_tracking": {"enable": False},
    "ganalytics": {"enable": False},
}


class SendGridChannel:
    """``api_key`` needs the permission "Mail Send" alone. ``connect_seconds`` and ``read_seconds`` bound each call.

    ValueError for a key or ``base_url`` that cannot be used.
    """

    max_batch = 10

    def __init__(
        self,
        api_key: str,
        base_url: str = GLOBAL,
        *,
        connect_seconds: float = 3,
        read_seconds: float = 10,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._http = HttpClient(
            base_url,
            headers={"Authorization": f"Bearer {api_key}"},
            secrets=[api_key],
            connect_seconds=connect_seconds,
            read_seconds=read_seconds,
            connections=self.max_batch,
        )
        self._now = now

    def send(self, mails: Sequence[Mail]) -> list[Outcome]:
        """One call for each, at the same time; SendGrid's message id, else our own Message-ID, is the vendor id."""
        if len(mails) > self.max_batch:
            raise ValueError(f"at most {self.max_batch} mails at a time")
        return each_at_once(self._send, mails)

    def _send(self, mail: Mail) -> Outcome:
        request = _request(mail)
        if isinstance(request, Stop | Rejected):
            return request
        answer = self._http.post_json("/v3/mail/send", request)
        if isinstance(answer, Retry | Unknown):
            return answer
        return unprocessed(answer, self._now()) or _verdict(answer, mail)


def _request(mail: Mail) -> Mapping[str, Any] | Stop | Rejected:
    try:
        sender = {"email": ascii_domain_form(mail.sender.address)}
        reply_to = ascii_domain_form(mail.reply_to or "")
    except ValueError as error:
        return Stop("InvalidSender", str(error))
    try:
        to = ascii_domain_form(mail.to)
    except ValueError as error:
        return Rejected("InvalidAddress", str(error))
    parts = (("text/plain", mail.text), ("text/html", mail.html))  # SendGrid wants them in this order
    return {
        "personalizations": [{"to": [{"email": to}], "custom_args": dict(mail.message_tags)}],
        "from": {**sender, **({"name": mail.sender.name} if mail.sender.name else {})},
        **({"reply_to": {"email": reply_to}} if reply_to else {}),
        "subject": mail.subject,
        "content": [{"type": kind, "value": text} for kind, text in parts if text],
        "headers": {"Message-ID": mail.message_id, **dict(mail.bulk_headers())},
        "tracking_settings": _UNTRACKED,
    }


def _verdict(answer: Answer, mail: Mail) -> Outcome:
    if answer.status < 300:
        return Accepted(answer.headers.get("X-Message-Id") or mail.message_id)
    errors = _errors(answer)
    words = answer.words("; ".join(str(error.get("message")) for error in errors) or None)
    fields = [str(error.get("field") or "") for error in errors]
    if answer.status == 400 and fields and all(field.split(".")[0] in _OUR_FIELDS for field in fields):
        return Stop("InvalidSender" if fields[0].startswith(("from", "reply_to")) else "InvalidRequest", words)
    return Rejected(str(answer.status), words) if answer.status in _REFUSED else Stop(str(answer.status), words)


def _errors(answer: Answer) -> list[Mapping[str, Any]]:
    found = answer.json()
    listed = found.get("errors") if isinstance(found, dict) else None
    return [error for error in listed if isinstance(error, dict)] if isinstance(listed, list) else []
