"""Text messages: compiled from their source, rendered for a contact, with links of our own."""

import json
from typing import Any

import pytest

from clarion.content.text import CompiledText, compile_text
from clarion.domain.errors import Invalid
from clarion.domain.rendering import RenderFailed
from tests.content.mails import CONTACT
from tests.shared_data import shared

NAUGHTY = json.loads(shared("hostile_strings/blns.json").read_text())


def tracking(number: int) -> str:
    return f"https://t.example/c/{number}"


def said(source: str, **contact: Any) -> str:
    return compile_text(source).render(CONTACT | contact, tracking)


@pytest.mark.parametrize(("source", "text"), [
    ("Hi {{ contact.firstName }} & <co>", "Hi Ada & <co>"),
    ("{{ attributes.points }} of {{ contact.attributes.points }}", "420 of 420"),
    ("{{ contact.lastName | default('friend') }}{{ attributes.nothing.at.all }}", "friend"),
    ("{% for tag in contact.tags %}{{ tag }} {% endfor %}", "gold news"),
    ("\n  Hello\n\nAda \n", "Hello\n\nAda"),
    ("{{ contact.firstName | e }} {{ '<b>' | escape }}", "Ada <b>"),
    ("{ no expression }", "{ no expression }"),
])  # fmt: skip
def test_a_text_is_rendered_as_the_text_of_a_mail_is_and_nothing_is_escaped(source: str, text: str) -> None:
    assert said(source) == text


def test_every_link_leads_over_us_and_two_links_to_one_page_count_as_one() -> None:
    text = compile_text("https://a.example/x. (https://b.example/ä) https://a.example/x!")
    assert text.links == ("https://a.example/x", "https://b.example/%C3%A4")
    assert text.render(CONTACT, tracking) == "https://t.example/c/0. (https://t.example/c/1) https://t.example/c/0!"
    assert text.render(CONTACT, text.links) == "https://a.example/x. (https://b.example/%C3%A4) https://a.example/x!"


def test_links_that_hold_an_expression_are_left_alone() -> None:
    source = "https://a.example/{{ contact.id }} https://a.example/?n={{ attributes.city }} https://a.example/"
    assert compile_text(source).links == ("https://a.example/",)
    assert said(source) == "https://a.example/c1 https://a.example/?n=London https://t.example/c/0"


@pytest.mark.parametrize(("tags", "text"), [(["gold"], "https://t.example/c/0"), ([], "https://t.example/c/1")])
def test_the_link_of_a_branch_is_tracked_in_that_branch(tags: list[str], text: str) -> None:
    source = "{% if contact.tags %}https://a.example/1{% else %}https://a.example/2{% endif %}"
    assert said(source, tags=tags) == text


def test_a_link_that_a_branch_goes_on_with_is_another_link() -> None:
    source = "https://a.example/{% if contact.tags %}gold{% endif %}"
    assert said(source, tags=[]) == "https://t.example/c/0"
    assert said(source, tags=["x"]) == "https://a.example/gold", "our link with something behind it would be broken"


def test_an_address_of_the_contact_s_is_no_link_of_the_campaign() -> None:
    assert said("{{ contact.firstName }} https://a.example/", firstName="https://evil.example/") == (
        "https://evil.example/ https://t.example/c/0"
    )


@pytest.mark.parametrize(("source", "reason"), [
    ("{{ oops", "line 1: unexpected end of template"),
    ("a\n{% if %}", "line 2: Expected an expression"),
    ("{{ 1 | nothing }}", "No filter named 'nothing'"),
    ("{% include 'x' %}", "line 1: include is not available"),
    ("{{ 1" + " + 1" * 900 + " }}", "nested too deeply"),
    ("see https://bank@evil.example/", "link 'https://bank@evil.example/': the URL holds a user name or password"),
    ("http://127.0.0.1/x", "link 'http://127.0.0.1/x': the host is not public"),
    ("Bye {{ unsubscribe_url }}", "unsubscribe_url is for mails"),
])  # fmt: skip
def test_a_source_that_cannot_be_sent_is_refused_naming_the_field(source: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        compile_text(source)
    assert [error["field"] for error in refused.value.errors] == ["smsText"]
    assert reason in refused.value.errors[0]["message"]


@pytest.mark.parametrize(("source", "reason"), [
    ("{{ 1 / (contact.tags | length - 2) }}", "smsText, line 1: division by zero"),
    ("{{ 'x' * 1601 }}", "smsText: 1601 characters with its links, at most 1600"),
    ("{{ 'x' * 9000 }}", "smsText: longer than 6400 octets"),
    ("{{ attributes.nothing }} \n", "smsText: the text is empty"),
    ("{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}", "smsText, line 1: more than"),
    ("https://a.example/ {{ 'x' * 1580 }}", "smsText: 1602 characters with its links, at most 1600"),
])  # fmt: skip
def test_what_cannot_be_rendered_is_a_failure_of_that_contact_alone(source: str, reason: str) -> None:
    with pytest.raises(RenderFailed) as failed:
        said(source)
    assert str(failed.value).startswith(reason)


def test_the_longest_text_is_1600_characters_of_any_kind() -> None:
    assert len(said("{{ 'ü' * 800 }}{{ '😀' * 800 }}")) == 1600


def test_half_a_character_is_a_failure_not_a_crash() -> None:
    with pytest.raises(RenderFailed, match="surrogates"):
        said("{{ contact.firstName }}", firstName="\ud800")


@pytest.mark.parametrize("naughty", NAUGHTY, ids=range(len(NAUGHTY)))
def test_a_naughty_string_is_itself_whoever_writes_it(naughty: str) -> None:
    assert said("[{{ attributes.naughty }}]", attributes={"naughty": naughty}) == f"[{naughty}]"
    assert said("[{% raw %}" + naughty.replace("{%", "") + "{% endraw %}] x") == f"[{naughty.replace('{%', '')}] x"


def test_what_was_compiled_is_kept_and_read_again() -> None:
    text = compile_text("Hi {{ contact.firstName }} “ü” https://a.example/")
    assert CompiledText.from_json(text.to_json()) == text
    assert CompiledText.from_json(text.to_json()).render(CONTACT, tracking) == text.render(CONTACT, tracking)


@pytest.mark.parametrize("stored", ['{"format":1,"source":"x","links":[]}', '{"source":"x","links":[]}'])
def test_another_format_is_refused(stored: str) -> None:
    with pytest.raises(ValueError, match="format"):
        CompiledText.from_json(stored)
