"""When a vendor first told something."""

from datetime import UTC, datetime, timedelta

from clarion.storage.table import Table
from clarion.storage.tellings import TellingTable
from tests.fakes.table import TableInMemory

NOW = datetime(2026, 11, 21, 9, 0, 0, 123_456, tzinfo=UTC)
KEPT = datetime(2026, 11, 21, 9, 0, 0, 123_000, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


def test_what_is_told_again_is_of_the_first_time(table: Table) -> None:
    tellings = TellingTable(table)
    assert tellings.begin("acme", "twilio", "SM1:delivered", NOW) == (KEPT, False)
    assert tellings.begin("acme", "twilio", "SM1:delivered", LATER) == (KEPT, False)
    tellings.finish("acme", "twilio", "SM1:delivered")
    assert tellings.begin("acme", "twilio", "SM1:delivered", LATER) == (KEPT, True)


def test_each_telling_is_its_organisations_its_vendors_and_its_own() -> None:
    tellings = TellingTable(TableInMemory())
    tellings.begin("acme", "twilio", "SM1", NOW)
    for other in (("globex", "twilio", "SM1"), ("acme", "aws-sms", "SM1"), ("acme", "twilio", "SM2")):
        assert tellings.begin(*other, LATER) == (KEPT + timedelta(minutes=1), False)


def test_it_is_forgotten_after_30_days_and_finishing_it_then_leaves_nothing() -> None:
    table = TableInMemory()
    TellingTable(table).begin("acme", "twilio", "SM1", NOW)
    [row] = table.items.values()
    assert row["expires_at"] == int((NOW + timedelta(days=30)).timestamp())
    table.items.clear()
    TellingTable(table).finish("acme", "twilio", "SM1")
    assert table.items == {}
