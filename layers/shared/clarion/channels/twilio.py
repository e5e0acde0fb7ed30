"""Text messages through Twilio (https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource).

One call each, up to ``max_batch`` at once. Our ids travel in the query of the status callback, whose signature covers
it: a callback names the message even when the answer to the call that made it was lost.
"""

import re
import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from urllib.parse import urlencode, urlsplit

from clarion.channels.http import HttpClient
from clarion.channels.parallel import each_at_once
from clarion.channels.twilio_outcomes import of_answer
from clarion.domain.outcomes import Outcome, Retry, Unknown
from clarion.domain.text_message import TextMessage

API = "https://api.twilio.com"
REPEATING = "#rc=3&rp=ct,rt,5xx"
"""What follows a callback's URL: Twilio repeats a callback that found no connection, no answer or an error, up to three
times within 15 s; without it, only after a failed connection
(https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides)."""

_ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")
_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
_LOOPBACK = re.compile(r"127\.0\.0\.1|(?:[a-z0-9-]+\.)*localhost")


def status_callback(public_url: str, org_id: str) -> str:
    """Where Twilio reports what became of an organisation's messages."""
    return f"{public_url}/connect/webhooks/twilio/{org_id}"


class TwilioChannel:
    """``account_sid`` is whose messages they are; ``user`` and ``secret`` are an API key and its secret, or the
    account sid and its auth token. ``status_callback`` is the public https URL Twilio reports to, without a query
    (http on loopback alone, for development).

    A message's ``sender`` is a messaging service (``MG…``, to be preferred: it picks the number and keeps the
    opt-outs), a number or a sender id. ValueError for what cannot be used.
    """

    max_batch = 10

    def __init__(
        self,
        account_sid: str,
        user: str,
        secret: str,
        status_callback: str,
        base_url: str = API,
        *,
        connect_seconds: float = 3,
        read_seconds: float = 10,
        now: Callable[[], float] = time.time,
    ) -> None:
        if not _ACCOUNT.fullmatch(account_sid):
            raise ValueError("the account sid is AC and 32 hexadecimal digits")
        callback = urlsplit(status_callback)
        local = callback.scheme == "http" and _LOOPBACK.fullmatch(callback.hostname or "")
        if not (callback.scheme == "https" or local) or not callback.hostname or callback.query or callback.fragment:
            raise ValueError("the status callback is an https URL without a query")
        basic = b64encode(f"{user}:{secret}".encode()).decode()
        self._http = HttpClient(
            base_url,
            headers={"Authorization": f"Basic {basic}"},
            secrets=[secret, basic],
            connect_seconds=connect_seconds,
            read_seconds=read_seconds,
            connections=self.max_batch,
        )
        self._path = f"/2010-04-01/Accounts/{account_sid}/Messages.json"
        self._callback, self._now = status_callback, now

    def send(self, messages: Sequence[TextMessage]) -> list[Outcome]:
        """One call for each, at the same time; the vendor id is the message's sid."""
        if len(messages) > self.max_batch:
            raise ValueError(f"at most {self.max_batch} messages at a time")
        return each_at_once(self._send, messages)

    def _send(self, message: TextMessage) -> Outcome:
        form = {
            "To": message.to,
            "MessagingServiceSid" if _SERVICE.fullmatch(message.sender) else "From": message.sender,
            "Body": message.body,
            "StatusCallback": f"{self._callback}?{urlencode(message.message_tags)}".rstrip("?") + REPEATING,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self._http.request("POST", self._path, body=urlencode(form).encode(), headers=headers)
        return answer if isinstance(answer, Retry | Unknown) else of_answer(answer, self._now())
