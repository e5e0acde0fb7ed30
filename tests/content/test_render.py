"""A mail is compiled once and rendered for each contact."""

from typing import Any

import pytest
from pydantic import ValidationError

from clarion.content.compile import compile_mail
from clarion.content.render import CompiledMail
from clarion.domain.errors import Invalid
from clarion.domain.rendering import RenderFailed
from clarion.domain.template import MailSource, Template
from tests.content.mails import CONTACT, render, rendered_text

PAGE = "<!doctype html><html><head><title>t</title></head><body class='x'>{}</body></html>"
FOOTER = '<a href="https://t.example/u?a=1&amp;b=2">Unsubscribe</a>'


def test_every_part_is_rendered_for_the_contact() -> None:
    mail = render(
        "<p>{{ contact.firstName }} of {{ attributes.city }}</p>",
        subject="Hi {{ contact.firstName }}",
        preheader="{{ attributes.points }} points",
        text="Dear {{ contact.firstName }}",
    )

    assert (mail.subject, mail.preheader) == ("Hi Ada", "420 points")
    assert "<p>Ada of London</p>" in mail.html
    assert mail.text.startswith("Dear Ada\n")


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("[{{ contact.lastName }}{{ nope }}{{ nope.deep.deeper }}{{ attributes.nope }}]", "[]"),
        ("{{ contact.lastName | default('friend') }} {{ nope | default('x') }}", "friend x"),
        ("{{ attributes['lastName'] | default('friend') }} {{ attributes.get('nope') }}", "friend "),
        ("{{ attributes.items }}", "hidden by no method"),
        (
            "{% for tag in contact.tags %}{{ loop.index }}/{{ loop.length }} {{ tag }} {% endfor %}",
            "1/2 gold 2/2 news ",
        ),
        ("{% for order in attributes.orders %}{{ order.sku }}{% endfor %}", "A"),
        ("{{ contact.firstName | e }} {{ '<b>' | e }} {{ 'a' ~ 1 }}", "Ada <b> a1"),
        (
            "{{ '%s costs 2024' | format('It') }} {{ '{:,.2f}'.format(1234.5) }} {{ 'a-b'.replace('-', '+') }}",
            "It costs 2024 1,234.50 a+b",
        ),
    ],
)
def test_variables_render_as_documented(template: str, text: str) -> None:
    assert rendered_text(template) == text


def test_a_contact_without_attributes_renders() -> None:
    assert rendered_text("[{{ attributes.city }}{{ contact.attributes.city }}]", attributes=None) == "[]"


def test_html_escapes_values_and_text_does_not() -> None:
    mail = render("<p>{{ contact.firstName }} {{ '<i>' ~ contact.firstName }}</p>", contact={"firstName": "<b>&"})

    assert "<p>&lt;b&gt;&amp; &lt;i&gt;&lt;b&gt;&amp;</p>" in mail.html
    assert mail.text.startswith("<b>& <i><b>&\n")


def test_subject_and_preheader_stay_one_line_whatever_the_values_hold() -> None:
    mail = render(
        subject="Hi {{ contact.firstName }}",
        preheader="{{ contact.firstName }}",
        contact={"firstName": "A\r\nBcc: all@x.example\x00\u2028\x85b"},
    )

    assert mail.subject == "Hi A Bcc: all@x.example b"
    assert mail.preheader == "A Bcc: all@x.example b"


def test_links_of_html_and_text_share_their_numbers() -> None:
    html = '<a href="https://x.example/?a=1&amp;b=2">X</a> <a href="https://y.example/">Y</a>'
    source = MailSource(subject="s", html=html, text="https://y.example/ https://only.example/")

    compiled = compile_mail(source)
    mail = render(html, text=source.text)

    assert compiled.links == ("https://x.example/?a=1&b=2", "https://y.example/")
    assert '<a href="https://t.example/c/0">X</a> <a href="https://t.example/c/1">Y</a>' in mail.html
    assert mail.text.startswith("https://t.example/c/1 https://only.example/\n")


def test_link_urls_may_be_a_list_and_are_escaped_in_html_only() -> None:
    compiled = compile_mail(MailSource(subject="s", html='<a href="https://x.example/">X</a>'))

    mail = compiled.render(CONTACT, link_urls=["https://t.example/?a&b"], open_url=None, unsubscribe_url="u")

    assert '<a href="https://t.example/?a&amp;b">X</a>' in mail.html
    assert "X (https://t.example/?a&b)" in mail.text


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (PAGE.format("<p>x</p>"), PAGE.format("PRE<p>x</p>AFTER")),
        ("<html><p>x</p></html>", "<html>PRE<p>x</p>AFTER</html>"),
        ("<!DOCTYPE html><p>x</p>", "<!DOCTYPE html>PRE<p>x</p>AFTER"),
        ("<p>x</p>", "PRE<p>x</p>AFTER"),
        ("<p>x</p><!-- </body> never closed", "PRE<p>x</p>AFTER<!-- </body> never closed"),
        (
            "<!-- <body> --><body><p>x</p></body><!-- </body> -->",
            "<!-- <body> --><body>PRE<p>x</p>AFTER</body><!-- </body> -->",
        ),
    ],
)
def test_preheader_pixel_and_unsubscribe_link_stand_inside_the_body(html: str, expected: str) -> None:
    mail = render(html, preheader="A & {{ contact.firstName }}", open_url="https://t.example/o")

    before, _, rest = expected.partition("PRE")
    middle, _, after = rest.partition("AFTER")
    assert mail.html.startswith(f'{before}<div style="display:none;')
    assert f">A &amp; Ada</div>{middle}<p " in mail.html
    assert f'{FOOTER}</p><img src="https://t.example/o" width=' in mail.html
    assert mail.html.endswith(f">{after}")


def test_without_open_url_and_preheader_there_is_neither_pixel_nor_hidden_block() -> None:
    html = render(PAGE.format('<a href="{{ unsubscribe_url }}">Leave</a>')).html

    assert html == PAGE.format('<a href="https://t.example/u?a=1&amp;b=2">Leave</a>')


def test_a_mail_without_unsubscribe_link_gets_one_in_both_parts() -> None:
    mail = render("<p>x</p>", text="y")

    assert FOOTER in mail.html
    assert mail.text == "y\n\nUnsubscribe: https://t.example/u?a=1&b=2\n"


def test_an_unsubscribe_link_of_ones_own_is_left_alone() -> None:
    mail = render('<a href="{{ unsubscribe_url }}">Leave</a>')

    assert "Unsubscribe" not in mail.html
    assert mail.text == "Leave (https://t.example/u?a=1&b=2)\n"


def test_the_text_follows_what_the_html_shows_to_this_contact() -> None:
    html = (
        "{% if attributes.vip %}<p>VIP</p>{% else %}<p>All</p>{% endif %}"
        "{% for tag in contact.tags %}<p>{{ tag }}</p>{% endfor %}"
    )

    assert render(html).text.startswith("All\n\ngold\n\nnews\n\nUnsubscribe")


def test_mjml_is_compiled_tracked_and_framed() -> None:
    mail = render(
        html=None,
        mjml="<mjml><mj-body><mj-section><mj-column><mj-text>Hi {{ contact.firstName }}</mj-text>"
        '<mj-button href="https://x.example/">Go</mj-button></mj-column></mj-section></mj-body></mjml>',
        open_url="https://t.example/o",
    )

    assert "Hi Ada" in mail.html
    assert 'href="https://t.example/c/0"' in mail.html
    assert "Go (https://t.example/c/0)" in mail.text


def test_a_compiled_mail_comes_back_from_json_and_renders_the_same() -> None:
    compiled = compile_mail(MailSource(subject="é {{ contact.id }}", html='<a href="https://x.example/">{{ 1/3 }}</a>'))

    restored = CompiledMail.from_json(compiled.to_json())

    assert restored == compiled
    first, second = (
        mail.render(CONTACT, link_urls=["https://t.example/"], open_url=None, unsubscribe_url="u")
        for mail in (compiled, restored)
    )
    assert first == second


def test_another_format_of_compiled_mail_is_refused() -> None:
    with pytest.raises(ValueError, match="format"):
        CompiledMail.from_json('{"format":0}')


@pytest.mark.parametrize(
    ("source", "errors"),
    [
        ({"html": "<p>\n\n{{ nope( }}</p>"}, [("html", "line 3: unexpected '}'")]),
        ({"html": "a", "subject": "{% if %}"}, [("subject", "line 1: Expected an expression")]),
        ({"html": "a", "text": "{{ x"}, [("text", "line 1: unexpected end of template")]),
        (
            {"html": "{{ x | nope }}", "preheader": "{% for %}"},
            [("preheader", "line 1"), ("html", "No filter named 'nope'")],
        ),
        ({"mjml": "<mjml>\n{% nope %}</mjml>"}, [("mjml", "line 2: Encountered unknown tag 'nope'")]),
        ({"mjml": "<mjml>"}, [("mjml", "unexpected end of stream")]),
        ({"html": "{% include 'x' %}"}, [("html", "line 1: include is not available")]),
        ({"html": "\n{% import 'x' as y %}"}, [("html", "line 2: import is not available")]),
        ({"html": "{% from 'x' import y %}"}, [("html", "line 1: import is not available")]),
        ({"html": "{% extends 'x' %}"}, [("html", "line 1: extends is not available")]),
        ({"html": "{{" + "(" * 50_000 + "}}"}, [("html", "nested too deeply")]),
        ({"html": "{{ 1" + " + 1" * 900 + " }}"}, [("html", "nested too deeply")]),
        ({"html": "{{ contact" + ".a" * 900 + " }}"}, [("html", "nested too deeply")]),
        ({"html": "{% for a in b %}" * 30 + "{% endfor %}" * 30}, [("html", "nested too deeply")]),
        ({"html": '<a href="javascript:x">'}, [("html", "link 'javascript:x': only http")]),
        ({"html": '<a href="https://u:p@x.example/">'}, [("html", "user name")]),
    ],
)
def test_a_source_that_cannot_be_compiled_is_refused_by_field_and_line(
    source: dict[str, str], errors: list[tuple[str, str]]
) -> None:
    with pytest.raises(Invalid) as refused:
        compile_mail(MailSource(**{"subject": "s", **source}))

    assert [error["field"] for error in refused.value.errors] == [field for field, _ in errors]
    assert all(reason in error["message"] for error, (_, reason) in zip(refused.value.errors, errors, strict=True)), (
        refused.value.errors
    )


@pytest.mark.parametrize(
    ("source", "failure"),
    [
        ({"html": "<p>\n{{ 1 / (contact.tags | length - 2) }}</p>"}, "html, line 2: division by zero"),
        ({"text": "{{ 1 / (attributes.n | int) }}"}, "text, line 1: attributes.n is missing"),
        ({"text": "{{ 1 / (contact.age | length) }}"}, "text, line 1: division by zero (contact.age is missing)"),
        ({"text": "{{ contact.age | default(1) }}{{ 1 / 0 }}"}, "text, line 1: division by zero"),
        ({"text": "{{ attributes.n + 1 }}"}, "text, line 1: n is missing"),
        ({"subject": "{{ nope() }}"}, "subject, line 1: 'nope' is undefined"),
        ({"text": "{{ contact.firstName + 1 }}"}, 'text, line 1: can only concatenate str (not "int") to str'),
        ({"subject": "{{ 'x' * 2000 }}"}, "subject: longer than 1000 octets"),
        ({"html": "{% for i in range(9000) %}" + "é" * 20 + "{% endfor %}"}, "html: longer than 250000 octets"),
    ],
)
def test_what_cannot_be_rendered_for_a_contact_is_a_failure_of_that_contact_alone(
    source: dict[str, Any], failure: str
) -> None:
    with pytest.raises(RenderFailed) as failed:
        render(**source)

    assert str(failed.value) == failure


def test_a_value_that_cannot_be_encoded_is_a_failure_not_a_crash() -> None:
    with pytest.raises(RenderFailed, match="surrogates"):
        render("{{ contact.firstName }}", contact={"firstName": "\ud800"})


@pytest.mark.parametrize("source", [{}, {"html": "a", "mjml": "<mjml></mjml>"}, {"html": ""}, {"html": "a", "x": 1}])
def test_a_source_has_exactly_one_markup_and_nothing_unknown(source: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        MailSource.model_validate({"subject": "s", **source})


def test_a_template_speaks_camel_case_and_needs_a_subject() -> None:
    fields = {"id": "t", "name": " News ", "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z"}

    template = Template.model_validate({**fields, "subject": "s", "html": "<p>x</p>"})

    assert (template.name, template.version, template.channels) == ("News", 1, ("email",))
    assert "createdAt" in template.model_dump(by_alias=True)
    with pytest.raises(ValidationError, match="subject"):
        Template.model_validate({**fields, "subject": "", "html": "<p>x</p>"})
