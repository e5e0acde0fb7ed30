"""A request of Mailgun's webhooks, JSON or an older one's form: what signs it and what it tells."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from clarion.channels import mailgun_events, mailgun_forms
from clarion.channels.mail_reports import part
from clarion.domain.vendor_events import MalformedEvent, Skipped, VendorEvent


@dataclass(frozen=True, slots=True)
class MailgunRequest:
    """``signature`` holds ``timestamp``, ``token`` and ``signature``; ``content`` is an object or a form's fields."""

    signature: Mapping[str, object]
    content: Any

    @property
    def token(self) -> str:
        """What the signature covers, as a digest: timestamp and token together, since it knows no seam of theirs."""
        signed = f"{self.signature.get('timestamp')}{self.signature.get('token')}"
        return sha256(signed.encode("utf-8", "replace")).hexdigest()

    @property
    def digest(self) -> str:
        """Of what it says. A request that is repeated says the same in other octets: a form has a new boundary."""
        return sha256(json.dumps(self.content, sort_keys=True).encode()).hexdigest()


def request_of(headers: Mapping[str, str], body: bytes) -> MailgunRequest:
    """``headers`` have lower-case names. Raises MalformedEvent for a body that is neither an object nor a form."""
    content_type = headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        form = mailgun_forms.fields_of(body, content_type)
        return MailgunRequest(mailgun_forms.signature_of(form), form)
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise MalformedEvent("not JSON") from None
    if not isinstance(found, dict):
        raise MalformedEvent("not an object")
    return MailgunRequest(part(found, "signature"), found)


def event_of(request: MailgunRequest) -> VendorEvent | Skipped:
    """Our event of a request. Raises MalformedEvent."""
    if isinstance(request.content, dict):
        return mailgun_events.event_of(request.content)
    return mailgun_forms.event_of(request.content)
