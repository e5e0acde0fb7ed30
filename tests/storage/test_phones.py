"""Which of our messages went to a number last."""

from datetime import UTC, datetime, timedelta

from clarion import keys
from clarion.domain.engagement import MessageRef
from clarion.domain.inbound_text import Intent
from clarion.storage.phones import PhoneTable
from clarion.storage.table import Table
from tests.fakes.table import TableInMemory

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
PHONE = "+493090182080"
FIRST = MessageRef("acme", "ann", "k", 1, "1", "sms")
SECOND = MessageRef("acme", "ann", "k", 2, "more", "sms")


def test_the_last_message_of_a_number_is_found_again(table: Table) -> None:
    phones = PhoneTable(table, parallel=2)
    phones.remember({PHONE: FIRST, "+12065550101": SECOND}, NOW)
    phones.remember({PHONE: SECOND}, NOW + timedelta(seconds=1))
    assert phones.last_message("acme", PHONE) == SECOND
    assert phones.last_message("acme", "+12065550101") == SECOND


def test_a_number_nothing_went_to_has_none_and_another_organisation_sees_none() -> None:
    phones = PhoneTable(TableInMemory())
    phones.remember({PHONE: FIRST}, NOW)
    assert phones.last_message("acme", "+12065550101") is None
    assert phones.last_message("globex", PHONE) is None


def test_the_newest_stays_in_whatever_order_they_are_written() -> None:
    phones = PhoneTable(TableInMemory())
    phones.remember({PHONE: SECOND}, NOW)
    phones.remember({PHONE: FIRST}, NOW - timedelta(milliseconds=1))
    assert phones.last_message("acme", PHONE) == SECOND


def test_it_is_forgotten_after_400_days() -> None:
    table = TableInMemory()
    PhoneTable(table).remember({PHONE: FIRST}, NOW)
    (row,) = table.items.values()
    assert row["expires_at"] == int((NOW + timedelta(days=400)).timestamp())
    assert (row["pk"], row["sk"]) == tuple(keys.last_message("acme", PHONE).values())


def test_the_last_wish_of_a_number_is_kept_in_whatever_order_wishes_come() -> None:
    table = TableInMemory()
    phones = PhoneTable(table)
    assert phones.wish("acme", PHONE, Intent.OPT_OUT, NOW)
    assert phones.wish("acme", PHONE, Intent.OPT_OUT, NOW)
    assert phones.wish("acme", PHONE, Intent.OPT_IN, NOW + timedelta(seconds=2))
    assert not phones.wish("acme", PHONE, Intent.OPT_OUT, NOW + timedelta(seconds=1))
    assert phones.wish("globex", PHONE, Intent.OPT_OUT, NOW)
    assert table.get(keys.wish("acme", PHONE)) == {
        **keys.wish("acme", PHONE),
        "wish": "opt_in",
        "at": "2026-11-21T09:00:02.000Z",
        "expires_at": int((NOW + timedelta(days=400, seconds=2)).timestamp()),
    }
