"""The import worker killed at every step, and beside another one: contacts, counts and errors come out the same."""

from typing import Any

import pytest

from clarion.domain.contact import Contact
from clarion.services import import_run
from clarion.services.import_run import ImportRun
from clarion.services.imported_contacts import ImportedContacts
from clarion.storage.contact_upserts import ContactUpserts
from clarion.storage.contacts import ContactTable
from tests.fakes.importing import IMPORT, NOW, ORG, World, counts
from tests.fakes.jobs import Fuse, Killed


def messy() -> str:
    rows = ["email,firstName,a,unsubscribed"]
    for n in range(9):
        rows += [
            f"c{n}@example.com,C{n},{n},",
            f"old{n % 3}@example.com,New,{n},",
            "bad,row,,",
            f"C{n % 4}@example.com,,x{n},yes",
        ]
    return "\n".join([*rows, ",,,", "", 'last@example.com,"two\nlines",1,', '"never closed,,,', "end@example.com,,,"])


def prepared() -> World:
    """Some contacts are there before; their ids do not depend on the run."""
    world = World()
    for n in range(4):
        contact = Contact.new(f"01J0000000000000000000OLD{n}", {"email": f"old{n}@example.com", "phone": "1"}, NOW)
        ContactTable(world.table).create(ORG, contact)
    world.start(messy())
    return world


@pytest.fixture(scope="module")
def undisturbed() -> World:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_run, "CHUNK_ROWS", 7)
        world = prepared()
        world.work()
    return world


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
def test_a_worker_killed_at_any_call_loses_nothing_and_counts_nothing_twice(
    after: bool, undisturbed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_run, "CHUNK_ROWS", 7)
    expected = undisturbed.job().model_copy(update={"version": 0})
    assert counts(expected) == {"rows": 39, "created": 11, "updated": 3, "duplicates": 15, "rejected": 10}
    for at in range(1000):
        world = prepared()
        fuse = Fuse(at, after=after)
        try:
            world.work(fuse)
        except Killed:
            world.work()
        assert world.job().model_copy(update={"version": 0}) == expected
        assert world.table.items == undisturbed.table.items
        assert world.errors() == undisturbed.errors()
        if not fuse.burnt:
            assert at > 40  # every table, bucket, queue and checkpoint call had its turn
            return
    pytest.fail("the fuse never outlasted the run")


def test_two_workers_on_one_import_count_once(undisturbed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_run, "CHUNK_ROWS", 7)
    world = prepared()
    other = world.worker()

    class Interrupted(ContactUpserts):
        """While the first worker writes its second chunk, another one does the whole rest."""

        calls = 0

        def apply(self, *arguments: Any) -> Any:
            Interrupted.calls += 1
            if Interrupted.calls == 2:
                other.run(ORG, IMPORT, lambda: 300_000)
            return super().apply(*arguments)

    rows = ImportedContacts(Interrupted(world.table, parallel=1))
    first = ImportRun(world.jobs, world.files, rows, world.queue, world.clock)
    first.run(ORG, IMPORT, lambda: 300_000)
    assert world.job().counts == undisturbed.job().counts
    assert world.table.items == undisturbed.table.items
