"""Contacts and their unique addresses."""

from datetime import UTC, datetime
from typing import Any

import pytest

from clarion import keys
from clarion.domain.contact import Contact
from clarion.domain.errors import Conflict, Invalid, NotFound, Stale
from clarion.domain.ids import derived_id
from clarion.storage.contact_documents import ContactDocuments
from clarion.storage.contacts import ContactTable
from clarion.storage.table import Table
from tests.conftest import TABLE

ACME, GLOBEX = "acme", "globex"
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def contact(n: int, email: str | None = None, **fields: Any) -> Contact:
    return Contact.new(derived_id("contact", str(n)), {"email": email or f"c{n}@example.com", **fields}, NOW)


@pytest.fixture
def contacts(table: Table) -> ContactTable:
    return ContactTable(table)


def test_a_contact_comes_back_as_it_was_kept(contacts: ContactTable) -> None:
    ann = contact(1, first_name="Ann", attributes={"n": 1.5, "big": 2**60}, tags=["a"], consent={"sms": "denied"})
    contacts.create(ACME, ann)
    assert contacts.get(ACME, ann.id) == ann
    assert contacts.find_by_email(ACME, "c1@example.com") == ann
    assert contacts.get_many(ACME, [ann.id, ann.id, derived_id("nobody")]) == [ann]


def test_another_organisation_has_its_own_contacts_and_addresses(contacts: ContactTable) -> None:
    contacts.create(ACME, contact(1))
    assert contacts.find_by_email(GLOBEX, "c1@example.com") is None
    with pytest.raises(NotFound):
        contacts.get(GLOBEX, contact(1).id)
    contacts.create(GLOBEX, contact(2, "c1@example.com"))


def test_an_address_belongs_to_one_contact_in_whatever_spelling(contacts: ContactTable) -> None:
    contacts.create(ACME, contact(1, "ann@example.com"))
    with pytest.raises(Conflict) as refused:
        contacts.create(ACME, contact(2, "ANN@Example.COM"))
    assert refused.value.field == "body.email"
    with pytest.raises(NotFound):
        contacts.get(ACME, contact(2).id)


def test_a_repeated_creation_gives_the_contact_that_is_there(contacts: ContactTable) -> None:
    contacts.create(ACME, contact(1, first_name="Ann"))
    assert contacts.create(ACME, contact(1, first_name="Other")).first_name == "Ann"
    phone_only = Contact.new(derived_id("p"), {"phone": "1"}, NOW)
    assert contacts.create(ACME, phone_only) == contacts.create(ACME, phone_only)


def test_changing_the_address_frees_the_old_one(contacts: ContactTable) -> None:
    seen = contacts.create(ACME, contact(1, "old@example.com"))
    changed = contacts.update(ACME, seen, seen.revised({"email": "new@example.com"}, NOW))
    assert contacts.find_by_email(ACME, "old@example.com") is None
    assert contacts.find_by_email(ACME, "new@example.com") == changed
    contacts.create(ACME, contact(2, "old@example.com"))
    without = contacts.update(ACME, changed, changed.revised({"email": None, "phone": "1"}, NOW))
    assert contacts.find_by_email(ACME, "new@example.com") is None
    assert contacts.get(ACME, without.id) == without


def test_an_update_to_a_taken_address_is_refused_and_changes_nothing(contacts: ContactTable) -> None:
    contacts.create(ACME, contact(1, "ann@example.com"))
    bob = contacts.create(ACME, contact(2, "bob@example.com"))
    with pytest.raises(Conflict) as refused:
        contacts.update(ACME, bob, bob.revised({"email": "Ann@example.com"}, NOW))
    assert refused.value.field == "body.email"
    assert contacts.find_by_email(ACME, "bob@example.com") == bob


def test_a_lost_update_is_refused(contacts: ContactTable) -> None:
    seen = contacts.create(ACME, contact(1))
    contacts.update(ACME, seen, seen.revised({"first_name": "A"}, NOW))
    with pytest.raises(Stale):
        contacts.update(ACME, seen, seen.revised({"first_name": "B"}, NOW))
    with pytest.raises(Stale):
        contacts.update(ACME, seen, seen.revised({"email": "b@example.com"}, NOW))
    assert contacts.get(ACME, seen.id).first_name == "A"


def test_deleting_removes_the_contact_and_frees_its_address(contacts: ContactTable) -> None:
    contacts.create(ACME, contact(1, "ann@example.com"))
    contacts.delete(ACME, contact(1).id)
    with pytest.raises(NotFound):
        contacts.delete(ACME, contact(1).id)
    contacts.create(ACME, contact(2, "ann@example.com"))


@pytest.mark.parametrize("limit", [1, 7, 200])
def test_pages_hold_every_contact_once(contacts: ContactTable, limit: int) -> None:
    made = {contacts.create(ACME, contact(n)).id for n in range(30)}
    contacts.create(GLOBEX, contact(99))
    found: list[str] = []
    position: dict[str, Any] | None = {"shard": 0, "id": ""}
    while position:
        page, position = contacts.list(ACME, limit, position)
        assert len(page) <= limit
        found += [each.id for each in page]
    assert sorted(found) == sorted(made)


@pytest.mark.parametrize(
    "position",
    [
        {},
        {"shard": "0", "id": ""},
        {"shard": 16, "id": ""},
        {"shard": -1, "id": ""},
        {"shard": True, "id": ""},
        {"shard": 0, "id": None},
        {"shard": 0, "id": "not an id"},
        {"shard": (keys.contact_shard(derived_id("contact", "1")) + 1) % 16, "id": derived_id("contact", "1")},
    ],
)
def test_a_cursor_of_something_else_is_refused(contacts: ContactTable, position: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        contacts.list(ACME, 10, position)


def test_documents_are_read_shard_by_shard_and_by_id(contacts: ContactTable, dynamodb: Any) -> None:
    made = [contacts.create(ACME, contact(n, attributes={"n": n})) for n in range(40)]
    documents = ContactDocuments(dynamodb, TABLE)
    found = []
    for shard in range(keys.CONTACT_SHARDS):
        after: str | None = None
        while True:
            page, after = documents.page_of_shard(ACME, shard, after, 2)
            found += page
            if after is None:
                break
    in_order = [document["id"] for document in found]
    assert sorted(found, key=lambda d: d["id"]) == sorted((c.document() for c in made), key=lambda d: d["id"])
    assert in_order == sorted(in_order, key=lambda each: (keys.contact_shard(each), each))
    wanted = [made[3].id, made[5].id, made[3].id, derived_id("nobody")]
    assert sorted(d["attributes"]["n"] for d in documents.documents(ACME, wanted)) == [3, 5]
    assert list(documents.documents(GLOBEX, wanted)) == []


def test_what_dynamodb_leaves_unprocessed_is_asked_again(contacts: ContactTable, dynamodb: Any) -> None:
    made = [contacts.create(ACME, contact(n)).id for n in range(3)]

    class OneAtATime:
        def batch_get_item(self, RequestItems: dict[str, Any]) -> Any:  # noqa: N803 - botocore's name
            request = RequestItems[TABLE]
            left = {TABLE: {**request, "Keys": request["Keys"][1:]}} if request["Keys"][1:] else {}
            answer = dynamodb.batch_get_item(RequestItems={TABLE: {**request, "Keys": request["Keys"][:1]}})
            return {**answer, "UnprocessedKeys": left}

    documents = ContactDocuments(OneAtATime(), TABLE, sleep=lambda _: None)
    assert {document["id"] for document in documents.documents(ACME, made)} == set(made)
