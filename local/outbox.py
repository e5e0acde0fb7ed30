"""Every mail the stack has sent, as its recipients would have it: the emulator's outbox, completed and kept.

The emulator renders mails into a list in memory that is lost when it stops and drops two things SES passes on:
message tags and custom headers. `observe` takes both from the very request that sent the mail, joined by the
message id in the answer; a thread moves the completed mails to a file of JSON lines.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from ministack.services import ses  # type: ignore[import-untyped]

_POLL_SECONDS = 0.1
# How long a mail waits for the request that sent it; mails of Cognito come without one.
_GRACE_SECONDS = 2.0


@dataclass(frozen=True)
class Envelope:
    """What the request says about a mail and the emulator forgets."""

    tags: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    configuration_set: str = ""


@dataclass(frozen=True)
class Mail:
    """One delivered mail. `number` counts from 0 in the order of sending; `sent_at` is in epoch seconds."""

    number: int
    message_id: str
    sender: str
    to: list[str]
    subject: str
    text: str
    html: str
    sent_at: float
    tags: dict[str, str]
    headers: dict[str, str]
    configuration_set: str

    def as_json(self) -> dict[str, Any]:
        """Return the mail as the inbox's JSON shows it."""
        return asdict(self)


@dataclass(frozen=True)
class _Line:
    offset: int
    to: str


class Outbox:
    """The mails in the order they were sent; safe to read from any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines: list[_Line] = []
        self._envelopes: dict[str, Envelope] = {}
        self._seen = 0
        self._listeners: list[Callable[[Mail], None]] = []
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="outbox")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._size = self._restore()

    def start(self) -> None:
        """Begin to take mails over from the emulator."""
        self._thread.start()

    def stop(self) -> None:
        """Take over what is left."""
        self._stopped.set()
        self._thread.join()

    def listen(self, listener: Callable[[Mail], None]) -> None:
        """Call `listener` with every mail sent from now on."""
        self._listeners.append(listener)

    def observe(self, request: dict[str, Any], response: dict[str, Any]) -> None:
        """Remember tags and headers of a SendEmail or SendBulkEmail call by the ids it was answered with."""
        for message_id, envelope in envelopes(request, response):
            self._envelopes[message_id] = envelope

    def __len__(self) -> int:
        return len(self._lines)

    def mail(self, number: int) -> Mail | None:
        """Return one mail, or None when there is none of that number."""
        return next(self._read([number]), None) if 0 <= number < len(self._lines) else None

    def after(self, number: int, limit: int, to: str = "") -> list[Mail]:
        """Return up to `limit` mails with a number above `number` whose recipient contains `to`, oldest first."""
        wanted = to.strip().lower()
        numbers = (n for n in range(max(number + 1, 0), len(self._lines)) if wanted in self._lines[n].to)
        return list(self._read(list(islice(numbers, max(limit, 0)))))

    def newest(self, to: str, page: int, size: int) -> tuple[list[Mail], int]:
        """Return one page, newest first, of the mails whose recipient contains `to`, and how many there are."""
        wanted = to.strip().lower()
        numbers = [n for n, line in enumerate(self._lines) if wanted in line.to]
        numbers.reverse()
        return list(self._read(numbers[page * size : (page + 1) * size])), len(numbers)

    def _read(self, numbers: Any) -> Iterator[Mail]:
        if not numbers:
            return
        with self._path.open("rb") as lines:
            for number in numbers:
                lines.seek(self._lines[number].offset)
                yield Mail(number=number, **json.loads(lines.readline()))

    def _restore(self) -> int:
        offset = 0
        if self._path.exists():
            with self._path.open("rb") as lines:
                for line in lines:
                    if not line.endswith(b"\n"):
                        break  # the process was killed while it wrote the last one
                    self._lines.append(_Line(offset, ",".join(json.loads(line)["to"]).lower()))
                    offset += len(line)
            with self._path.open("ab") as file:
                file.truncate(offset)
        return offset

    def _run(self) -> None:
        while not self._stopped.wait(_POLL_SECONDS):
            self._take()
        self._take()

    def _take(self) -> None:
        sent = _sent_by_emulator()
        self._seen = min(self._seen, len(sent))  # a reset empties the emulator's list
        mails = []
        for record in sent[self._seen :]:
            envelope = self._envelopes.pop(record["MessageId"], None)
            if envelope is None:
                if record["Type"].startswith("v2.") and time.time() - record["Timestamp"] < _GRACE_SECONDS:
                    break
                envelope = Envelope(configuration_set=record.get("ConfigurationSetName", ""))
            self._seen += 1
            mails.append(_content(record, envelope))
        if mails:
            self._append(mails)

    def _append(self, mails: list[dict[str, Any]]) -> None:
        first = len(self._lines)
        with self._path.open("ab") as file:
            for mail in mails:
                line = json.dumps(mail, separators=(",", ":")).encode() + b"\n"
                file.write(line)
                file.flush()
                self._lines.append(_Line(self._size, ",".join(mail["to"]).lower()))
                self._size += len(line)
        for number, mail in enumerate(mails, first):
            for listener in self._listeners:
                listener(Mail(number=number, **mail))


def envelopes(request: dict[str, Any], response: dict[str, Any]) -> Iterator[tuple[str, Envelope]]:
    """Yield (message id, envelope) of each mail a SES v2 call sent; an entry's own tags come over the defaults."""
    configuration_set = request.get("ConfigurationSetName", "")
    if "BulkEmailEntries" not in request:
        content = request.get("Content", {})
        headers = (content.get("Simple") or content.get("Template") or {}).get("Headers", [])
        if message_id := response.get("MessageId"):
            yield message_id, Envelope(_tags(request.get("EmailTags", [])), _tags(headers), configuration_set)
        return
    tags = _tags(request.get("DefaultEmailTags", []))
    headers = _tags(request.get("DefaultContent", {}).get("Template", {}).get("Headers", []))
    results = response.get("BulkEmailEntryResults", [])
    for entry, result in zip(request["BulkEmailEntries"], results, strict=False):
        if message_id := result.get("MessageId"):
            yield (
                message_id,
                Envelope(
                    tags | _tags(entry.get("ReplacementTags", [])),
                    headers | _tags(entry.get("ReplacementHeaders", [])),
                    configuration_set,
                ),
            )


def _tags(pairs: list[dict[str, str]]) -> dict[str, str]:
    return {pair["Name"]: pair["Value"] for pair in pairs}


def _content(record: dict[str, Any], envelope: Envelope) -> dict[str, Any]:
    return {
        "message_id": record["MessageId"],
        "sender": record["Source"],
        "to": [*record.get("To", []), *record.get("CC", []), *record.get("BCC", [])],
        "subject": record.get("RenderedSubject") or record.get("Subject") or "",
        "text": record.get("RenderedBodyText") or record.get("BodyText") or "",
        "html": record.get("RenderedBodyHtml") or record.get("BodyHtml") or "",
        "sent_at": record["Timestamp"],
    } | asdict(envelope)


def _sent_by_emulator() -> list[dict[str, Any]]:
    """Return the emulator's own list; its HTTP endpoint answers with every mail ever sent, each time."""
    scoped = ses._sent_emails.to_dict()  # noqa: SLF001
    sent: list[dict[str, Any]] = next((v for key, v in scoped.items() if key[-1] == "entries"), [])
    return sent
