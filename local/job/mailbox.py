"""What a recipient's mail program finds in a delivered mail."""

from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from local.stack import Stack


@dataclass(frozen=True)
class Received:
    """One delivered mail: its recipient, tracked links, pixel, and the address for one-click unsubscribe."""

    to: str
    contact_id: str
    links: list[str]
    pixel: str
    unsubscribe_url: str


def received(stack: Stack, campaign_id: str) -> Iterator[Received]:
    """Every mail of a campaign in the local outbox, in the order it was delivered."""
    after = -1
    while mails := stack.mails(after):
        after = mails[-1]["number"]
        for mail in mails:
            if mail["tags"].get("campaign") == campaign_id:
                yield opened(mail)


def opened(mail: dict[str, Any]) -> Received:
    """A mail of the outbox as its recipient's program shows it."""
    parser = _Addresses()
    parser.feed(mail["html"])
    return Received(
        to=mail["to"][0],
        contact_id=mail["tags"]["contact"],
        links=[url for url in parser.links if "/link/click/" in url],
        pixel=next((url for url in parser.images if "/email/open/" in url), ""),
        unsubscribe_url=mail["headers"]["List-Unsubscribe"].partition("<")[2].partition(">")[0],
    )


class _Addresses(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.images: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a":
            self.links.append(values.get("href") or "")
        if tag == "img":
            self.images.append(values.get("src") or "")
