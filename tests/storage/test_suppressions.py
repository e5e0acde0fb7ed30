"""The suppression list."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from clarion import keys
from clarion.domain.errors import Invalid, NotFound, Stale
from clarion.domain.suppression import Suppression, SuppressionRemoval
from clarion.storage.suppressions import SuppressionTable
from clarion.storage.table import Item, Key
from tests.fakes.table import TableInMemory


@pytest.fixture
def table() -> TableInMemory:
    table = TableInMemory()
    for org, channel, address in [
        ("acme", "email", "ann@example.com"),
        ("acme", "email", "bob@example.com"),
        ("acme", "email", "cy@example.com"),
        ("acme", "sms", "+49301"),
        ("globex", "email", "dan@example.com"),
    ]:
        row = {"address": address, "channel": channel, "reason": "unsubscribed", "source": "page"}
        table.put({**keys.suppression(org, channel, address), **row, "created_at": "2026-11-21T09:00:00.000Z"})
    return table


def test_only_suppressed_addresses_of_the_channel_and_organisation_are_named(table: TableInMemory) -> None:
    asked = ["ann@example.com", "dan@example.com", "eve@example.com", "ann@example.com", "+49301"]
    assert SuppressionTable(table).suppressed("acme", "email", asked) == {"ann@example.com"}
    assert SuppressionTable(table).suppressed("globex", "email", asked) == {"dan@example.com"}


def test_pages_are_in_order_of_address(table: TableInMemory) -> None:
    suppressions = SuppressionTable(table)
    first, position = suppressions.list("acme", "email", 2)
    second, end = suppressions.list("acme", "email", 2, position)
    assert [each.address for each in (*first, *second)] == ["ann@example.com", "bob@example.com", "cy@example.com"]
    assert end is None
    assert (first[0].reason, first[0].source, first[0].contact) == ("unsubscribed", "page", None)


def test_a_key_as_long_as_can_be_is_a_place_in_the_list(table: TableInMemory) -> None:
    assert SuppressionTable(table).list("acme", "email", 2, {"address": "z" * 1016}) == ([], None)


@pytest.mark.parametrize("position", [{}, {"address": 7}, {"id": "x"}, {"address": ""}, {"address": "ü" * 509}])
def test_a_cursor_of_another_list_is_refused(table: TableInMemory, position: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        SuppressionTable(table).list("acme", "email", 2, position)


def suppression(address: str, reason: str = "manual", minute: int = 0) -> Suppression:
    at = datetime(2026, 11, 21, 9, minute, tzinfo=UTC)
    return Suppression(address=address, channel="email", reason=reason, created_at=at)


def removal(of: Suppression) -> SuppressionRemoval:
    return SuppressionRemoval(suppression=of, removed_by="u-1", removed_at=datetime(2026, 11, 21, 10, tzinfo=UTC))


def test_of_two_alike_the_first_to_suppress_an_address_stays(table: TableInMemory) -> None:
    suppressions = SuppressionTable(table)
    first = suppressions.add("acme", suppression("zoe@example.com", "complaint"))
    assert suppressions.add("acme", suppression("zoe@example.com", minute=1)) == first
    many = [suppression("zoe@example.com", minute=2), suppression("yan@example.com", minute=2)]
    assert suppressions.add_all("acme", many) == [first, many[1]]
    assert suppressions.find("acme", "email", "zoe@example.com") == first


def test_the_recipients_own_word_takes_the_place_of_anothers_and_keeps_it(table: TableInMemory) -> None:
    suppressions = SuppressionTable(table)
    manual = suppressions.add("acme", suppression("zoe@example.com"))
    bounce = suppressions.add("acme", suppression("yan@example.com", "hard_bounce"))
    said = suppressions.add("acme", suppression("zoe@example.com", "unsubscribed", minute=1))
    assert said == suppression("zoe@example.com", "unsubscribed", minute=1).model_copy(update={"before": manual})
    many = [suppression(address, "complaint", minute=2) for address in ("yan@example.com", "zoe@example.com")]
    assert suppressions.add_all("acme", many) == [many[0].model_copy(update={"before": bounce}), said]
    assert suppressions.find("acme", "email", "zoe@example.com") == said
    assert suppressions.add("acme", suppression("zoe@example.com", "hard_bounce", minute=3)) == said


def test_a_word_that_is_taken_back_leaves_what_was_there_before_it(table: TableInMemory) -> None:
    suppressions = SuppressionTable(table)
    manual = suppressions.add("acme", suppression("zoe@example.com"))
    said = suppressions.add("acme", suppression("zoe@example.com", "opt_out", minute=1))
    suppressions.take_back("acme", removal(said))
    assert suppressions.find("acme", "email", "zoe@example.com") == manual
    assert suppressions.removals("acme", "email", 10) == ([removal(said)], None)
    with pytest.raises(Stale):
        suppressions.take_back("acme", removal(said))
    with pytest.raises(Stale):
        suppressions.remove("acme", removal(said))


def test_a_word_that_is_taken_back_leaves_nothing_where_nothing_was_before(table: TableInMemory) -> None:
    suppressions = SuppressionTable(table)
    said = suppressions.add("acme", suppression("zoe@example.com", "opt_out"))
    suppressions.take_back("acme", removal(said))
    assert suppressions.find("acme", "email", "zoe@example.com") is None


def test_what_the_recipient_says_while_an_editor_removes_the_address_stays(table: TableInMemory) -> None:
    suppressions = SuppressionTable(table)
    seen = suppressions.add("acme", suppression("zoe@example.com"))
    suppressions.add("acme", suppression("zoe@example.com", "unsubscribed"))  # in the same moment
    with pytest.raises(Stale):
        suppressions.remove("acme", removal(seen))
    found = suppressions.find("acme", "email", "zoe@example.com")
    assert found is not None
    assert found.reason == "unsubscribed"


def test_an_address_that_is_removed_while_it_is_added_again_is_on_the_list_afterwards() -> None:
    class Leaving(TableInMemory):
        """The address leaves the list right after it was found to be on it."""

        def batch_get(self, keys: Iterable[Key]) -> Iterator[Item]:
            self.items.clear()
            return super().batch_get(keys)

        def get(self, key: Key) -> Item | None:
            self.items.clear()
            return super().get(key)

    table = Leaving()
    suppressions = SuppressionTable(table)
    suppressions.add("acme", suppression("zoe@example.com"))
    (kept,) = suppressions.add_all("acme", [suppression("zoe@example.com", minute=1)])
    assert kept.created_at.minute == 1
    assert suppressions.add("acme", suppression("zoe@example.com", minute=2)).created_at.minute == 2
    assert len(table.items) == 1


def test_a_removal_takes_off_what_was_seen_and_nothing_that_came_after_it(table: TableInMemory) -> None:
    suppressions = SuppressionTable(table)
    seen = suppressions.add("acme", suppression("zoe@example.com"))
    suppressions.remove("acme", removal(seen))
    with pytest.raises(NotFound):
        suppressions.remove("acme", removal(seen))
    complaint = suppressions.add("acme", suppression("zoe@example.com", "complaint", minute=1))
    with pytest.raises(Stale):
        suppressions.remove("acme", removal(seen))
    assert suppressions.find("acme", "email", "zoe@example.com") == complaint
    assert suppressions.removals("acme", "email", 10) == ([removal(seen)], None)
    assert suppressions.removals("globex", "email", 10) == ([], None)
