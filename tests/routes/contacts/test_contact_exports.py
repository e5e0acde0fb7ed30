"""Exporting contacts over the API."""

import csv
import io
from typing import Any

from tests.routes.conftest import EDITOR, STRANGER
from tests.routes.contacts.conftest import BUCKET
from tests.routes.contacts.test_contact_imports import object_of


def get(call: Any, export_id: str, **options: Any) -> Any:
    return call("contacts", "get_export", path={"export_id": export_id}, **options)


def test_all_contacts_of_the_organisation_are_exported(call: Any, work: Any, s3: Any) -> None:
    for n in range(3):
        call("contacts", "create_contact", body={"email": f"c{n}@example.com", "attributes": {"n": n}})
    call("contacts", "create_contact", body={"email": "other@example.com"}, user=STRANGER)
    started = call("contacts", "start_export", body={})
    assert (started.status, started.json["status"], started.json["url"]) == (202, "queued", None)
    assert get(call, started.json["id"]).json == started.json
    assert work() == [{"batchItemFailures": []}]
    done = get(call, started.json["id"]).json
    assert (done["status"], done["contacts"]) == ("completed", 3)
    body = s3.get_object(Bucket=BUCKET, Key=object_of(done["url"]))["Body"].read().decode()
    rows = list(csv.DictReader(io.StringIO(body, newline="")))
    assert {(row["email"], row["attributes.n"]) for row in rows} == {(f"c{n}@example.com", str(n)) for n in range(3)}


def test_a_repeated_start_is_one_export(call: Any, work: Any) -> None:
    headers = {"idempotency-key": "k1"}
    first, again = (call("contacts", "start_export", body={}, headers=headers).json["id"] for _ in range(2))
    assert first == again


def test_an_unknown_field_is_refused(call: Any, work: Any) -> None:
    answer = call("contacts", "start_export", body={"audienceId": "x"})
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, "body.audienceId")


def test_another_organisation_sees_nothing(call: Any, work: Any) -> None:
    export_id = call("contacts", "start_export", body={}).json["id"]
    assert get(call, export_id, user=STRANGER).status == 404


def test_a_role_without_the_permission_is_refused(call: Any, work: Any) -> None:
    export_id = call("contacts", "start_export", body={}).json["id"]
    assert call("contacts", "start_export", body={}, user=EDITOR).status == 403
    assert get(call, export_id, user=EDITOR).status == 403
