"""The suppression list."""

from typing import Any

import pytest

from clarion import keys
from clarion.domain.errors import Invalid
from clarion.storage.suppressions import SuppressionTable
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
