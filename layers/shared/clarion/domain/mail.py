"""One e-mail, ready to leave: rendered, addressed to one person, with the headers bulk mail must carry.

A `Mail` that exists can be put on the wire: whatever would break or smuggle a header is refused here, so that no
channel has to think of it. Nothing but the standard library is loaded.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from clarion.domain.outcomes import Outcome

MAX_NAME = 256
"""Characters in a display name."""
MAX_SUBJECT = 2_000
"""Characters in a subject line."""
MAX_HEADER = 996
"""Octets of a header's name and value together: Amazon SES's limit, and below RFC 5322's line of 998."""

_ADDRESS = re.compile(r"""[^\s\x00-\x20\x7f-\x9f<>()\[\]:;,\\"@]+@[^\s\x00-\x20\x7f-\x9f<>()\[\]:;,\\"@]+""")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_DOT_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_MESSAGE_ID = re.compile(rf"<{_DOT_ATOM.pattern}@{_DOT_ATOM.pattern}>")
_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")
_URI = re.compile(r"[!-;=?-~]+")  # printable ASCII without < and >, which enclose it
_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def one_line(text: str) -> str:
    """``text`` as a header may hold it: every run of white space and control characters is one space."""
    return _BREAKS.sub(" ", text).strip()


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address and the name shown for it (``""`` for none)."""

    address: str
    name: str = ""

    def __post_init__(self) -> None:
        if not _ADDRESS.fullmatch(self.address):
            raise ValueError(f"not an e-mail address: {self.address!r}")
        _refuse_control("a display name", self.name)
        if len(self.name) > MAX_NAME:
            raise ValueError(f"a display name has at most {MAX_NAME} characters")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One message for one recipient; ValueError says which field cannot be sent.

    ``message_id`` is our own RFC 5322 id, ``<message@tenant.example>``; Amazon SES replaces it on the wire.
    ``unsubscribe_url`` is the RFC 8058 one-click address (https; http on loopback alone), None for mail that is not
    marketing. ``unsubscribe_mailto`` is an address, without ``mailto:``. ``list_id`` is the RFC 2919 identifier without
    brackets, ``news.tenant.example``. ``message_tags`` are our ids as the vendor's events echo them
    (``[A-Za-z0-9_-]``, up to 256 characters, no personal data).
    """

    message_id: str
    sender: Mailbox
    to: str
    subject: str
    html: str
    text: str
    reply_to: str | None = None
    unsubscribe_url: str | None = None
    unsubscribe_mailto: str | None = None
    list_id: str | None = None
    feedback_id: str | None = None
    message_tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for address in (self.to, self.reply_to, self.unsubscribe_mailto):
            if address is not None and not _ADDRESS.fullmatch(address):
                raise ValueError(f"not an e-mail address: {address!r}")
        _refuse_control("the subject", self.subject)
        if len(self.subject) > MAX_SUBJECT:
            raise ValueError(f"the subject has at most {MAX_SUBJECT} characters")
        for name, text in (("subject", self.subject), ("html", self.html), ("text", self.text)):
            _refuse_surrogates(name, text)
        if not _MESSAGE_ID.fullmatch(self.message_id) or len(self.message_id) > 250:
            raise ValueError(f"not a message id: {self.message_id!r}")
        if self.unsubscribe_url is not None:
            _check_one_click(self.unsubscribe_url)
        if self.unsubscribe_mailto is not None and not _URI.fullmatch(self.unsubscribe_mailto):
            raise ValueError("the unsubscribe address must be ASCII")
        if self.list_id is not None and not _DOT_ATOM.fullmatch(self.list_id):
            raise ValueError(f"not a list id: {self.list_id!r}")
        if self.feedback_id is not None and not re.fullmatch(r"[!-~]+", self.feedback_id):
            raise ValueError("the feedback id must be printable ASCII without spaces")
        for tag, value in self.message_tags.items():
            if not _TAG.fullmatch(tag) or not _TAG.fullmatch(value):
                raise ValueError(f"message tag {tag!r} may hold A-Z, a-z, 0-9, _ and - only")
        for header, value in self.bulk_headers():
            if len(header) + len(value) > MAX_HEADER:
                raise ValueError(f"{header} is longer than {MAX_HEADER} characters")

    def bulk_headers(self) -> list[tuple[str, str]]:
        """What mailbox providers ask of bulk mail, each value one unfolded ASCII line (RFC 2369, 2919, 8058)."""
        headers = []
        targets = [f"<{self.unsubscribe_url}>"] if self.unsubscribe_url else []
        if self.unsubscribe_mailto:
            targets.append(f"<mailto:{self.unsubscribe_mailto}>")
        if targets:
            headers.append(("List-Unsubscribe", ", ".join(targets)))
        if self.unsubscribe_url:
            headers.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
        if self.list_id:
            headers.append(("List-Id", f"<{self.list_id}>"))
        if self.feedback_id:
            headers.append(("Feedback-ID", self.feedback_id))
        return headers


class MailChannel(Protocol):
    """A way for e-mails to leave."""

    @property
    def max_batch(self) -> int:
        """Recipients in one `send`."""
        ...

    def send(self, mails: Sequence[Mail]) -> list[Outcome]:
        """Hand up to ``max_batch`` mails to the vendor, each at most once: one outcome per mail, in their order.

        Never raises for what the vendor does or fails to do; ValueError for more than ``max_batch`` mails.
        """
        ...


def _refuse_control(what: str, text: str) -> None:
    if _CONTROL.search(text):
        raise ValueError(f"{what} holds a line break or another control character")
    _refuse_surrogates(what, text)


def _refuse_surrogates(what: str, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{what} holds half a character (a lone surrogate)") from None


def _check_one_click(url: str) -> None:
    if not _URI.fullmatch(url) or "," in url:
        raise ValueError("the unsubscribe URL must be plain ASCII without spaces, commas or angle brackets")
    parts = urlsplit(url)
    host = parts.hostname or ""
    local = host in _LOOPBACK or host.endswith(".localhost")
    if not host or (parts.scheme != "https" and not (parts.scheme == "http" and local)):
        raise ValueError("the unsubscribe URL must be https (RFC 8058)")
