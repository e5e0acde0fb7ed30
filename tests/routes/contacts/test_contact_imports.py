"""Importing contacts over the API: start, upload, run, watch, fetch the errors."""

import urllib.parse
from typing import Any

import pytest

from tests.routes.conftest import EDITOR, STRANGER, VIEWER
from tests.routes.contacts.conftest import BUCKET

NOBODY = "01J0000000000000000000N0NE"


def get(call: Any, import_id: str, **options: Any) -> Any:
    return call("contacts", "get_import", path={"import_id": import_id}, **options)


def run(call: Any, import_id: str, **options: Any) -> Any:
    return call("contacts", "run_import", path={"import_id": import_id}, **options)


def errors(call: Any, import_id: str, **options: Any) -> Any:
    return call("contacts", "download_import_errors", path={"import_id": import_id}, **options)


def object_of(url: str) -> str:
    """The object's key that a presigned URL is for, checked to be of our bucket and signed."""
    parts = urllib.parse.urlsplit(url)
    assert parts.netloc == f"{BUCKET}.s3.eu-west-1.amazonaws.com"
    query = urllib.parse.parse_qs(parts.query)
    assert query["X-Amz-Expires"] == ["3600"]
    assert query["X-Amz-SignedHeaders"] == ["host"]  # whoever uploads needs no header of ours
    return parts.path.removeprefix("/")


@pytest.fixture
def started(call: Any, work: Any, s3: Any) -> Any:
    """``started(csv, **settings)`` → id of an import whose file is uploaded."""

    def started(text: str, **settings: Any) -> str:
        answer = call("contacts", "start_import", body=settings, user=EDITOR)
        assert (answer.status, answer.json["status"]) == (201, "awaiting_upload")
        s3.put_object(Bucket=BUCKET, Key=object_of(answer.json["uploadUrl"]), Body=text.encode())
        return str(answer.json["id"])

    return started


def test_a_file_is_imported_and_its_errors_can_be_fetched(call: Any, started: Any, work: Any, s3: Any) -> None:
    text = "Email,score\nann@example.com,7\nnobody,8\nAnn@example.com,9\n"
    import_id = started(text, filename="list.csv", types={"score": "number"})
    queued = run(call, import_id)
    assert (queued.status, queued.json["status"]) == (202, "queued")
    assert work() == [{"batchItemFailures": []}]
    done = get(call, import_id, user=VIEWER).json
    assert (done["status"], done["filename"], done["failure"]) == ("completed", "list.csv", None)
    counts = {"rows": 3, "created": 1, "updated": 0, "unchanged": 0, "duplicates": 1, "rejected": 1}
    assert done["counts"] == counts
    assert done["progress"] == {"bytesRead": len(text), "bytesTotal": len(text)}
    assert done["firstErrors"][0] | {"message": ""} == {"row": 3, "field": "Email", "message": "", "value": "nobody"}
    assert done["errorsUrl"] == f"/crm/contact-imports/{import_id}/errors"
    found = call("contacts", "list_contacts", query={"email": "ann@example.com"}).json["items"][0]
    assert (found["email"], found["attributes"]) == ("Ann@example.com", {"score": 9})
    key = object_of(errors(call, import_id).json["url"])
    listed = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()
    assert listed.startswith("row,field,message,value\r\n3,Email,")


def test_running_again_is_harmless(call: Any, started: Any, work: Any) -> None:
    import_id = started("email\nann@example.com\n")
    assert run(call, import_id).json["status"] == "queued"
    assert run(call, import_id).json["status"] == "queued"
    work()
    assert get(call, import_id).json["counts"]["created"] == 1
    assert run(call, import_id).status == 422


def test_an_import_without_a_file_cannot_run(call: Any, work: Any) -> None:
    import_id = call("contacts", "start_import", body={}).json["id"]
    answer = run(call, import_id)
    assert (answer.status, "upload the file first" in answer.json["detail"]) == (422, True)


def test_a_file_that_cannot_be_imported_says_why(call: Any, started: Any, work: Any) -> None:
    import_id = started("name\nAnn\n")
    run(call, import_id)
    work()
    done = get(call, import_id).json
    assert (done["status"], done["failure"]) == ("failed", "no column gives an email or a phone: map one")
    assert errors(call, import_id).status == 404


def test_errors_are_listed_once_the_import_is_over(call: Any, started: Any, work: Any) -> None:
    import_id = started("email\nann@example.com\n")
    assert errors(call, import_id).status == 422
    run(call, import_id)
    work()
    assert errors(call, import_id).status == 404


def test_a_repeated_start_is_one_import(call: Any, work: Any) -> None:
    headers = {"idempotency-key": "k1"}
    first, again = (call("contacts", "start_import", body={}, headers=headers).json["id"] for _ in range(2))
    assert first == again
    assert [job["id"] for job in call("contacts", "list_imports").json["items"]] == [first]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"mapping": {"a": "nickname"}}, "body.mapping.a"),
        ({"mapping": {"a": "attributes."}}, "body.mapping.a"),
        ({"types": {"a": "integer"}}, "body.types.a"),
        ({"tags": ["a;b"]}, "body.tags"),
        ({"consent": {"email": "yes"}}, "body.consent.email"),
        ({"delimiter": "|"}, "body.delimiter"),
        ({"phoneRegion": "Germany"}, "body.phoneRegion"),
        ({"file": "x"}, "body.file"),
    ],
)
def test_a_bad_body_is_refused_by_field(call: Any, work: Any, body: dict[str, Any], field: str) -> None:
    answer = call("contacts", "start_import", body=body)
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, field)


def test_national_numbers_are_read_in_the_region_that_the_import_names(call: Any, started: Any, work: Any) -> None:
    import_id = started("Email,Mobile\nann@example.com,030 90182080\nbob@example.com,12\n", phoneRegion="de")
    run(call, import_id)
    work()
    done = get(call, import_id).json
    assert (done["counts"]["created"], done["counts"]["rejected"]) == (1, 1)
    assert done["firstErrors"][0]["field"] == "Mobile"
    [contact] = call("contacts", "list_contacts").json["items"]
    assert contact["phone"] == "+493090182080"


def test_another_organisation_sees_nothing(call: Any, started: Any) -> None:
    import_id = started("email\nann@example.com\n")
    for ask in (get, run, errors):
        assert ask(call, import_id, user=STRANGER).status == 404
        assert ask(call, NOBODY).status == 404
    assert call("contacts", "list_imports", user=STRANGER).json["items"] == []


def test_a_role_without_the_permission_is_refused(call: Any, started: Any) -> None:
    import_id = started("email\nann@example.com\n")
    assert call("contacts", "start_import", body={}, user=VIEWER).status == 403
    assert run(call, import_id, user=VIEWER).status == 403
    for ask in (get, errors):
        assert ask(call, import_id, user=None).status == 401
    assert call("contacts", "list_imports", user=None).status == 401
