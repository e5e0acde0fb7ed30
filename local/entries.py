"""What the outbox keeps: mails, and the texts, posts and ads of the development channels."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal["mail", "text", "post", "ad"]
KINDS: tuple[Kind, ...] = ("mail", "text", "post", "ad")


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

    kind = "mail"

    @property
    def recipient(self) -> str:
        """Everybody it went to."""
        return ", ".join(self.to)

    def as_json(self) -> dict[str, Any]:
        """Return the mail as the inbox's JSON shows it."""
        return asdict(self)


@dataclass(frozen=True)
class Message:
    """A text, post or ad as a development channel showed it. `number` and `sent_at` are as a mail's."""

    number: int
    sent_at: float
    content: dict[str, Any]

    @property
    def kind(self) -> str:
        """`text`, `post` or `ad`."""
        return str(self.content["kind"])

    @property
    def recipient(self) -> str:
        """The phone, the social profile or the ad account."""
        return recipient_of(self.content)

    def as_json(self) -> dict[str, Any]:
        """Return the message as the inbox's JSON shows it."""
        return {"number": self.number, "sent_at": self.sent_at, **self.content}


Entry = Mail | Message


def recipient_of(content: dict[str, Any]) -> str:
    """Whom a text, post or ad is for.

    Raises:
        ValueError: it is neither, or names nobody, or has no id.
    """
    field = {"text": "to", "post": "profile", "ad": "account"}.get(str(content.get("kind")))
    if field is None:
        raise ValueError("kind is one of text, post, ad")
    for name in ("id", field):
        if not isinstance(content.get(name), str) or not content[name]:
            raise ValueError(f"{name} is missing")
    return str(content[field])
