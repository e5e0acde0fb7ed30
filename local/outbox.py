"""Every message the stack has sent, as its recipients would have it, kept in a file of JSON lines.

Mails are the emulator's outbox, completed: it renders them into a list in memory that is lost when it stops and drops
two things SES passes on, message tags and custom headers. `observe` takes both from the very request that sent the
mail, joined by the message id in the answer; a thread moves the completed mails to the file. Texts, posts and ads are
handed in by the development channels (`keep`).
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

from local.entries import Entry, Mail, Message, recipient_of

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
class _Line:
    offset: int
    kind: str
    to: str


class Outbox:
    """The messages in the order they were sent; safe to use from any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines: list[_Line] = []
        self._kept: dict[str, int] = {}
        self._writing = threading.Lock()
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

    def keep(self, content: dict[str, Any]) -> bool:
        """Keep a text, post or ad; an ad it has already stays as it is. Return whether it was kept now.

        Raises:
            ValueError: it is none of these, or names nobody, or has no id.
        """
        recipient_of(content)
        with self._writing:
            if content["kind"] == "ad" and content["id"] in self._kept:
                return False
            self._append({"message": content, "sent_at": time.time()})
        return True

    def kept(self, message_id: str) -> Message | None:
        """Return the latest text, post or ad of that id; None when there is none."""
        found = self.entry(self._kept.get(message_id, -1))
        return found if isinstance(found, Message) else None

    def entry(self, number: int) -> Entry | None:
        """Return one message, or None when there is none of that number."""
        return next(self._read([number]), None) if 0 <= number < len(self._lines) else None

    def after(self, number: int, limit: int, to: str = "", kind: str = "") -> list[Entry]:
        """Return up to `limit` messages with a number above `number`, oldest first: those whose recipient contains
        `to`, and where a `kind` is named, of that alone."""
        numbers = self._found(range(max(number + 1, 0), len(self._lines)), to, kind)
        return list(self._read(list(islice(numbers, max(limit, 0)))))

    def newest(self, to: str, kind: str, page: int, size: int) -> tuple[list[Entry], int]:
        """Return one page, newest first, of the messages that `after` would find, and how many there are."""
        numbers = list(self._found(range(len(self._lines) - 1, -1, -1), to, kind))
        return list(self._read(numbers[page * size : (page + 1) * size])), len(numbers)

    def _found(self, numbers: range, to: str, kind: str) -> Iterator[int]:
        wanted = to.strip().lower()
        lines = self._lines
        return (n for n in numbers if wanted in lines[n].to and kind in ("", lines[n].kind))

    def _read(self, numbers: list[int]) -> Iterator[Entry]:
        if not numbers:
            return
        with self._path.open("rb") as lines:
            for number in numbers:
                lines.seek(self._lines[number].offset)
                yield _entry(number, json.loads(lines.readline()))

    def _restore(self) -> int:
        offset = 0
        if self._path.exists():
            with self._path.open("rb") as lines:
                for line in lines:
                    if not line.endswith(b"\n"):
                        break  # the process was killed while it wrote the last one
                    self._note(offset, _entry(len(self._lines), json.loads(line)))
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
        if not mails:
            return
        with self._writing:
            taken = self._append(*mails)
        for mail in taken:
            for listener in self._listeners:
                if isinstance(mail, Mail):
                    listener(mail)

    def _append(self, *records: dict[str, Any]) -> list[Entry]:
        appended = []
        with self._path.open("ab") as file:
            for record in records:
                line = json.dumps(record, separators=(",", ":")).encode() + b"\n"
                file.write(line)
                file.flush()
                appended.append(entry := _entry(len(self._lines), record))
                self._note(self._size, entry)
                self._size += len(line)
        return appended

    def _note(self, offset: int, entry: Entry) -> None:
        if isinstance(entry, Message):
            self._kept[entry.content["id"]] = entry.number
        self._lines.append(_Line(offset, entry.kind, entry.recipient.lower()))


def _entry(number: int, record: dict[str, Any]) -> Entry:
    if "message" in record:
        return Message(number, record["sent_at"], record["message"])
    return Mail(number=number, **record)


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
