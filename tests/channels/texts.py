"""Text messages to send in tests. Nobody has these numbers: they are set aside for fiction."""

from typing import Any

from clarion.domain.text_message import TextMessage

TAGS = {"org": "acme", "contact": "ann", "campaign": "k", "run": "1", "step": "1"}


def a_text(number: int = 1, **changes: Any) -> TextMessage:
    """A complete message; ``number`` (0 to 98) tells it from others."""
    fields: dict[str, Any] = {
        "to": f"+120655501{number:02d}",
        "body": f"Hello {number}: 10 % off – see https://acme.example/é",
        "sender": "+12065550199",
        "message_tags": TAGS | {"contact": f"ann{number}"},
    }
    return TextMessage(**fields | changes)
