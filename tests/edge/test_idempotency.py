"""A repeated write gets the first answer again and does nothing twice."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from clarion import settings, wiring
from clarion.domain.errors import RuleBroken
from clarion.domain.model import Model
from clarion.edge import PUBLIC, SIGNED_IN, Caller, idempotency, route
from clarion.edge.route import Handler
from clarion.storage.table import Table, from_wire
from tests.conftest import TABLE
from tests.edge.conftest import ACME, Send


class Note(Model):
    text: str


class NoteView(Model):
    id: str
    text: str


@pytest.fixture(autouse=True)
def _fresh(table: Table) -> Iterator[None]:
    forget: tuple[Callable[[], None], ...] = (
        settings.settings.cache_clear,
        wiring.aws.cache_clear,
        idempotency._kept_answers.cache_clear,
    )
    for each in forget:
        each()
    yield
    for each in forget:
        each()


@pytest.fixture
def made() -> list[str]:
    """Ids of what was created."""
    return []


@pytest.fixture
def create(made: list[str]) -> Handler:
    @route("POST /notes", needs="contacts:write", status=201)
    def create(body: Note, caller: Caller) -> NoteView:
        view = NoteView(id=caller.new_id(), text=body.text)
        made.append(view.id)
        return view

    return create


def kept(dynamodb: Any) -> list[dict[str, Any]]:
    items = [from_wire(item) for item in dynamodb.scan(TableName=TABLE)["Items"]]
    return [item for item in items if not item["sk"].startswith("ID#")]


HELLO = json.dumps({"text": "hello"})


def test_a_repetition_gets_the_same_answer(send: Send, create: Handler, made: list[str]) -> None:
    first = send(create, HELLO, idempotency_key="k1")
    assert first.status == 201
    assert send(create, HELLO, idempotency_key="k1") == first
    assert made == [first.json["id"]]


def test_without_a_key_each_request_counts(send: Send, create: Handler, made: list[str], dynamodb: Any) -> None:
    send(create, HELLO)
    send(create, HELLO)
    assert len(set(made)) == 2
    assert kept(dynamodb) == []


def test_another_key_user_or_organisation_is_another_request(send: Send, create: Handler, made: list[str]) -> None:
    send(create, HELLO, idempotency_key="k1")
    send(create, HELLO, idempotency_key="k2")
    send(create, HELLO, idempotency_key="k1", user="bob", orgid=ACME)
    send(create, HELLO, idempotency_key="k1", user="bob", orgid="01J00000000000000000000GBX")
    assert len(set(made)) == 4


def test_the_same_key_with_another_body_is_refused(send: Send, create: Handler, made: list[str]) -> None:
    send(create, HELLO, idempotency_key="k1")
    answer = send(create, json.dumps({"text": "bye"}), idempotency_key="k1")
    assert (answer.status, answer.fields) == (422, ["headers.idempotency-key"])
    assert len(made) == 1


def test_answers_lie_below_the_organisation_and_expire_within_a_day(send: Send, create: Handler, dynamodb: Any) -> None:
    send(create, HELLO, idempotency_key="k1")
    (row,) = kept(dynamodb)
    assert row["pk"] == f"IDEMPOTENCY#{ACME}"
    assert row["expires_at"] > 1_700_000_000


def test_a_failure_is_not_kept(send: Send) -> None:
    answers = iter([RuleBroken("not yet"), None])

    @route("POST /notes", needs="contacts:write", status=201)
    def create(body: Note, caller: Caller) -> NoteView:
        if error := next(answers):
            raise error
        return NoteView(id=caller.new_id(), text=body.text)

    assert send(create, HELLO, idempotency_key="k1").status == 422
    assert send(create, HELLO, idempotency_key="k1").status == 201


def test_a_refused_body_does_not_use_the_key_up(send: Send, create: Handler) -> None:
    assert send(create, "{}", idempotency_key="k1").status == 400
    assert send(create, HELLO, idempotency_key="k1").status == 201


def test_while_the_first_request_runs_its_repetition_is_told_so(send: Send) -> None:
    inner: list[int] = []

    @route("POST /notes", needs="contacts:write", status=201)
    def create(body: Note, caller: Caller) -> NoteView:
        inner.append(send(create, HELLO, idempotency_key="k1").status)
        return NoteView(id=caller.new_id(), text=body.text)

    assert send(create, HELLO, idempotency_key="k1").status == 201
    assert inner == [409]


def test_what_was_made_with_keys_is_listed_newest_first_with_the_rest(send: Send, create: Handler) -> None:
    ids = []
    for number in range(6):
        key = f"k{number}" if number % 2 else ""
        ids.append(send(create, HELLO, idempotency_key=key).json["id"])
        time.sleep(0.002)  # an identifier's time is in milliseconds
    assert ids == sorted(ids)


class Crash(BaseException):
    """The function is gone, as after a time-out: nothing of ours runs any more."""


def test_after_a_crash_between_write_and_kept_answer_the_same_record_is_made(send: Send, dynamodb: Any) -> None:
    made: list[str] = []

    @route("POST /notes", needs="contacts:write", status=201)
    def create(body: Note, caller: Caller) -> NoteView:
        made.append(caller.new_id())
        if len(made) == 1:
            raise Crash
        return NoteView(id=made[-1], text=body.text)

    with pytest.raises(Crash):
        send(create, HELLO, idempotency_key="k1")
    assert send(create, HELLO, idempotency_key="k1").status == 409
    (row,) = kept(dynamodb)
    dynamodb.update_item(
        TableName=TABLE,
        Key={"pk": {"S": row["pk"]}, "sk": {"S": row["sk"]}},
        UpdateExpression="SET in_progress_expiration = :past",
        ExpressionAttributeValues={":past": {"N": "1"}},
    )
    assert send(create, HELLO, idempotency_key="k1").json["id"] == made[0]
    assert made == [made[0]] * 2


def test_the_first_requests_time_left_bounds_how_long_it_blocks(send: Send, create: Handler, dynamodb: Any) -> None:
    send(create, HELLO, idempotency_key="k1")
    (row,) = kept(dynamodb)
    assert row["expires_at"] - row["in_progress_expiration"] / 1000 == pytest.approx(86_400 - 10, abs=5)


def test_reads_ignore_the_key(send: Send, dynamodb: Any) -> None:
    @route("GET /notes", needs="contacts:read")
    def read(caller: Caller) -> NoteView:
        return NoteView(id=caller.new_id(), text="now")

    assert send(read, idempotency_key="k1").status == 200
    assert send(read, idempotency_key="k1", method="HEAD").status == 200
    assert kept(dynamodb) == []


def test_public_routes_ignore_the_key(send: Send, dynamodb: Any) -> None:
    @route("POST /login", needs=PUBLIC)
    def login(body: Note) -> NoteView:
        return NoteView(id="token", text=body.text)

    assert send(login, HELLO, idempotency_key="k1").status == 200
    assert send(login, json.dumps({"text": "bye"}), idempotency_key="k1").json["text"] == "bye"
    assert kept(dynamodb) == []


def test_a_route_that_takes_credentials_ignores_the_key_and_keeps_nothing(send: Send, dynamodb: Any) -> None:
    seen: list[Caller] = []

    @route("PUT /secret", needs="contacts:write", remembers=False)
    def put(body: Note, caller: Caller) -> NoteView:
        seen.append(caller)
        return NoteView(id="1", text=body.text)

    assert send(put, HELLO, idempotency_key="k1").status == 200
    assert send(put, json.dumps({"text": "bye"}), idempotency_key="k1").json["text"] == "bye"
    assert [caller.idempotency_key for caller in seen] == ["", ""]
    assert (put.operation.remembers, kept(dynamodb)) == (False, [])


def test_signed_in_routes_keep_answers_per_user(send: Send) -> None:
    @route("POST /me", needs=SIGNED_IN)
    def me(body: Note, caller: Caller) -> NoteView:
        return NoteView(id=caller.new_id(), text=caller.user_id)

    assert send(me, HELLO, idempotency_key="k1").json["text"] == "ann"
    assert send(me, HELLO, idempotency_key="k1", user="eve").json["text"] == "eve"


def test_long_answers_are_kept_too(send: Send) -> None:
    @route("POST /notes", needs="contacts:write", status=201)
    def create(body: Note, caller: Caller) -> NoteView:
        return NoteView(id=caller.new_id(), text='<p class="x">ü</p>' * 20_000)

    first = send(create, HELLO, idempotency_key="k1")
    assert (first.status, len(first.text) > 300_000) == (201, True)
    assert send(create, HELLO, idempotency_key="k1") == first


def test_a_key_has_at_most_255_characters(send: Send, create: Handler) -> None:
    assert send(create, HELLO, idempotency_key="k" * 255).status == 201
    assert send(create, HELLO, idempotency_key="k" * 256).fields == ["headers.idempotency-key"]
