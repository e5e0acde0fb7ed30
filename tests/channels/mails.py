"""Mails to send in tests."""

from typing import Any

from clarion.domain.mail import Mail, Mailbox

TOKEN = "k1.01JD0000000000000000000000.AbCdEfGhIjKlMnOpQrStUvWxYz012345678901234567"
URL = f"https://track.acme.example/connect/automation/01JD/1/unsubscribe/?t={TOKEN}"


def a_mail(number: int = 1, **changes: Any) -> Mail:
    """A complete marketing mail; ``number`` tells it from others."""
    fields: dict[str, Any] = {
        "message_id": f"<m{number}@acme.example>",
        "sender": Mailbox("news@acme.example", "Acme News"),
        "to": f"reader{number}@example.com",
        "subject": f"Hello {number}",
        "html": f"<p>Hello {number}</p>\n",
        "text": f"Hello {number}\n",
        "reply_to": "office@acme.example",
        "unsubscribe_url": URL,
        "unsubscribe_mailto": "unsubscribe@acme.example",
        "list_id": "news.acme.example",
        "feedback_id": "c1:acme:campaign:clarion",
        "message_tags": {"message": f"m{number}", "organisation": "acme"},
    }
    return Mail(**fields | changes)
