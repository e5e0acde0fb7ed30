"""What people write back to a journey's text messages, from the vendor's words to who gets the next message."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from clarion import keys
from clarion.domain.engagement import Kind
from clarion.domain.entry import Act, Candidates
from clarion.domain.inbound_text import InboundText, intent_of
from clarion.domain.outcomes import Accepted, Outcome
from clarion.domain.run import BatchId, Run
from clarion.domain.text_message import TextMessage
from clarion.services.aggregation import AggregationService
from clarion.services.inbound_texts import InboundTextService
from clarion.services.text_delivery import TextDelivery
from clarion.storage.candidates import CandidateReader
from clarion.storage.engagement import EngagementTable
from clarion.storage.phones import PhoneTable
from clarion.storage.suppressions import SuppressionTable
from clarion.storage.tellings import TellingTable
from clarion.storage.vendor_events import VendorEventTable
from tests.fakes.delivery import ORG
from tests.fakes.journeys import Journey
from tests.services.stream import record

ANN, BOB, CID = "+12065550101", "+12065550102", "+12065550103"


class Phones:
    """A vendor of text messages; ``outbox`` has each number that a message went to, in order."""

    max_batch = 10

    def __init__(self) -> None:
        self.outbox: list[str] = []

    def send(self, messages: Sequence[TextMessage]) -> list[Outcome]:
        self.outbox += [message.to for message in messages]
        return [Accepted(f"SM{number}") for number, _ in enumerate(messages)]


class Composer:
    """Texts with the ids that vendors and answers are attributed by."""

    def __init__(self, run: Run, step: str) -> None:
        self._tags = {"org": run.id.org, "campaign": run.id.campaign, "run": str(run.id.run), "step": step}

    def compose(self, contact: Mapping[str, Any]) -> TextMessage:
        return TextMessage(
            to=contact["phone"], body="Hello", sender="ACME", message_tags={**self._tags, "contact": contact["id"]}
        )


class TextJourney(Journey):
    """A journey whose messages are texts, and whose people write back."""

    def __init__(self) -> None:
        super().__init__()
        self.texts, self.numbers = Phones(), PhoneTable(self.table)
        self.suppressions: Any = SuppressionTable(self.table)
        delivery = TextDelivery(ORG, "twilio", self.texts, self.numbers, self.suppressions, self.clock)
        self.channels.connected.add("sms")
        self.others["sms"] = delivery
        self.through(self.vendor, self._composing)
        self.inbound = InboundTextService(
            TellingTable(self.table), self.numbers, self.suppressions, VendorEventTable(self.table)
        )
        self.streamed: set[tuple[str, str]] = set()
        for phone in (ANN, BOB, CID):
            self.people(1, phone=phone)

    def _composing(self, run: Run, batch_id: BatchId, variant: str) -> Composer:
        return Composer(run, run.step(batch_id).id)

    def writes(self, phone: str, body: str) -> None:
        """Somebody writes back; the stream tells the aggregator and the journeys."""
        text = InboundText(phone, "ACME", body, intent_of(body), self.clock(), "twilio", f"SM-{phone}-{body}")
        self.inbound.receive(ORG, text)
        fresh = [key for key in self.table.items if key[1].startswith("EVENT#") and key not in self.streamed]
        self.streamed |= set(fresh)
        records = [record(self.table.items[key], number) for number, key in enumerate(fresh)]
        AggregationService(EngagementTable(self.table)).aggregate(records)
        acts = [each for told in records if isinstance(each := CandidateReader().candidate_of(told), Act)]
        self.door.enter(Candidates(ORG, (), tuple(acts)))
        self.work()

    def next_step(self) -> list[str]:
        """Whom the next message goes to."""
        before = len(self.texts.outbox)
        self.days(3)
        return sorted(self.texts.outbox[before:])


@pytest.fixture
def journey() -> TextJourney:
    return TextJourney()


def test_whoever_replies_or_opts_out_leaves_before_the_next_message(journey: TextJourney) -> None:
    journey.drip(channels=["sms"], exitOn=["reply", "unsubscribe"])
    assert sorted(journey.texts.outbox) == [ANN, BOB, CID]
    journey.writes(ANN, "Call me, please")
    journey.writes(BOB, "STOP")
    assert journey.next_step() == [CID]
    assert journey.outcomes()["skipped.replied"] == 1
    assert journey.outcomes()["skipped.unsubscribed"] == 1


def test_where_replies_end_nothing_only_the_opt_out_does(journey: TextJourney) -> None:
    journey.drip(channels=["sms"], exitOn=[])
    journey.writes(ANN, "Call me, please")
    journey.writes(BOB, "STOP")
    assert journey.next_step() == [ANN, CID]
    assert journey.outcomes()["skipped.suppressed"] == 1


def test_whoever_opts_in_again_gets_the_next_message(journey: TextJourney) -> None:
    journey.drip(channels=["sms"], exitOn=["reply"])
    journey.writes(BOB, "STOP")
    journey.clock.go_on(minutes=1)
    journey.writes(BOB, "START")
    assert journey.next_step() == [ANN, BOB, CID]


def test_a_reply_lets_into_a_journey_that_waits_for_one(journey: TextJourney) -> None:
    journey.milestone({"type": "event", "event": "reply", "campaignId": "asked"}, channels=["sms"])
    [ann] = [each for each, contact in journey.contacts.all.items() if contact["phone"] == ANN]
    key = keys.message(ORG, ann, "asked", 1, "1", "sms")
    journey.table.put({**key, "state": "claimed", "batch": "", "claimed_at": "2026-11-21T08:00:00.000Z"})
    asked = Composer(journey.runs.get(journey.run_id), "1").compose(journey.contacts.all[ann]).message_tags
    vendor = TextDelivery(ORG, "twilio", journey.texts, journey.numbers, journey.suppressions, journey.clock)
    vendor.send([TextMessage(to=ANN, body="May we call?", sender="ACME", message_tags={**asked, "campaign": "asked"})])
    journey.clock.time += timedelta(minutes=1)
    journey.writes(ANN, "Yes")
    assert journey.entered() == {ann: ["0001"]}
    assert journey.texts.outbox == [ANN, ANN]


def test_replies_are_counted_by_the_message_they_answer(journey: TextJourney) -> None:
    journey.drip(channels=["sms"])
    journey.writes(ANN, "Yes")
    journey.writes(ANN, "And tomorrow?")
    days = journey.table.query_all(keys.campaign_pk(ORG, journey.run_id.campaign), "STAT#DAY#")
    counted = {name: int(value) for row in days for name, value in row.items() if name.endswith(".replies")}
    assert counted == {"sms.hello.replies": 1}
    kinds = [Kind(row["kind"]) for (_, sk), row in journey.table.items.items() if sk.startswith("EVENT#")]
    assert kinds == [Kind.REPLY, Kind.REPLY]
