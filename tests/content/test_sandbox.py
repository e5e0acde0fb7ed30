"""A template reaches nothing, changes nothing, and cannot run for long."""

import time
import tracemalloc

import pytest

from clarion.content.compile import compile_mail
from clarion.domain.rendering import RenderFailed
from clarion.domain.template import MailSource
from tests.content.mails import CONTACT, render, rendered_text


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ ''['__class__']['__mro__'] }}",
        "{{ '' | attr('__class__') }}",
        "{{ contact.__class__ }}{{ contact.items.__self__ }}",
        "{{ self.__init__ }}{{ self._TemplateReference__context }}",
        "{{ lipsum }}{{ config }}{{ request }}",
        "{{ '{0.__class__}'.format('x') }}",
        "{{ ['{0.__class__}'] | map('format') | first | replace('{0.__class__}', '') }}",
    ],
)
def test_the_insides_of_python_are_out_of_reach(template: str) -> None:
    assert outcome(template) in ("", "refused as unsafe")


@pytest.mark.parametrize(
    "template",
    [
        "{{ contact.attributes.update({'city': 'x'}) }}",
        "{{ contact.tags.append('x') }}",
        "{{ contact.tags.clear() }}",
        "{{ contact.pop('id') }}",
        "{% do contact %}",
    ],
)
def test_the_contact_cannot_be_changed(template: str) -> None:
    before = repr(CONTACT)

    with pytest.raises(Exception, match=r"unsafe|unknown tag 'do'"):
        render(template)

    assert repr(CONTACT) == before


@pytest.mark.parametrize(
    "template",
    [
        "{% for a in range(100000) %}{% endfor %}",
        "{% for a in range(99) %}{% for b in range(99) %}{% for c in range(99) %}{% endfor %}{% endfor %}{% endfor %}",
        "{% for a in range(5) recursive %}{{ loop(range(5)) }}{% endfor %}",
        "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}",
        "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(40) }}",
        "{% for a in range(9999) | map('string') %}{% for b in range(9999) | select %}{% endfor %}{% endfor %}",
        "{{ 'a' * 10 ** 9 }}",
        "{{ 10 ** 9 * [1] }}",
        "{{ 9 ** 9999999 }}",
        "{{ 'a' | center(10 ** 9) }}",
        "{{ 'a'.ljust(10 ** 9) }}",
        "{{ 'a' | indent(width=10 ** 9, first=true) }}",
        "{{ [1] | batch(10 ** 9, 'x') | list }}",
        "{{ '%999999999d' | format(1) }}",
        "{{ '%*d' % (10 ** 9, 1) }}",
        "{{ '{:999999999}'.format(1) }}",
        "{{ '{:{w}}'.format(1, w=10 ** 9) }}",
        "{{ ('%(' * 120000) % 1 }}",
        "{{ ('{:' + ':' * 240000).format(1) }}",
        "{{ ('a' * 9999) | replace('a', 'b' * 9999) }}",
        "{{ ('a' * 9999).replace('a', 'b' * 9999) }}",
        "{% set n = namespace(s='aaaaaaaaaa') %}{% for i in range(60) %}{% set n.s = n.s ~ n.s %}{% endfor %}",
        "{% set n = namespace(s='aaaaaaaaaa') %}{% for i in range(60) %}{% set n.s = n.s + n.s %}{% endfor %}",
        "{% set n = namespace(i=99) %}{% for i in range(60) %}{% set n.i = n.i * n.i %}{% endfor %}",
        "{% for i in range(9999) %}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa{% endfor %}",
        *(
            "{% set big = 'a' * 200000 %}" + abuse
            for abuse in (
                "{{ ([big] * 2000) | join }}",
                "{{ ([big] * 2000) | map('upper') | list | length }}",
                "{{ ''.join([big] * 2000) }}",
                "{{ [big] * 2000 }}",
                "{{ ([big] * 2000) ~ '' }}",
                "{{ ([big] * 2000) | string }}",
                "{{ ([big] * 2000) | tojson }}",
                "{{ '%s' % [[big] * 2000] }}",
                "{{ ('%(a)s' * 40000) % {'a': big} }}",
                "{{ ('%(a)s' * 40000) | format(a=big) }}",
                "{{ ('{0}' * 80000).format(big) }}",
                "{{ big.join(['a'] * 200000) }}",
                "{{ (['a'] * 200000) | join(big) }}",
                "{{ big | wordwrap(1, wrapstring=big) }}",
                "{{ ('\\n' * 200000) | indent(big) }}",
                "{{ big.translate({97: big}) }}",
                "{{ ([1] * 200000) | tojson(indent=900) }}",
                "{{ ([[1] * 200000] * 2000) | sum(start=[]) | length }}",
                "{% for i in range(9000) %}{% set x = big | upper | lower | title | reverse %}{% endfor %}",
                "{% for i in range(9000) %}{% set x = big.upper() %}{% endfor %}",
                "{% for i in range(9000) %}{% set x = big ~ i %}{% endfor %}",
                "{% for i in range(9000) %}{% set x = big + 'a' %}{% endfor %}",
                "{% set x %}{% for i in range(9000) %}{{ big }}{% endfor %}{% endset %}",
                "{% macro f() %}{% for i in range(9000) %}{{ big }}{% endfor %}{% endmacro %}{% set x = f() %}",
                "{{ big.encode().center(10 ** 9) }}",
                "{{ (1).to_bytes(10 ** 9, 'big') }}",
            )
        ),
    ],
)
def test_a_template_that_never_ends_or_grows_without_bound_fails_soon(template: str) -> None:
    mail = compile_mail(MailSource(subject="s", html=template + "{{ unsubscribe_url }}", text="x"))
    started = time.process_time()
    tracemalloc.start()

    with pytest.raises(RenderFailed):
        mail.render(CONTACT, link_urls=[], open_url=None, unsubscribe_url="https://t.example/u")

    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert time.process_time() - started < 2
    assert most < 32 * 2**20


def test_the_allowance_is_each_parts_and_each_contacts_own() -> None:
    for _ in range(3):
        assert rendered_text("{% for a in range(9000) %}{% endfor %}ok") == "ok"


def outcome(template: str) -> str:
    try:
        return rendered_text(template)
    except RenderFailed as failed:
        return "refused as unsafe" if "unsafe" in failed.reason else str(failed)
