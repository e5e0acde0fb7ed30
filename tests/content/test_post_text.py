"""The text of a post: rendered without a reader."""

import json

import pytest

from clarion.content.post_text import post_text
from clarion.domain.errors import Invalid
from tests.shared_data import shared

NAUGHTY = json.loads(shared("hostile_strings/blns.json").read_text())
HARMLESS = [each for each in NAUGHTY if "{%" not in each and "{{" not in each and "http" not in each]


@pytest.mark.parametrize(("source", "text"), [
    ("  New: https://shop.example/?a=1&b=2 \n", "New: https://shop.example/?a=1&b=2"),
    ("{{ 2 * 3 }} <b>{{ '&' }}", "6 <b>&"),
    ("{% set days = 3 %}{{ days }} days{% for n in range(days) %}!{% endfor %}", "3 days!!!"),
    ("{{ ['a', 'b'] | join(' + ') }} #tag @name", "a + b #tag @name"),
])  # fmt: skip
def test_literals_and_what_the_source_sets_itself_are_posted(source: str, text: str) -> None:
    assert post_text(source) == text


@pytest.mark.parametrize(("source", "reasons"), [
    ("Hi {{ contact.firstName }}", ["contact is not known: a post has no contact"]),
    ("{{ attributes.city }}{{ contact.id }}", ["attributes is not known", "contact is not known"]),
    ("{{ x | default('y') }}", ["x is not known"]),
    ("{% if contact %}a{% endif %}b", ["contact is not known"]),
    ("{{ unsubscribe_url }}", ["unsubscribe_url is not known"]),
    ("{{ oops", ["line 1: unexpected end of template"]),
    ("a\n{{ 1 // 0 }}", ["line 2: integer division or modulo by zero"]),
    ("{{ 1" + " + 1" * 900 + " }}", ["blocks or expressions are nested too deeply"]),
    ("{{ '' }} ", ["the text is empty"]),
    ("{{ 'x' * 10001 }}", ["10001 characters, at most 10000"]),
    ("{{ 'x' * 50000 }}", ["longer than 40000 octets"]),
    ("https://u:p@evil.example/", ["link 'https://u:p@evil.example/': the URL holds a user name or password"]),
    ("{% include 'x' %}", ["line 1: include is not available"]),
])  # fmt: skip
def test_what_cannot_be_posted_is_refused_naming_the_field(source: str, reasons: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        post_text(source)
    assert {error["field"] for error in refused.value.errors} == {"socialText"}
    found = [error["message"] for error in refused.value.errors]
    assert all(message.startswith(reason) for message, reason in zip(found, reasons, strict=True)), found


@pytest.mark.parametrize("naughty", HARMLESS, ids=range(len(HARMLESS)))
def test_a_naughty_string_is_posted_as_it_is(naughty: str) -> None:
    assert post_text(f"[{naughty}]") == f"[{naughty}]"
