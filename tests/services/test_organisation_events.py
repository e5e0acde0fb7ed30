"""Events that come in on an organisation's own address."""

from datetime import UTC, datetime, timedelta

import pytest

from clarion import keys
from clarion.domain.engagement import Kind, MessageRef
from clarion.domain.inbound_text import InboundText, Intent
from clarion.domain.vendor_events import Skipped, VendorEvent
from clarion.services.organisation_events import OrganisationEvents
from clarion.storage.tellings import TellingTable
from clarion.storage.vendor_events import VendorEventTable
from tests.fakes.table import TableInMemory

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
MESSAGE = MessageRef("acme", "ann", "k", 1, "1", "sms")
DELIVERED = VendorEvent(MESSAGE, Kind.DELIVERY, NOW, "twilio", "SM1:delivered")


class Texts:
    def __init__(self) -> None:
        self.received: list[tuple[str, InboundText]] = []

    def receive(self, org_id: str, text: InboundText) -> str:
        self.received.append((org_id, text))
        return "opted out"


@pytest.fixture
def table() -> TableInMemory:
    return TableInMemory()


def recorder(table: TableInMemory, texts: Texts | None = None) -> OrganisationEvents:
    events, tellings = VendorEventTable(table), TellingTable(table)
    return OrganisationEvents(events, tellings, texts or Texts(), untimed=frozenset({"twilio"}))


def times(table: TableInMemory) -> list[str]:
    return [row["at"] for row in table.query_all(keys.person_pk("acme", "ann"), "EVENT#")]


def test_an_event_of_a_source_without_times_is_one_event_however_often_it_is_told(table: TableInMemory) -> None:
    told = [DELIVERED, VendorEvent(MESSAGE, Kind.DELIVERY, NOW + timedelta(minutes=1), "twilio", "SM1:delivered")]
    assert [recorder(table).record("acme", each) for each in told] == ["recorded", "told before"]
    assert times(table) == ["2026-11-21T09:00:00.000Z"]


def test_two_events_of_one_message_are_two(table: TableInMemory) -> None:
    other = VendorEvent(MESSAGE, Kind.BOUNCE, NOW, "twilio", "SM1:undelivered", "soft")
    assert [recorder(table).record("acme", each) for each in (DELIVERED, other)] == ["recorded", "recorded"]
    assert len(times(table)) == 2


def test_an_event_with_a_time_of_its_own_keeps_it_and_needs_no_mark(table: TableInMemory) -> None:
    told = VendorEvent(MESSAGE, Kind.DELIVERY, NOW, "aws-sms", "m1:TEXT_DELIVERED")
    assert [recorder(table).record("acme", told) for _ in range(2)] == ["recorded", "told before"]
    assert times(table) == ["2026-11-21T09:00:00.000Z"]
    assert len(table.items) == 1


def test_another_organisations_message_is_not_recorded(table: TableInMemory) -> None:
    assert recorder(table).record("globex", DELIVERED) == "skipped: a message of another organisation"
    assert table.items == {}


def test_what_tells_nothing_is_skipped_with_its_reason(table: TableInMemory) -> None:
    assert recorder(table).record("acme", Skipped("Twilio sent")) == "skipped: Twilio sent"


def test_a_text_goes_to_where_texts_are_read(table: TableInMemory) -> None:
    texts = Texts()
    text = InboundText("+12065550101", "+12065550199", "STOP", Intent.OPT_OUT, NOW, "twilio", "SM1")
    assert recorder(table, texts).record("acme", text) == "opted out"
    assert texts.received == [("acme", text)]
