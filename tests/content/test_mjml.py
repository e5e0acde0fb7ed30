"""MJML becomes HTML; nothing outside the source is read."""

from pathlib import Path

import pytest

from clarion.content.links import find_links
from clarion.content.mjml import html_of_mjml
from clarion.domain.errors import Invalid
from tests.shared_data import shared

SOURCES = sorted(shared("email_templates/mjml_src").glob("*.mjml"))


def body(content: str) -> str:
    return f"<mjml><mj-body><mj-section><mj-column>{content}</mj-column></mj-section></mj-body></mjml>"


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_a_real_mjml_mail_compiles(source: Path) -> None:
    html = html_of_mjml(source.read_text())

    assert "</body>" in html
    assert "<mj" not in html


def test_there_are_25_real_mjml_mails() -> None:
    assert len(SOURCES) == 25


def test_template_expressions_come_through() -> None:
    html = html_of_mjml(
        body(
            '<mj-text>{% if attributes.points > 3 %}Hi {{ contact.firstName | default("you") }}{% endif %}</mj-text>'
            '<mj-button href="{{ unsubscribe_url }}">Leave</mj-button>'
        )
    )

    assert '{% if attributes.points > 3 %}Hi {{ contact.firstName | default("you") }}{% endif %}' in html
    assert [link.href for link in find_links(html)] == ["{{ unsubscribe_url }}"]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", "unable to find mjml element"),
        ("hello", "unable to parse"),
        ("<mjml><mj-body><mj-text></mj-body>", "unexpected end"),
        (body("<mj-bottun>x</mj-bottun>"), "mj-bottun"),
        (body('<mj-include path="/etc/hostname" />'), "included"),
        (body('<mj-include path="http://127.0.0.1:9/x.mjml" />'), "included"),
        ('<mjml><mj-head><mj-include path="/etc/hostname" type="css" /></mj-head></mjml>', "included"),
        ("<mjml><mj-body>" + "<mj-section>" * 5_000, "nested"),
        ("<mjml><mj-body>{# " + "<mj-section>" * 5_000, "nested"),
        ("<mjml><mj-body><style>" + "<mj-section>" * 5_000, "nested"),
    ],
)
def test_bad_mjml_is_refused_naming_field_and_reason(source: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        html_of_mjml(source)

    [error] = refused.value.errors
    assert error["field"] == "mjml"
    assert reason in error["message"]
    assert "root template" not in error["message"]
