"""The text alternative says what the HTML says, for every contact."""

import json

import pytest

from clarion.content.plain_text import plain_text, tracked_text
from tests.shared_data import shared

MAILS = shared("email_templates")


def test_blocks_lines_lists_and_references_become_text() -> None:
    html = """<html><head><title>No</title><style>p {}</style></head><body><h1>Big &amp; bold</h1>
      <p>One   <b>two</b>&nbsp;three<br>four</p><ul><li>a</li><li>b</li></ul><hr><table><tr><td>x</td><td>y</td></tr>
      <tr><td>z</td></tr></table><!-- no --></body></html>"""

    assert plain_text(html) == "Big & bold\n\nOne two three\nfour\n\n- a\n- b\n\n---\n\nx y\nz\n"


def test_links_follow_their_words() -> None:
    html = """<a href="https://x.example/?a=1&amp;b=2">See it</a>, <a href="https://y.example/">https://y.example/</a>,
      <a href="mailto:help@x.example?subject=Hi">write</a>, <a href="tel:+49123">call</a>, <a href="#top">up</a>,
      <a href="https://z.example/"><img src="z.png" alt="Zed"></a>, <a href="https://q.example/"><img src=q></a>"""

    assert plain_text(html) == (
        "See it (https://x.example/?a=1&b=2), https://y.example/, write (help@x.example), call (+49123), up, "
        "Zed (https://z.example/), https://q.example/\n"
    )


def test_a_link_alone_in_its_paragraph_keeps_the_paragraph() -> None:
    html = "<p>Look:</p><p><a href='https://x.example/'>https://x.example/</a></p><p>Bye</p>"

    assert plain_text(html) == "Look:\n\nhttps://x.example/\n\nBye\n"


def test_tracked_destinations_are_replaced() -> None:
    html = '<a href="https://x.example/?a=1&amp;b=2">See</a> <a href="https://y.example/">y</a>'

    assert plain_text(html, {"https://x.example/?a=1&b=2": "{{L0}}"}) == "See ({{L0}}) y (https://y.example/)\n"


def test_hidden_elements_are_left_out() -> None:
    html = '<div style="DISPLAY : none">a<div>b</div>c</div><p hidden>d</p><img style="display:none" alt="e">f'

    assert plain_text(html) == "f\n"


def test_expressions_and_statements_come_through_unchanged_and_in_order() -> None:
    html = """<p>Hi {{ contact.firstName | default("a  &  b") }},</p>{# note #}
      {% for p in ps %}<p {% if p %}class="x"{% endif %}>{{ p }}</p>{% endfor %}
      <style>{% set x = 1 %}</style><div style="display:none">{% if y %}hidden{% endif %}</div>
      <a href="https://s.example/?c={{ contact.id }}&amp;d=1">Shop</a>"""

    assert plain_text(html) == (
        'Hi {{ contact.firstName | default("a  &  b") }},{% for p in ps %}{% if p %}{% endif %}\n\n{{ p }}{% endfor %}'
        "{% set x = 1 %}{% if y %}{% endif %}\n\nShop (https://s.example/?c={{ contact.id }}&d=1)\n"
    )


def test_what_only_looks_like_an_expression_once_decoded_stays_text() -> None:
    from jinja2 import Environment

    html = "&#123;&#123; x }} &#123;<b>&#123; y }}</b> &lt;b&gt;"

    assert Environment(autoescape=False).from_string(plain_text(html)).render(x=1, y=2) == "{{ x }} {{ y }} <b>"  # noqa: S701


@pytest.mark.parametrize("name", json.loads((MAILS / "links_truth_dev.json").read_text()))
def test_a_real_mail_gives_text_without_markup(name: str) -> None:
    text = plain_text((MAILS / name).read_bytes().decode())

    assert len(text) > 20
    assert "</" not in text
    assert "\n\n\n" not in text


def test_urls_of_a_written_text_are_tracked_where_the_html_links_there_too() -> None:
    tracked = {"https://x.example/a": "{{L0}}", "https://x.example/": "{{L1}}"}
    text = "See https://x.example/a. (https://x.example/) https://x.example/a/b {{ 'https://x.example/a' }}"

    assert tracked_text(text, tracked) == "See {{L0}}. ({{L1}}) https://x.example/a/b {{ 'https://x.example/a' }}"


def test_a_url_that_goes_on_with_an_expression_is_another_url() -> None:
    text = "https://x.example/{{ contact.id }}"

    assert tracked_text(text, {"https://x.example/": "{{L0}}"}) == text
