"""Templates, over HTTP events."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from clarion import wiring
from clarion.domain.contact import Contact
from clarion.domain.errors import NotFound
from clarion.schemas.templates import PreviewRequest
from clarion.storage.table import Table
from clarion.storage.templates import TemplateTable
from tests.routes.conftest import ACME, GLOBEX, STRANGER, VIEWER

ANN = "01J8Z3K9X4M5N6P7Q8R9S0T1VE"
HTML = '<html><body><p>Hi {{ contact.firstName }}</p><a href="https://example.com/a?b=1&amp;c=2">go</a></body></html>'
BODY = {"name": "Welcome", "subject": "Hi {{ contact.firstName }}", "preheader": "{{ attributes.city }}", "html": HTML}


class ContactsInMemory:
    """Ann, of Acme."""

    def get(self, org_id: str, contact_id: str) -> Contact:
        if (org_id, contact_id) != (ACME, ANN):
            raise NotFound("contact", contact_id)
        fields = {"email": "ann@example.com", "first_name": "<Ann>", "attributes": {"city": "Köln"}}
        return Contact.new(ANN, fields, datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture(autouse=True)
def _contacts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clarion.wiring.library.contact_table", ContactsInMemory)


def create(call: Any, body: Any = BODY, **how: Any) -> Any:
    return call("templates", "create_template", body=body, **how)


def get(call: Any, template_id: str, version: int | None = None, **how: Any) -> Any:
    query = {"version": str(version)} if version else None
    return call("templates", "get_template", path={"template_id": template_id}, query=query, **how)


def update(call: Any, template_id: str, body: Any = BODY, **how: Any) -> Any:
    return call("templates", "update_template", path={"template_id": template_id}, body=body, **how)


def delete(call: Any, template_id: str, **how: Any) -> Any:
    return call("templates", "delete_template", path={"template_id": template_id}, **how)


def preview(call: Any, template_id: str, body: Any, **how: Any) -> Any:
    return call("templates", "preview_template", path={"template_id": template_id}, body=body, **how)


def fields(answer: Any) -> list[str]:
    return [error["field"] for error in answer.json["errors"]]


def test_a_template_comes_back_as_it_was_saved(call: Any) -> None:
    created = create(call)
    assert created.status == 201
    assert created.json | {**BODY, "mjml": None, "text": None, "version": 1} == created.json
    assert created.headers["etag"] == '"1"'
    assert get(call, created.json["id"], user=VIEWER).json == created.json


def test_the_list_is_newest_first_without_bodies(call: Any) -> None:
    made = [create(call, {**BODY, "name": f"T{n}"}).json["id"] for n in range(3)]
    first = call("templates", "list_templates", query={"limit": "2"}, user=VIEWER).json
    second = call("templates", "list_templates", query={"limit": "2", "cursor": first["next"]}).json
    assert sorted(each["id"] for each in first["items"] + second["items"]) == sorted(made)
    assert set(first["items"][0]) == {"id", "name", "subject", "channels", "version", "createdAt", "updatedAt"}


def test_every_save_is_a_version_that_stays(call: Any) -> None:
    template = create(call).json["id"]
    assert update(call, template, {**BODY, "name": "Second", "subject": "Hello"}).json["version"] == 2
    assert (
        update(call, template, {**BODY, "html": None, "mjml": "<mjml><mj-body></mj-body></mjml>"}).json["version"] == 3
    )
    assert get(call, template).json["version"] == 3
    assert get(call, template, 1).json | BODY == get(call, template, 1).json
    assert (get(call, template, 2).json["name"], get(call, template, 2).json["subject"]) == ("Second", "Hello")
    assert get(call, template, 4).status == 404


def test_a_change_of_an_older_version_is_412_and_makes_no_version(call: Any) -> None:
    template = create(call).json["id"]
    assert update(call, template, headers={"if-match": '"1"'}).json["version"] == 2
    assert update(call, template, headers={"if-match": '"1"'}).status == 412
    assert update(call, template, {**BODY, "version": 1}).status == 412
    assert get(call, template).json["version"] == 2
    assert get(call, template, 3).status == 404


def test_a_deleted_template_is_gone_but_for_its_versions(call: Any) -> None:
    template = create(call).json["id"]
    assert delete(call, template).status == 204
    assert delete(call, template).status == 404
    assert get(call, template).status == 404
    assert update(call, template).status == 404
    assert preview(call, template, {}).status == 404
    assert call("templates", "list_templates").json["items"] == []
    assert get(call, template, 1).json["subject"] == BODY["subject"]


def test_a_template_is_deleted_as_it_was_seen(call: Any) -> None:
    template = create(call).json["id"]
    assert update(call, template).json["version"] == 2
    assert delete(call, template, headers={"if-match": '"1"'}).status == 412
    assert get(call, template).status == 200
    assert delete(call, template, headers={"if-match": '"2"'}).status == 204
    assert get(call, template).status == 404


def test_a_change_that_meets_a_deletion_does_not_revive_the_template(call: Any, table: Table) -> None:
    template = create(call).json["id"]
    read = TemplateTable(table).get(ACME, template)
    delete(call, template)
    with pytest.raises(Exception, match="was changed by somebody else"):
        TemplateTable(table).replace(ACME, read)
    assert get(call, template).status == 404
    assert get(call, template, 2).status == 404


def test_another_organisation_sees_nothing(call: Any) -> None:
    template = create(call).json["id"]
    for answer in (
        get(call, template, user=STRANGER),
        get(call, template, 1, user=STRANGER),
        update(call, template, user=STRANGER),
        delete(call, template, user=STRANGER),
        preview(call, template, {}, user=STRANGER),
    ):
        assert answer.status == 404
    assert call("templates", "list_templates", user=STRANGER, org=GLOBEX).json == {"items": [], "next": None}
    assert get(call, template).status == 200


def test_viewers_preview_but_change_nothing(call: Any) -> None:
    template = create(call).json["id"]
    assert preview(call, template, {}, user=VIEWER).status == 200
    for answer in (
        create(call, user=VIEWER),
        update(call, template, user=VIEWER),
        delete(call, template, user=VIEWER),
    ):
        assert answer.status == 403


def test_a_repeated_create_makes_one_template(call: Any) -> None:
    first = create(call, headers={"idempotency-key": "k1"})
    assert create(call, headers={"idempotency-key": "k1"}).json == first.json
    assert len(call("templates", "list_templates").json["items"]) == 1


def test_a_preview_is_the_mail_of_a_kept_contact_escaped(call: Any) -> None:
    template = create(call).json["id"]
    mail = preview(call, template, {"contactId": ANN}).json
    assert (mail["subject"], mail["preheader"]) == ("Hi <Ann>", "Köln")
    assert "<p>Hi &lt;Ann&gt;</p>" in mail["html"]
    assert 'href="https://example.com/a?b=1&amp;c=2"' in mail["html"]
    assert "Hi <Ann>" in mail["text"]
    assert "https://example.com/a?b=1&c=2" in mail["text"]


def test_a_preview_is_for_anybody_one_makes_up(call: Any) -> None:
    template = create(call).json["id"]
    body = {"contact": {"firstName": "Bob", "attributes": {"city": "Ulm"}}}
    assert preview(call, template, body).json["subject"] == "Hi Bob"
    assert preview(call, template, body).json["preheader"] == "Ulm"
    assert preview(call, template, {}).json["subject"] == "Hi"


def test_a_made_up_contact_has_all_that_a_kept_one_shows_to_templates(call: Any) -> None:
    kept = Contact.new(ANN, {"email": "ann@example.com"}, datetime(2026, 11, 21, tzinfo=UTC)).document()
    assert PreviewRequest().document().keys() == kept.keys()
    made_up = PreviewRequest.model_validate({"contact": json.loads(json.dumps(kept, default=datetime.isoformat))})
    assert made_up.document() == kept


def test_a_preview_for_an_unknown_contact_is_404(call: Any) -> None:
    template = create(call).json["id"]
    assert preview(call, template, {"contactId": "01J8Z3K9X4M5N6P7Q8R9S0T1VF"}).status == 404


def test_a_mail_that_fails_for_one_contact_names_the_part(call: Any) -> None:
    template = create(call, {**BODY, "subject": "{{ attributes.total / attributes.count }}"}).json["id"]
    made_up = {"contact": {"attributes": {"total": 1, "count": 0}}}
    answer = preview(call, template, made_up)
    assert (answer.status, answer.json["code"], fields(answer)) == (422, "render_failed", ["template.subject"])


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"name": ""}, ["body.name"]),
        ({"subject": "{{ oops"}, ["body.subject"]),
        ({"subject": "{% if %}", "preheader": "{{ 1 | nothing }}"}, ["body.subject", "body.preheader"]),
        ({"html": "<a href='javascript:alert(1)'>x</a>"}, ["body.html"]),
        ({"html": None}, ["body"]),
        ({"html": None, "mjml": "<mjml><oops"}, ["body.mjml"]),
        ({"mjml": "<mjml></mjml>"}, ["body"]),
        ({"text": "{% for x in %}"}, ["body.text"]),
        ({"colour": "red"}, ["body.colour"]),
    ],
)
def test_what_cannot_be_sent_is_not_saved(call: Any, changes: dict[str, Any], named: list[str]) -> None:
    template = create(call).json["id"]
    for answer in (create(call, {**BODY, **changes}), update(call, template, {**BODY, **changes})):
        assert (answer.status, fields(answer)) == (400, named)
    assert get(call, template).json["version"] == 1


def test_previews_name_the_fields_they_refuse(call: Any) -> None:
    template = create(call).json["id"]
    assert fields(preview(call, template, {"contact": {"name": "x"}})) == ["body.contact.name"]
    assert fields(preview(call, template, {"contact": {}, "contactId": ANN})) == ["body"]
    assert get(call, template, -1).json["errors"][0]["field"] == "query.version"


def test_a_template_too_large_to_keep_is_refused_and_the_largest_is_kept_with_its_answer(call: Any) -> None:
    too_large = {**BODY, "html": "ü" * 100_000, "text": "ü" * 100_000}
    assert create(call, too_large).status == 422
    large = {**BODY, "html": "<p>" + "ü" * 90_000, "text": "ü" * 90_000}
    first = create(call, large, headers={"idempotency-key": "k1"})
    assert first.status == 201
    assert create(call, large, headers={"idempotency-key": "k1"}).json == first.json


SAID = {"name": "Sale", "smsText": "Hi {{ contact.firstName }}: https://example.com/a", "socialText": "Sale – today"}


def test_a_text_message_and_a_post_come_back_as_they_were_saved(call: Any) -> None:
    created = create(call, SAID)
    assert created.status == 201
    without_mail = dict.fromkeys(("subject", "html", "mjml", "text")) | {"preheader": ""}
    assert created.json | SAID | without_mail == created.json
    assert created.json["channels"] == ["sms", "social"]
    assert get(call, created.json["id"]).json == created.json
    listed = call("templates", "list_templates").json["items"]
    assert [(each["subject"], each["channels"]) for each in listed] == [(None, ["sms", "social"])]
    changed = update(call, created.json["id"], {**BODY, "smsText": "Hi"}).json
    assert (changed["channels"], changed["socialText"], changed["version"]) == (["email", "sms"], None, 2)


def test_a_template_that_was_kept_before_there_were_texts_is_read(call: Any, table: Table) -> None:
    template = create(call).json["id"]
    kept = table.get({"pk": f"ORG#{ACME}#TEMPLATES", "sk": f"TEMPLATE#{template}"})
    assert kept is not None
    body = json.loads(kept["body"])
    for name in ("smsText", "socialText"):
        del body[name]
    table.put({**kept, "body": json.dumps(body)})
    read = get(call, template).json
    assert (read["subject"], read["smsText"], read["channels"]) == (BODY["subject"], None, ["email"])
    assert preview(call, template, {}).status == 200


def test_a_preview_shows_every_message_and_what_a_text_costs(call: Any) -> None:
    template = create(call, {**BODY, **SAID}).json["id"]
    shown = preview(call, template, {"contactId": ANN}, user=VIEWER).json
    assert shown["subject"] == "Hi <Ann>"
    assert shown["social"] == {"text": "Sale – today"}
    assert (shown["sms"]["text"], shown["sms"]["encoding"]) == ("Hi <Ann>: https://example.com/a", "GSM-7")
    said = preview(call, create(call, {"name": "x", "smsText": "10 – 20"}).json["id"], {}).json
    assert said == {
        **dict.fromkeys(("subject", "preheader", "html", "text", "social")),
        "sms": {"text": "10 – 20", "segments": 1, "encoding": "UCS-2", "charactersLeft": 63},
    }


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, ["body"]),
        ({"smsText": ""}, ["body.smsText"]),
        ({"smsText": "x" * 5001}, ["body.smsText"]),
        ({"smsText": "{{ oops", "socialText": "{{ contact.id }}"}, ["body.smsText", "body.socialText"]),
        ({"smsText": "https://u:p@example.com/"}, ["body.smsText"]),
        ({"socialText": "http://localhost/"}, ["body.socialText"]),
        ({"smsText": "x", "html": "<p>x"}, ["body.subject"]),
        ({"smsText": "x", "subject": "s"}, ["body"]),
        ({**BODY, "subject": "{{ oops", "smsText": "{% if %}"}, ["body.subject", "body.smsText"]),
    ],
)
def test_what_cannot_be_written_is_not_saved(call: Any, body: dict[str, Any], named: list[str]) -> None:
    answer = create(call, {"name": "x", **body})
    assert (answer.status, fields(answer)) == (400, named)


def test_a_text_that_fails_for_one_contact_names_the_part(call: Any) -> None:
    template = create(call, {"name": "x", "smsText": "{{ contact.firstName }}"}).json["id"]
    answer = preview(call, template, {})
    assert (answer.status, answer.json["code"], fields(answer)) == (422, "render_failed", ["template.smsText"])


def test_campaigns_get_the_newest_version_compiled_with_its_links(call: Any) -> None:
    template = create(call).json["id"]
    compiled, links = wiring.templates().compiled(ACME, template)
    assert list(links) == ["https://example.com/a?b=1&c=2"]
    assert "Hi {{ contact.firstName }}" in compiled
    with pytest.raises(NotFound):
        wiring.templates().compiled(GLOBEX, template)
