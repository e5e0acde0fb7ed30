"""Text messages composed for contacts: number, text, links, tags."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest

from clarion.content.compose_text import TextComposer
from clarion.content.text import compile_text
from clarion.domain.contact import Contact
from clarion.domain.rendering import RenderFailed
from clarion.domain.run import Run, RunId
from clarion.hot.token import Signer, Ticket
from clarion.hot.urls import TrackingUrls

ORG, CAMPAIGN, ANN = "01J00000000000000000000ACM", "01J0000000000000000000CAMP", "01J0000000000000000000ANNX"
SIGNER = Signer({1: b"s" * 32})
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def composer(source: str, first_link: int = 0) -> TextComposer:
    run = cast(Run, SimpleNamespace(id=RunId(ORG, CAMPAIGN, 3)))
    urls = TrackingUrls(SIGNER, "https://t.example", ORG, CAMPAIGN, 3, "hello", "sms")
    return TextComposer(run, "hello", first_link, compile_text(source), urls, "+15005550006")


def contact(**fields: Any) -> dict[str, Any]:
    return Contact.new(ANN, {"phone": "+49 (0)30 9018 2080", "first_name": "Ann", **fields}, NOW).document()


def test_a_message_goes_to_the_number_in_its_vendor_s_form_with_our_ids() -> None:
    message = composer("Hi {{ contact.firstName }}").compose(contact())
    assert (message.to, message.sender, message.body) == ("+493090182080", "+15005550006", "Hi Ann")
    assert message.message_tags == {"org": ORG, "campaign": CAMPAIGN, "run": "3", "step": "hello", "contact": ANN}


def test_links_carry_contact_channel_and_the_position_in_the_step_s_table() -> None:
    body = composer("https://a.example/ https://b.example/", first_link=5).compose(contact()).body
    for position, url in enumerate(body.split(), start=5):
        parts = urlsplit(url)
        assert parts.path == f"/connect/automation/{CAMPAIGN}/hello/link/click/"
        [token] = parse_qs(parts.query)["t"]
        assert SIGNER.read("click", CAMPAIGN, "hello", token) == Ticket(ORG, ANN, 3, "sms", position)


@pytest.mark.parametrize(("phone", "reason"), [
    (None, "the contact has no phone"),
    ("030 90182080", "no number with its country code"),
])  # fmt: skip
def test_without_a_number_there_is_no_message(phone: str | None, reason: str) -> None:
    document = contact(email="ann@example.com") | {"phone": phone}
    with pytest.raises(ValueError, match=reason):
        composer("Hi").compose(document)


def test_a_text_that_cannot_be_rendered_or_sent_is_this_contact_s_failure() -> None:
    with pytest.raises(RenderFailed):
        composer("{{ 1 // attributes.zero }}").compose(contact(attributes={"zero": 0}))
    with pytest.raises(ValueError, match="NUL"):
        composer("{{ contact.firstName }}").compose(contact() | {"firstName": "a\0"})
