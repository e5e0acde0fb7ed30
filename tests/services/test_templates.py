"""Templates compiled for campaigns."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from clarion.content.compile import compile_mail
from clarion.content.post_text import post_text
from clarion.content.render import CompiledMail
from clarion.content.text import CompiledText, compile_text
from clarion.domain.errors import Invalid, NotFound
from clarion.domain.template import Template
from clarion.services.templates import Compilers, Contacts, TemplateService, TemplateStore

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SALE = Template(
    id="t1",
    name="Sale",
    subject="Hello {{ contact.firstName }}",
    html='<body><a href="https://shop.example/sale">Look</a></body>',
    created_at=NOW,
    updated_at=NOW,
)
LINK = "https://t.example/" + "x" * 40
SAID = Template(
    id="t2",
    name="Said",
    sms_text="Hi {{ contact.firstName }}: https://shop.example/sale (https://shop.example/new)",
    social_text="Sale until {{ 10 + 5 }}.12.: https://shop.example/sale",
    created_at=NOW,
    updated_at=NOW,
)


class TemplatesInMemory:
    def get(self, org_id: str, template_id: str) -> Template:
        known = {SALE.id: SALE, SAID.id: SAID}
        if org_id != "acme" or template_id not in known:
            raise NotFound("template", template_id)
        return known[template_id]


@pytest.fixture
def service() -> TemplateService:
    compilers = Compilers(compile_mail, compile_text, post_text, lambda: LINK)
    return TemplateService(cast(TemplateStore, TemplatesInMemory()), cast(Contacts, None), compilers, lambda: NOW)


def _subject(stored: str, **contact: Any) -> str:
    links = ["https://shop.example/sale"]
    mail = CompiledMail.from_json(stored)
    return mail.render(contact, link_urls=links, open_url=None, unsubscribe_url="#").subject


def test_a_template_is_compiled_with_its_own_subject_and_its_links(service: TemplateService) -> None:
    stored, links = service.compiled("acme", "t1")
    assert _subject(stored, firstName="Ana") == "Hello Ana"
    assert links == ("https://shop.example/sale",)


def test_another_subject_replaces_its_own_and_nothing_else(service: TemplateService) -> None:
    stored, links = service.compiled("acme", "t1", "Only today, {{ contact.firstName }}")
    assert _subject(stored, firstName="Ana") == "Only today, Ana"
    own, own_links = service.compiled("acme", "t1")
    assert CompiledMail.from_json(stored).html == CompiledMail.from_json(own).html
    assert links == own_links


def test_a_subject_that_does_not_compile_is_refused_by_name(service: TemplateService) -> None:
    with pytest.raises(Invalid) as refused:
        service.compiled("acme", "t1", "Hello {{ contact.")
    assert [error["field"] for error in refused.value.errors] == ["subject"]


def test_another_organisation_has_no_such_template(service: TemplateService) -> None:
    with pytest.raises(NotFound):
        service.compiled("other", "t1")


def test_a_text_message_is_compiled_with_its_links(service: TemplateService) -> None:
    stored, links = service.compiled_text("acme", "t2")
    assert links == ("https://shop.example/sale", "https://shop.example/new")
    text = CompiledText.from_json(stored).render({"firstName": "Ana"}, ["https://t.example/0", "https://t.example/1"])
    assert text == "Hi Ana: https://t.example/0 (https://t.example/1)"


def test_a_post_is_the_finished_text_with_its_links_as_they_are(service: TemplateService) -> None:
    assert service.social_text("acme", "t2") == "Sale until 15.12.: https://shop.example/sale"


@pytest.mark.parametrize(("asked", "template", "field", "reason"), [
    ("compiled", "t2", "html", "the template has no mail"),
    ("compiled_text", "t1", "smsText", "the template has no smsText"),
    ("social_text", "t1", "socialText", "the template has no socialText"),
])  # fmt: skip
def test_a_message_that_the_template_has_not_is_refused_by_name(
    service: TemplateService, asked: str, template: str, field: str, reason: str
) -> None:
    with pytest.raises(Invalid) as refused:
        getattr(service, asked)("acme", template)
    assert refused.value.errors == [{"field": field, "message": reason}]
    with pytest.raises(NotFound):
        getattr(service, asked)("other", template)


def test_a_preview_has_the_messages_of_the_template_and_no_other(service: TemplateService) -> None:
    mail = service.preview("acme", "t1", contact_id=None, contact={"firstName": "Ana"})
    assert (mail.mail is not None, mail.sms, mail.social) == (True, None, None)
    said = service.preview("acme", "t2", contact_id=None, contact={"firstName": "Ana"})
    assert said.mail is None
    assert said.sms is not None
    assert said.sms.text == "Hi Ana: https://shop.example/sale (https://shop.example/new)"
    assert said.social == "Sale until 15.12.: https://shop.example/sale"


def test_a_text_message_is_counted_with_its_tracking_links(service: TemplateService) -> None:
    counted = service.render_text("acme", "t2", {"firstName": "Ana"}).segments
    units = len("Hi Ana:  ()") + 2 * len(LINK)
    assert (counted.encoding, counted.units, counted.count, counted.left) == ("GSM-7", units, 1, 160 - units)
