"""Imported rows in the table: how many go together, and what happens when contacts change meanwhile."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from clarion.domain.contact import Contact
from clarion.domain.contact_merge import ContactChange
from clarion.storage.contact_upserts import ContactUpserts
from clarion.storage.contacts import ContactTable
from clarion.storage.table import ConditionFailed, Table
from tests.fakes.table import TableInMemory

ORG, IMPORT = "acme", "import-1"
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def rows(*numbers: int, **attributes: Any) -> list[ContactChange]:
    return [
        ContactChange(n, f"c{n}@example.com", {"email": f"c{n}@example.com"}, attributes or {"n": n}) for n in numbers
    ]


def outcomes(upserts: ContactUpserts, changes: Sequence[ContactChange], import_id: str = IMPORT) -> dict[int, str]:
    return {row: what for merged in upserts.apply(ORG, import_id, changes, NOW) for row, what in merged.outcomes}


class Interrupted(TableInMemory):
    """Somebody else acts just before the first transaction."""

    def __init__(self, act: Callable[[Table], None]) -> None:
        super().__init__()
        self._act: Callable[[Table], None] | None = act

    def transact(self, actions: Sequence[dict[str, Any]]) -> None:
        if self._act:
            act, self._act = self._act, None
            act(self)
        super().transact(actions)


def test_new_contacts_go_fifty_to_a_transaction_and_changed_ones_a_hundred() -> None:
    table = TableInMemory()
    assert set(outcomes(ContactUpserts(table, 1), rows(*range(120))).values()) == {"created"}
    assert table.transactions == [100, 100, 40]
    table.transactions.clear()
    assert set(outcomes(ContactUpserts(table, 1), rows(*range(120), a=1), "import-2").values()) == {"updated"}
    assert table.transactions == [100, 20]


def test_contacts_that_would_exceed_a_transactions_four_megabytes_go_in_two() -> None:
    table = TableInMemory()
    tags = tuple(f"{n:03d}" + "語" * 97 for n in range(100))
    large = [
        ContactChange(n, f"c{n}@example.com", {"email": f"c{n}@example.com"}, {"text": "x" * 32_000}, tags)
        for n in range(50)
    ]
    outcomes(ContactUpserts(table, 1), large)
    assert len(table.transactions) == 2
    assert sum(table.transactions) == 100


def test_one_contact_that_appears_meanwhile_does_not_hold_the_others_back() -> None:
    def act(table: Table) -> None:
        ContactTable(table).create(ORG, Contact.new("01J00000000000000000000NEW", {"email": "c7@example.com"}, NOW))

    table = Interrupted(act)
    found = outcomes(ContactUpserts(table, 1), rows(*range(50)))
    assert found[7] == "updated"
    assert [what for what in found.values() if what != "updated"] == ["created"] * 49
    assert ContactTable(table).get(ORG, "01J00000000000000000000NEW").attributes == {"n": 7}


def test_a_contact_that_is_changed_meanwhile_keeps_that_change_too() -> None:
    def act(table: Table) -> None:
        contacts = ContactTable(table)
        seen = contacts.find_by_email(ORG, "c1@example.com")
        assert seen is not None
        contacts.update(ORG, seen, seen.revised({"first_name": "Ann"}, NOW))

    table = Interrupted(lambda table: None)
    outcomes(ContactUpserts(table, 1), rows(1, 2))
    table._act = act
    assert outcomes(ContactUpserts(table, 1), rows(1, 2, more=1), "import-2") == {1: "updated", 2: "updated"}
    found = ContactTable(table).find_by_email(ORG, "c1@example.com")
    assert found is not None
    assert (found.first_name, found.attributes) == ("Ann", {"n": 1, "more": 1})


def test_a_contact_that_is_deleted_meanwhile_is_created_anew() -> None:
    def act(table: Table) -> None:
        contacts = ContactTable(table)
        seen = contacts.find_by_email(ORG, "c1@example.com")
        assert seen is not None
        contacts.delete(ORG, seen.id)

    table = Interrupted(lambda table: None)
    outcomes(ContactUpserts(table, 1), rows(1))
    table._act = act
    assert outcomes(ContactUpserts(table, 1), rows(1), "import-2") == {1: "created"}


def test_an_address_that_left_its_contact_during_the_import_gets_a_contact_of_its_own() -> None:
    table = TableInMemory()
    contacts = ContactTable(table)
    outcomes(ContactUpserts(table, 1), rows(1))
    ann = contacts.find_by_email(ORG, "c1@example.com")
    assert ann is not None
    contacts.update(ORG, ann, ann.revised({"email": "moved@example.com"}, NOW))
    later = [ContactChange(9, "c1@example.com", {"email": "c1@example.com"})]
    for _ in range(2):  # the second time as after a crash
        assert outcomes(ContactUpserts(table, 1), later) == {9: "created"}
    other = contacts.find_by_email(ORG, "c1@example.com")
    assert other is not None
    assert other.id != ann.id
    assert contacts.get(ORG, ann.id).email == "moved@example.com"


def test_rows_without_an_address_make_one_contact_each_however_often_they_are_applied() -> None:
    table = TableInMemory()
    changes = [ContactChange(n, None, {"phone": "1"}) for n in (2, 3)]
    for _ in range(2):
        assert outcomes(ContactUpserts(table, 1), changes) == {2: "created", 3: "created"}
    assert len(table.items) == 2


def test_the_real_tables_conditions_hold(table: Table) -> None:
    for _ in range(2):
        assert outcomes(ContactUpserts(table, 1), rows(1, 2)) == {1: "created", 2: "created"}
    assert outcomes(ContactUpserts(table, 1), [*rows(1), *rows(2, a=1)], "2") == {1: "unchanged", 2: "updated"}


def test_a_contact_that_keeps_changing_is_not_tried_for_ever() -> None:
    class Restless(TableInMemory):
        def transact(self, actions: Sequence[dict[str, Any]]) -> None:
            raise ConditionFailed

    with pytest.raises(RuntimeError, match="1 contacts changed under 6 attempts"):
        ContactUpserts(Restless(), 1).apply(ORG, IMPORT, rows(1), NOW)
