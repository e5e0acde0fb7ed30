"""Importing and exporting the suppression list over the API."""

import csv
import io
from typing import Any

import pytest

from tests.fakes.moto_partiql import run_inserts
from tests.routes.conftest import EDITOR, STRANGER, VIEWER
from tests.routes.contacts.conftest import BUCKET
from tests.routes.contacts.test_contact_imports import object_of
from tests.routes.contacts.test_suppressions import add, find

NOBODY = "01J0000000000000000000N0NE"
ROUTES = ("get_suppression_import", "run_suppression_import", "download_suppression_import_errors")


@pytest.fixture(autouse=True)
def _partiql(monkeypatch: pytest.MonkeyPatch) -> None:
    run_inserts(monkeypatch)


def ask(call: Any, name: str, import_id: str, **options: Any) -> Any:
    return call("contacts", name, path={"import_id": import_id}, **options)


def get_export(call: Any, export_id: str, **options: Any) -> Any:
    return call("contacts", "get_suppression_export", path={"export_id": export_id}, **options)


@pytest.fixture
def started(call: Any, work: Any, s3: Any) -> Any:
    """``started(csv, **settings)`` → id of an import whose file is uploaded."""

    def started(text: str, **settings: Any) -> str:
        answer = call("contacts", "start_suppression_import", body=settings, user=EDITOR)
        assert (answer.status, answer.json["status"]) == (201, "awaiting_upload")
        s3.put_object(Bucket=BUCKET, Key=object_of(answer.json["uploadUrl"]), Body=text.encode())
        return str(answer.json["id"])

    return started


def test_a_file_is_imported_and_its_errors_can_be_fetched(call: Any, started: Any, work: Any, s3: Any) -> None:
    add(call, "known@example.com", reason="complaint")
    text = "Email,Reason\nAnn@example.com,bounce\nnobody,\nann@example.com,\nknown@example.com,\n"
    import_id = started(text, filename="old-list.csv")
    queued = ask(call, "run_suppression_import", import_id, user=EDITOR)
    assert (queued.status, queued.json["status"]) == (202, "queued")
    assert work() == [{"batchItemFailures": []}]
    done = ask(call, "get_suppression_import", import_id, user=VIEWER).json
    assert (done["status"], done["filename"], done["failure"]) == ("completed", "old-list.csv", None)
    assert done["counts"] == {"rows": 4, "added": 1, "unchanged": 1, "duplicates": 1, "rejected": 1}
    assert done["progress"] == {"bytesRead": len(text), "bytesTotal": len(text)}
    assert done["errorsUrl"] == f"/crm/marketing/suppression-imports/{import_id}/errors"
    (ann,) = find(call, "ann@example.com").json["items"]
    assert (ann["reason"], ann["source"], ann["importId"], ann["createdBy"]) == (
        "hard_bounce",
        "import",
        import_id,
        EDITOR,
    )
    assert find(call, "known@example.com").json["items"][0]["reason"] == "complaint"
    key = object_of(ask(call, "download_suppression_import_errors", import_id).json["url"])
    listed = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()
    assert listed.startswith("row,field,message,value\r\n3,Email,")
    assert [job["id"] for job in call("contacts", "list_suppression_imports").json["items"]] == [import_id]
    assert call("contacts", "list_imports").json["items"] == []


def test_national_numbers_are_suppressed_in_the_region_that_the_import_names(
    call: Any, started: Any, work: Any
) -> None:
    import_id = started("Phone\n030 90182080\n", channel="sms", phoneRegion="DE")
    ask(call, "run_suppression_import", import_id)
    work()
    assert ask(call, "get_suppression_import", import_id).json["counts"]["added"] == 1
    assert len(find(call, "+49 30 90182080", "sms").json["items"]) == 1


def test_a_file_that_cannot_be_imported_says_why(call: Any, started: Any, work: Any) -> None:
    import_id = started("ann@example.com\n")
    ask(call, "run_suppression_import", import_id)
    work()
    done = ask(call, "get_suppression_import", import_id).json
    assert (done["status"], "no column gives an address" in done["failure"]) == ("failed", True)
    assert ask(call, "download_suppression_import_errors", import_id).status == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"channel": "fax"}, "body.channel"),
        ({"reason": "because"}, "body.reason"),
        ({"mapping": {"a": "email"}}, "body.mapping.a"),
        ({"delimiter": "|"}, "body.delimiter"),
        ({"phoneRegion": "Germany"}, "body.phoneRegion"),
    ],
)
def test_a_bad_import_is_refused_by_field(call: Any, work: Any, body: dict[str, Any], field: str) -> None:
    answer = call("contacts", "start_suppression_import", body=body)
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, field)


def test_the_list_is_exported_and_its_file_imports_again(call: Any, work: Any, s3: Any, started: Any) -> None:
    add(call, "+493090182080", "sms", reason="opt_out")
    add(call, "bob@example.com", note="=1+1")
    add(call, "other@example.com", user=STRANGER)
    started_export = call("contacts", "start_suppression_export", body={})
    assert (started_export.status, started_export.json["channels"]) == (202, ["email", "sms"])
    assert work() == [{"batchItemFailures": []}]
    done = get_export(call, started_export.json["id"]).json
    assert (done["status"], done["addresses"]) == ("completed", 2)
    body = s3.get_object(Bucket=BUCKET, Key=object_of(done["url"]))["Body"].read().decode()
    rows = list(csv.DictReader(io.StringIO(body, newline="")))
    assert [(row["channel"], row["address"], row["reason"], row["note"]) for row in rows] == [
        ("email", "bob@example.com", "manual", "'=1+1"),
        ("sms", "'+493090182080", "opt_out", ""),
    ]
    import_id = started(body, fromExport=True)
    ask(call, "run_suppression_import", import_id)
    work()
    counts = ask(call, "get_suppression_import", import_id).json["counts"]
    assert counts == {"rows": 2, "added": 0, "unchanged": 2, "duplicates": 0, "rejected": 0}


def test_an_export_of_one_channel_holds_no_other(call: Any, work: Any, s3: Any) -> None:
    add(call, "+493090182080", "sms")
    add(call, "bob@example.com")
    export_id = call("contacts", "start_suppression_export", body={"channel": "sms"}).json["id"]
    work()
    assert get_export(call, export_id).json["addresses"] == 1


def test_another_organisation_sees_nothing(call: Any, started: Any) -> None:
    import_id = started("email\nann@example.com\n")
    for name in ROUTES:
        assert ask(call, name, import_id, user=STRANGER).status == 404
        assert ask(call, name, NOBODY).status == 404
    assert call("contacts", "list_suppression_imports", user=STRANGER).json["items"] == []
    export_id = call("contacts", "start_suppression_export", body={}).json["id"]
    assert get_export(call, export_id, user=STRANGER).status == 404


def test_a_role_without_the_permission_is_refused(call: Any, started: Any) -> None:
    import_id = started("email\nann@example.com\n")
    assert call("contacts", "start_suppression_import", body={}, user=VIEWER).status == 403
    assert ask(call, "run_suppression_import", import_id, user=VIEWER).status == 403
    export_id = call("contacts", "start_suppression_export", body={}).json["id"]
    assert call("contacts", "start_suppression_export", body={}, user=EDITOR).status == 403
    assert get_export(call, export_id, user=EDITOR).status == 403
