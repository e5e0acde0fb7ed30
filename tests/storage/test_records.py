"""Records an organisation keeps a list of."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from clarion.domain.errors import Conflict, CursorRefused, NotFound, Stale
from clarion.domain.model import Model
from clarion.storage.records import RecordTable
from clarion.storage.table import Table


class Note(Model):
    id: str
    text_body: str
    version: int = 1


def note(number: int, text: str = "hello") -> Note:
    return Note(id=f"01J{number:023d}", text_body=text)


@pytest.fixture
def notes(dynamodb: Any) -> RecordTable[Note]:
    return RecordTable("NOTE", Note)


def test_a_record_comes_back_as_it_was_kept(notes: RecordTable[Note]) -> None:
    kept = notes.add("acme", note(1, "ü\n<b>\"' \N{GRINNING FACE}"))
    assert notes.get("acme", kept.id) == kept
    assert kept.version == 1


def test_another_organisation_sees_nothing(notes: RecordTable[Note]) -> None:
    notes.add("acme", note(1))
    with pytest.raises(NotFound):
        notes.get("globex", note(1).id)
    assert notes.list("globex", 10) == ([], None)
    notes.remove("globex", note(1).id)
    assert notes.get("acme", note(1).id)


def test_an_id_can_be_taken_once(notes: RecordTable[Note]) -> None:
    notes.add("acme", note(1))
    with pytest.raises(Conflict):
        notes.add("acme", note(1, "other"))
    assert notes.get("acme", note(1).id).text_body == "hello"


def test_of_two_changes_to_the_same_version_one_is_refused(notes: RecordTable[Note]) -> None:
    read = notes.add("acme", note(1))
    changed = notes.replace("acme", read.model_copy(update={"text_body": "first"}))
    with pytest.raises(Stale):
        notes.replace("acme", read.model_copy(update={"text_body": "second"}))
    assert changed.version == 2
    assert notes.get("acme", read.id) == changed


def test_a_change_does_not_revive_what_was_removed(notes: RecordTable[Note]) -> None:
    read = notes.add("acme", note(1))
    notes.remove("acme", read.id)
    notes.remove("acme", read.id)
    with pytest.raises(Stale):
        notes.replace("acme", read)
    with pytest.raises(NotFound):
        notes.get("acme", read.id)


def test_a_record_is_removed_as_it_was_seen(notes: RecordTable[Note]) -> None:
    read = notes.add("acme", note(1))
    notes.replace("acme", read)
    with pytest.raises(Stale):
        notes.remove("acme", read.id, read.version)
    assert notes.get("acme", read.id).version == 2
    notes.remove("acme", read.id, 2)
    with pytest.raises(NotFound):
        notes.get("acme", read.id)


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], list[float]]:
    """``refuse(times)``: a transaction holds the rows for so many writes; the list of the pauses between them."""

    def refuse(times: int) -> list[float]:
        client: Any = BaseClient  # whose types know nothing of what every call goes through
        send, left = client._make_api_call, [times]
        pauses: list[float] = []

        def refusing(self: Any, operation: str, request: dict[str, Any]) -> Any:
            if operation in ("PutItem", "DeleteItem") and left[0]:
                left[0] -= 1
                raise ClientError({"Error": {"Code": "TransactionConflictException", "Message": "held"}}, operation)
            return send(self, operation, request)

        monkeypatch.setattr(client, "_make_api_call", refusing)
        monkeypatch.setattr("clarion.storage.records.time.sleep", pauses.append)
        return pauses

    return refuse


def test_a_write_waits_for_a_transaction_that_holds_the_row(
    notes: RecordTable[Note], refuse: Callable[[int], list[float]]
) -> None:
    pauses = refuse(3)
    read = notes.add("acme", note(1))
    assert len(pauses) == 3
    refuse(2)
    assert notes.replace("acme", read).version == 2
    refuse(2)
    notes.remove("acme", read.id, 2)
    with pytest.raises(NotFound):
        notes.get("acme", read.id)


def test_a_row_that_is_held_too_long_counts_as_changed(
    notes: RecordTable[Note], refuse: Callable[[int], list[float]]
) -> None:
    read = notes.add("acme", note(1))
    refuse(12)
    with pytest.raises(Stale):
        notes.replace("acme", read)
    with pytest.raises(Stale):
        notes.remove("acme", read.id)
    assert notes.get("acme", read.id) == read


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6, 200])
def test_pages_hold_every_record_once_newest_first(notes: RecordTable[Note], limit: int) -> None:
    for number in range(5):
        notes.add("acme", note(number))
    found, position, pages = [], None, 0
    while pages < 10:
        page, position = notes.list("acme", limit, position)
        assert len(page) <= limit
        found += [each.id for each in page]
        pages += 1
        if position is None:
            break
    assert found == [note(number).id for number in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize("position", [{}, {"id": 7}, {"id": None}, {"id": ["x"]}, {"id": "x" * 5000}, {"user": "u"}])
def test_a_position_of_another_list_is_refused(notes: RecordTable[Note], position: dict[str, Any]) -> None:
    with pytest.raises(CursorRefused):
        notes.list("acme", 10, position)


def test_row_attributes_are_kept_beside_the_record_and_go_with_the_next_change(
    notes: RecordTable[Note], table: Table
) -> None:
    read = notes.add("acme", note(1), due_pk="DUE#1", due_sk="2026-01-01T00:00:00.000Z#acme#1")
    key = {"pk": "ORG#acme#NOTES", "sk": f"NOTE#{read.id}"}
    assert (table.get(key) or {})["due_pk"] == "DUE#1"
    assert [due["sk"] for due in table.query_due("DUE#1", "2026-01-02T00:00:00.000Z")] == [key["sk"]]
    notes.replace("acme", read)
    assert "due_pk" not in (table.get(key) or {})
    assert table.query_due("DUE#1", "2026-01-02T00:00:00.000Z") == []
