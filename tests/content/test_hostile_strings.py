"""Naughty strings as a contact's values: escaped in HTML, themselves in text, harmless in the subject."""

import json
import unicodedata

import html5lib
import pytest

from clarion.content.compile import compile_mail
from clarion.domain.rendering import RenderedMail
from clarion.domain.template import MailSource
from tests.content.mails import CONTACT
from tests.shared_data import shared

STRINGS = json.loads(shared("hostile_strings/blns.json").read_text())
MAIL = compile_mail(
    MailSource(
        subject="[{{ attributes.naughty }}]",
        preheader="{{ attributes.naughty }}",
        html='<body><p title="{{ attributes.naughty }}">{{ attributes.naughty }}</p></body>',
        text="[{{ attributes.naughty }}]",
    )
)


def rendered(naughty: str) -> RenderedMail:
    contact = CONTACT | {"attributes": {"naughty": naughty}}
    return MAIL.render(contact, link_urls=[], open_url="https://t.example/o", unsubscribe_url="https://t.example/u")


def elements(html: str) -> list[tuple[str, list[str]]]:
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    return [(element.tag, sorted(element.attrib)) for element in tree.iter()]


HARMLESS = elements(rendered("harmless").html)


@pytest.mark.parametrize("naughty", STRINGS, ids=range(len(STRINGS)))
def test_a_naughty_string_is_text_and_nothing_else(naughty: str) -> None:
    mail = rendered(naughty)

    paragraph = html5lib.parse(mail.html, namespaceHTMLElements=False).find("body/p")
    assert (paragraph.text or "") == naughty
    assert paragraph.attrib["title"] == naughty
    assert elements(mail.html) == (HARMLESS if mail.preheader else [each for each in HARMLESS if each[0] != "div"])
    assert mail.text.startswith(f"[{naughty}]\n")
    assert not any(unicodedata.category(character) == "Cc" for character in mail.subject + mail.preheader)


def test_there_are_515_naughty_strings() -> None:
    assert len(STRINGS) == 515
