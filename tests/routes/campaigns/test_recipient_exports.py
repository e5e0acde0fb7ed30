"""POST /crm/marketing/campaigns/{campaign_id}/recipient-exports and GET /crm/marketing/recipient-exports/{export_id}"""

import csv
import io
import json
from typing import Any

import pytest

from clarion import keys
from clarion.storage.table import Table
from tests.routes.conftest import ACME, EDITOR, STRANGER
from tests.routes.contacts.conftest import BUCKET, s3, work  # noqa: F401 - fixtures of the contacts' routes
from tests.routes.contacts.test_contact_imports import object_of


@pytest.fixture
def campaign(call: Any, ready: Any, work: Any) -> str:  # noqa: F811
    """A launched campaign of Acme."""
    return str(call("campaigns", "create_campaign", body=ready.campaign(status="running")).json["id"])


def start(call: Any, campaign: str, body: Any = None, **options: Any) -> Any:
    return call("campaigns", "start_recipient_export", path={"campaign_id": campaign}, body=body or {}, **options)


def get(call: Any, export_id: str, **options: Any) -> Any:
    return call("campaigns", "get_recipient_export", path={"export_id": export_id}, **options)


def test_recipients_of_an_outcome_are_exported_with_their_addresses(
    call: Any,
    campaign: str,
    table: Table,
    work: Any,  # noqa: F811
    s3: Any,  # noqa: F811
) -> None:
    contact = call("contacts", "create_contact", body={"email": "ann@example.com", "firstName": "Ann"}).json["id"]
    row = {
        "contacts": [contact, "01J0000000000000000000GONE"],
        "state": "done",
        "due_at": "2026-11-21T09:00:00.000Z",
        "results": json.dumps({0: ["skipped.suppressed", ""], 1: ["sent", "ses-1"]}),
    }
    table.put({**keys.batch(ACME, campaign, 1, 3, 0, 0), **row})
    started = start(call, campaign, {"outcome": "skipped.suppressed"})
    assert (started.status, started.json["status"], started.json["url"]) == (202, "queued", None)
    assert (started.json["campaignId"], started.json["run"]) == (campaign, 1)
    assert work() == [{"batchItemFailures": []}]
    done = get(call, started.json["id"]).json
    assert (done["status"], done["recipients"]) == ("completed", 1)
    body = s3.get_object(Bucket=BUCKET, Key=object_of(done["url"]))["Body"].read().decode()
    [exported] = csv.DictReader(io.StringIO(body, newline=""))
    assert exported == {
        "contactId": contact,
        "email": "ann@example.com",
        "phone": "",
        "firstName": "Ann",
        "lastName": "",
        "platform": "",
        "profile": "",
        "outcome": "skipped.suppressed",
        "detail": "",
        "step": "1",
        "variant": "",
    }


def test_another_organisation_sees_neither_campaign_nor_export(call: Any, campaign: str) -> None:
    export_id = start(call, campaign).json["id"]
    assert start(call, campaign, user=STRANGER).status == 404
    assert get(call, export_id, user=STRANGER).status == 404


def test_a_role_without_the_permission_is_refused(call: Any, campaign: str) -> None:
    export_id = start(call, campaign).json["id"]
    assert start(call, campaign, user=EDITOR).status == 403
    assert get(call, export_id, user=EDITOR).status == 403


def test_a_repeated_start_is_one_export(call: Any, campaign: str) -> None:
    headers = {"idempotency-key": "k1"}
    first, again = (start(call, campaign, headers=headers).json["id"] for _ in range(2))
    assert first == again


@pytest.mark.parametrize(("body", "field"), [
    ({"outcome": "opened"}, "body.outcome"), ({"run": 0}, "body.run"), ({"format": "xml"}, "body.format"),
])  # fmt: skip
def test_a_bad_body_is_refused_naming_the_field(call: Any, campaign: str, body: Any, field: str) -> None:
    answer = start(call, campaign, body)
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, field)


def test_a_campaign_never_launched_is_refused(call: Any, ready: Any, campaign: str) -> None:
    draft = call("campaigns", "create_campaign", body=ready.campaign()).json["id"]
    assert start(call, draft).status == 422
