"""A contact and the short way to a rendered mail."""

from typing import Any

from clarion.content.compile import compile_mail
from clarion.domain.rendering import RenderedMail
from clarion.domain.template import MailSource

CONTACT: dict[str, Any] = {
    "id": "c1",
    "email": "ada@example.com",
    "firstName": "Ada",
    "lastName": None,
    "attributes": {"city": "London", "points": 420, "items": "hidden by no method", "orders": [{"sku": "A"}]},
    "tags": ["gold", "news"],
}
UNSUBSCRIBE = "https://t.example/u?a=1&b=2"


def render(
    html: str | None = "<p>x</p>", *, contact: dict[str, Any] | None = None, open_url: str | None = None, **source: Any
) -> RenderedMail:
    """The mail of one contact; tracked link n is ``https://t.example/c/n``."""
    mail = compile_mail(MailSource(**{"subject": "Hello", "html": html, **source}))
    return mail.render(
        CONTACT | (contact or {}),
        link_urls=lambda number: f"https://t.example/c/{number}",
        open_url=open_url,
        unsubscribe_url=UNSUBSCRIBE,
    )


def rendered_text(template: str, **contact: Any) -> str:
    """What a text template says to one contact, with the unsubscribe line that every mail has left out."""
    return render(text=template + "{% if unsubscribe_url %}{% endif %}", contact=contact).text.removesuffix("\n")
