"""Identifiers of requests that may be repeated."""

from datetime import UTC, datetime, timedelta

from clarion.storage.issued_ids import IssuedIds
from tests.fakes.table import TableInMemory

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def test_a_repetition_gets_the_identifier_of_the_first_request() -> None:
    table = TableInMemory()
    ids = IssuedIds(table, lambda: NOW)
    assert ids.remember("acme", "request", "first") == "first"
    assert ids.remember("acme", "request", "second") == "first"
    assert ids.remember("acme", "another", "second") == "second"
    assert ids.remember("globex", "request", "third") == "third"


def test_it_is_kept_longer_than_the_answer_and_not_for_ever() -> None:
    table = TableInMemory()
    IssuedIds(table, lambda: NOW).remember("acme", "request", "first")
    [item] = table.items.values()
    assert item["expires_at"] == int((NOW + timedelta(hours=25)).timestamp())
