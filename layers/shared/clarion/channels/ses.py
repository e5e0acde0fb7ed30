"""E-mail through Amazon SES v2: up to 50 recipients in one SendBulkEmail call.

Every mail arrives rendered, so the inline template is three bare variables and each recipient's whole content is
its template data. SES neither escapes values nor looks for variables inside them; an inline template may hold
plain ``{{variable}}`` substitutions and nothing else ("Template contains unsupported operations" otherwise).
"""

import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.config import Config
from botocore.session import get_session

from clarion.channels.aws_failures import CallFailed
from clarion.channels.mime import mailbox_header
from clarion.channels.ses_outcomes import of_entry, of_error
from clarion.domain.addresses import ascii_domain_form
from clarion.domain.mail import Mail
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Retry, Stop, Unknown

MAX_TEMPLATE_DATA = 262_144
"""Octets of one recipient's template data (botocore's model of ``EmailTemplateData``)."""
MAX_REQUEST = 1_000_000
"""Octets of one call with an inline template (Amazon SES developer guide: 1 MB of JSON, text and HTML included)."""

# The names are long because the local emulator, unlike SES, substitutes inside values too.
_TEMPLATE = {"Subject": "{{clarion_subject}}", "Html": "{{clarion_html}}", "Text": "{{clarion_text}}"}
_FRAME = 2_000  # octets of a bulk request around its entries, generously


def create_client(region: str | None = None, *, connect_seconds: float = 3, read_seconds: float = 10) -> Any:
    """A botocore client that sends each request at most once: by default one timed-out mail would leave three times."""
    config = Config(connect_timeout=connect_seconds, read_timeout=read_seconds, retries={"total_max_attempts": 1})
    return get_session().create_client("sesv2", region_name=region, config=config)


@dataclass(frozen=True, slots=True)
class _Letter:
    """A mail as SES wants it: ``entry`` is its part of a bulk call, ``size`` that part's octets in the request."""

    place: int
    mail: Mail
    sender: str
    reply_to: tuple[str, ...]
    to: str
    entry: dict[str, Any]
    size: int
    fits_bulk: bool


class SesChannel:
    """``client`` comes from `create_client`; ``configuration_set`` is where SES publishes its events."""

    max_batch = 50  # destinations of one SendBulkEmail call

    def __init__(self, client: Any, configuration_set: str | None = None) -> None:
        self._client = client
        self._options = {"ConfigurationSetName": configuration_set} if configuration_set else {}

    def send(self, mails: Sequence[Mail]) -> list[Outcome]:
        """One call for mails that share sender and reply address and fit into it; else as few as it takes.

        The first call that fails as a whole ends the work: what was not handed over yet is a `Retry` (or the same
        `Stop`). A bulk call refused as a whole is taken apart, so that one bad mail costs no other its delivery.
        """
        if len(mails) > self.max_batch:
            raise ValueError(f"at most {self.max_batch} mails at a time")
        outcomes: dict[int, Outcome] = {}
        letters = []
        for place, mail in enumerate(mails):
            written = _write(place, mail)
            if isinstance(written, _Letter):
                letters.append(written)
            else:
                outcomes[place] = written
        calls = deque(_batches(letters))
        while calls:
            batch = calls.popleft()
            answers = self._call(batch)
            if len(batch) > 1 and isinstance(answers, Rejected):
                calls.extendleft([letter] for letter in reversed(batch))
                continue
            if isinstance(answers, list):
                outcomes |= {letter.place: answer for letter, answer in zip(batch, answers, strict=True)}
                continue
            outcomes |= {letter.place: answers for letter in batch}
            if not isinstance(answers, Accepted | Rejected):
                rest = answers if isinstance(answers, Stop | Retry) else Retry(None, "an earlier call stayed unclear")
                outcomes |= {letter.place: rest for later in calls for letter in later}
                break
        return [outcomes[place] for place in range(len(mails))]

    def _call(self, batch: list[_Letter]) -> Outcome | list[Outcome]:
        """One request: an outcome for each letter, or one for the call as a whole."""
        try:
            if len(batch) == 1:
                answer = self._client.send_email(**_single_request(batch[0]), **self._options)
                sent = answer.get("MessageId")
                return Accepted(sent) if sent else Unknown("Amazon SES answered without a message id")
            answer = self._client.send_bulk_email(**_bulk_request(batch), **self._options)
        except CallFailed as error:
            return of_error(error)
        found: list[Outcome] = [of_entry(result) for result in answer.get("BulkEmailEntryResults", [])]
        missing = [Unknown("Amazon SES gave no result for the message")] * (len(batch) - len(found))
        return [*found, *missing][: len(batch)]


def _write(place: int, mail: Mail) -> _Letter | Outcome:
    """The mail in SES's terms, or why SES cannot take it: it knows no SMTPUTF8, so local parts are ASCII."""
    try:
        sender = mailbox_header(mail.sender)
        reply_to = (ascii_domain_form(mail.reply_to),) if mail.reply_to else ()
    except ValueError as error:
        return Stop("InvalidSender", str(error))
    if not all(address.isascii() for address in (sender, *reply_to)):
        return Stop("InvalidSender", "Amazon SES sends from ASCII addresses only")
    try:
        to = ascii_domain_form(mail.to)
    except ValueError as error:
        return Rejected("InvalidAddress", str(error))
    if not to.isascii():
        return Rejected("NonAsciiAddress", "Amazon SES cannot write to a local part beyond ASCII")
    data = json.dumps(
        {"clarion_subject": mail.subject, "clarion_html": mail.html, "clarion_text": mail.text}, ensure_ascii=False
    )
    entry = {
        "Destination": {"ToAddresses": [to]},
        "ReplacementEmailContent": {"ReplacementTemplate": {"ReplacementTemplateData": data}},
        "ReplacementHeaders": _pairs(mail.bulk_headers()),
        "ReplacementTags": _pairs(mail.message_tags.items()),
    }
    size = len(json.dumps(entry))  # as botocore will write it: ASCII, escapes and all, up to three times the data
    return _Letter(place, mail, sender, reply_to, to, entry, size, fits_bulk=len(data.encode()) <= MAX_TEMPLATE_DATA)


def _pairs(items: Any) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in items]


def _batches(letters: Sequence[_Letter]) -> Iterator[list[_Letter]]:
    """The calls to make: one per sender, reply address and megabyte; what is too large for bulk goes alone."""
    groups: dict[tuple[str, tuple[str, ...]], list[_Letter]] = {}
    for letter in letters:
        if letter.fits_bulk:
            groups.setdefault((letter.sender, letter.reply_to), []).append(letter)
        else:
            yield [letter]
    for group in groups.values():
        batch: list[_Letter] = []
        size = _FRAME
        for letter in group:
            if batch and size + letter.size > MAX_REQUEST:
                yield batch
                batch, size = [], _FRAME
            batch.append(letter)
            size += letter.size
        yield batch


def _bulk_request(batch: list[_Letter]) -> Mapping[str, Any]:
    first = batch[0]
    return {
        "FromEmailAddress": first.sender,
        **({"ReplyToAddresses": list(first.reply_to)} if first.reply_to else {}),
        "DefaultContent": {"Template": {"TemplateContent": _TEMPLATE, "TemplateData": "{}"}},
        "BulkEmailEntries": [letter.entry for letter in batch],
    }


def _single_request(letter: _Letter) -> Mapping[str, Any]:
    mail = letter.mail
    content = {
        "Subject": {"Data": mail.subject, "Charset": "UTF-8"},
        "Body": {
            "Text": {"Data": mail.text, "Charset": "UTF-8"},
            "Html": {"Data": mail.html, "Charset": "UTF-8"},
        },
        "Headers": letter.entry["ReplacementHeaders"],
    }
    return {
        "FromEmailAddress": letter.sender,
        **({"ReplyToAddresses": list(letter.reply_to)} if letter.reply_to else {}),
        "Destination": {"ToAddresses": [letter.to]},
        "Content": {"Simple": content},
        "EmailTags": letter.entry["ReplacementTags"],
    }
