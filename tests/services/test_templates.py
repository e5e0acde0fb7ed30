"""Templates compiled for campaigns."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from clarion.content.compile import compile_mail
from clarion.content.render import CompiledMail
from clarion.domain.errors import Invalid, NotFound
from clarion.domain.template import Template
from clarion.services.templates import Contacts, TemplateService, TemplateStore

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SALE = Template(
    id="t1",
    name="Sale",
    subject="Hello {{ contact.firstName }}",
    html='<body><a href="https://shop.example/sale">Look</a></body>',
    created_at=NOW,
    updated_at=NOW,
)


class TemplatesInMemory:
    def get(self, org_id: str, template_id: str) -> Template:
        if (org_id, template_id) != ("acme", SALE.id):
            raise NotFound("template", template_id)
        return SALE


@pytest.fixture
def service() -> TemplateService:
    return TemplateService(cast(TemplateStore, TemplatesInMemory()), cast(Contacts, None), compile_mail, lambda: NOW)


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
