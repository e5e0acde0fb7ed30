"""What stands between the sender and a vendor of text messages."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest

from clarion.domain.engagement import MessageRef
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Retry
from clarion.domain.suppression import Suppression
from clarion.domain.text_message import OPTED_OUT, TextMessage
from clarion.services.text_delivery import TextDelivery
from clarion.storage.phones import PhoneTable
from clarion.storage.suppressions import SuppressionTable
from tests.channels.texts import a_text
from tests.fakes.table import TableInMemory

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


class Vendor:
    """Answers what it is told to; ``seen`` is what was remembered when it was called."""

    max_batch = 7

    def __init__(self, phones: PhoneTable, *outcomes: Outcome) -> None:
        self.outcomes, self.phones = list(outcomes), phones
        self.sent: list[TextMessage] = []
        self.seen: list[MessageRef | None] = []

    def send(self, messages: Sequence[TextMessage]) -> list[Outcome]:
        self.sent += messages
        self.seen += [self.phones.last_message("acme", message.to) for message in messages]
        return self.outcomes


class Broken:
    """A table that does not answer."""

    def remember(self, messages: Mapping[str, MessageRef], at: datetime) -> None:
        raise ConnectionError

    def add(self, org_id: str, suppression: Suppression) -> Suppression:
        raise ConnectionError


@pytest.fixture
def table() -> TableInMemory:
    return TableInMemory()


def delivery(table: TableInMemory, vendor: Vendor, **instead: Broken) -> TextDelivery:
    recipients, suppressions = PhoneTable(table), SuppressionTable(table)
    return TextDelivery(
        "acme",
        "twilio",
        vendor,
        instead.get("recipients", recipients),
        instead.get("suppressions", suppressions),
        lambda: NOW,
    )


def test_whom_a_message_goes_to_is_known_before_the_vendor_is_called(table: TableInMemory) -> None:
    vendor = Vendor(PhoneTable(table), Accepted("SM1"), Accepted("SM2"))
    messages = [a_text(1), a_text(2)]
    assert delivery(table, vendor).send(messages) == vendor.outcomes
    assert vendor.sent == messages
    assert vendor.seen == [
        MessageRef("acme", "ann1", "k", 1, "1", "sms"),
        MessageRef("acme", "ann2", "k", 1, "1", "sms"),
    ]


def test_it_takes_as_many_messages_at_a_time_as_the_vendor(table: TableInMemory) -> None:
    assert delivery(table, Vendor(PhoneTable(table))).max_batch == 7


def test_a_test_message_is_sent_and_answers_to_it_are_nobodys(table: TableInMemory) -> None:
    vendor = Vendor(PhoneTable(table), Accepted("SM1"))
    assert delivery(table, vendor).send([a_text(message_tags={})]) == [Accepted("SM1")]
    assert vendor.seen == [None]


def test_a_number_that_has_opted_out_at_the_vendor_goes_onto_the_suppression_list(table: TableInMemory) -> None:
    outcomes: list[Outcome] = [
        Rejected(OPTED_OUT, "has sent STOP"),
        Rejected("21211", "no such number"),
        Accepted("SM3"),
    ]
    vendor = Vendor(PhoneTable(table), *outcomes)
    assert delivery(table, vendor).send([a_text(1), a_text(2), a_text(3)]) == outcomes
    ((suppression,), _) = SuppressionTable(table).list("acme", "sms", 10)
    assert suppression == Suppression(
        address="+12065550101",
        channel="sms",
        reason="opt_out",
        source="twilio",
        campaign="k",
        contact="ann1",
        created_at=NOW,
    )


def test_nothing_leaves_and_all_may_be_sent_later_where_recipients_cannot_be_kept(table: TableInMemory) -> None:
    vendor = Vendor(PhoneTable(table))
    found = delivery(table, vendor, recipients=Broken()).send([a_text(1), a_text(2)])
    assert [type(outcome) for outcome in found] == [Retry, Retry]
    assert vendor.sent == []


def test_what_the_vendor_did_is_told_even_where_an_opt_out_cannot_be_kept(table: TableInMemory) -> None:
    vendor = Vendor(PhoneTable(table), Rejected(OPTED_OUT, "has sent STOP"), Accepted("SM2"))
    found = delivery(table, vendor, suppressions=Broken()).send([a_text(1), a_text(2)])
    assert found == vendor.outcomes
