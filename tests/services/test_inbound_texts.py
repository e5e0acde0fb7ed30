"""What people write back: done once, attributed to the message that went to their number last."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clarion import keys
from clarion.domain.engagement import MessageRef
from clarion.domain.inbound_text import InboundText, Intent, intent_of
from clarion.domain.suppression import Suppression, SuppressionRemoval
from clarion.domain.vendor_events import VendorEvent
from clarion.services.inbound_texts import InboundTextService
from clarion.storage.phones import PhoneTable
from clarion.storage.suppressions import SuppressionTable
from clarion.storage.tellings import TellingTable
from clarion.storage.vendor_events import VendorEventTable
from tests.fakes.table import TableInMemory

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
PHONE, US = "+12065550101", "+12065550199"
MESSAGE = MessageRef("acme", "ann", "k", 1, "1", "sms")


class Inbox:
    """The service over a table in memory, in which one message went to the phone."""

    def __init__(self, sent: bool = True) -> None:
        self.table = TableInMemory()
        self.phones, self.suppressions = PhoneTable(self.table), SuppressionTable(self.table)
        self.events = VendorEventTable(self.table)
        self.service = InboundTextService(TellingTable(self.table), self.phones, self.suppressions, self.events)
        if sent:
            self.phones.remember({PHONE: MESSAGE}, NOW - timedelta(hours=1))

    def hears(self, body: str, minute: int = 0, vendor_id: str = "", **more: Any) -> str:
        at = NOW + timedelta(minutes=minute)
        text = InboundText(PHONE, US, body, intent_of(body), at, "twilio", vendor_id or f"SM{minute}")
        return self.service.receive(more.pop("org", "acme"), replace(text, **more))

    def kept(self, contact: str = "ann") -> list[tuple[str, str, str, str]]:
        """Kind, message, time and text of the events of a contact."""
        rows = self.table.query_all(keys.person_pk("acme", contact), "EVENT#")
        return [(row["kind"], row["msg"], row["at"], row.get("text", "")) for row in rows]

    def suppressed(self) -> Suppression | None:
        return self.suppressions.find("acme", "sms", PHONE)

    def removals(self) -> Sequence[SuppressionRemoval]:
        return self.suppressions.removals("acme", "sms", 10)[0]


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


SK = "MSG#k#0001#1#sms"
STAMP = "2026-11-21T09:00:00.000Z"
STOP = Suppression(
    address=PHONE, channel="sms", reason="opt_out", source="twilio", campaign="k", contact="ann", created_at=NOW
)


def test_a_stop_suppresses_the_number_and_unsubscribes_by_the_last_message(inbox: Inbox) -> None:
    assert inbox.hears("Stop!") == "opted out"
    assert inbox.suppressed() == STOP
    assert inbox.kept() == [("unsubscribe", SK, STAMP, "")]


def test_a_stop_of_somebody_nobody_wrote_to_suppresses_the_number_too() -> None:
    inbox = Inbox(sent=False)
    assert inbox.hears("STOP") == "opted out, of nobody's message"
    found = inbox.suppressed()
    assert found is not None
    assert (found.reason, found.campaign, found.contact) == ("opt_out", None, None)
    assert inbox.kept() == []


def test_a_start_takes_the_opt_out_back_and_who_did_so_is_recorded(inbox: Inbox) -> None:
    inbox.hears("STOP")
    assert inbox.hears("START", minute=5) == "opted in"
    assert inbox.suppressed() is None
    [removal] = inbox.removals()
    assert (removal.suppression, removal.removed_by) == (STOP, "twilio")
    assert removal.removed_at == NOW + timedelta(minutes=5)


def test_a_stop_takes_the_place_of_what_a_user_said_until_it_is_taken_back(inbox: Inbox) -> None:
    manual = inbox.suppressions.add("acme", STOP.model_copy(update={"reason": "manual", "source": "api"}))
    assert inbox.hears("STOP") == "opted out"
    assert inbox.suppressed() == STOP.model_copy(update={"before": manual})
    assert inbox.hears("START", minute=5) == "opted in"
    assert inbox.suppressed() == manual
    [removal] = inbox.removals()
    assert removal.suppression.reason == "opt_out"


@pytest.mark.parametrize("reason", ["manual", "complaint", "import", "hard_bounce", "unsubscribed"])
def test_a_start_leaves_what_others_put_on_the_list(inbox: Inbox, reason: str) -> None:
    other = STOP.model_copy(update={"reason": reason})
    inbox.suppressions.add("acme", other)
    assert inbox.hears("START", minute=5) == "opted in, and nothing to take back"
    assert inbox.suppressed() == other
    assert inbox.removals() == []


def test_help_does_nothing(inbox: Inbox) -> None:
    assert inbox.hears("HELP") == "help"
    assert (inbox.kept(), inbox.suppressed()) == ([], None)


def test_anything_else_is_a_reply_to_the_last_message(inbox: Inbox) -> None:
    inbox.phones.remember({PHONE: MESSAGE._replace(campaign="k2", step="more")}, NOW - timedelta(minutes=1))
    assert inbox.hears("Yes please é") == "recorded"
    assert inbox.kept() == [("reply", "MSG#k2#0001#more#sms", STAMP, "Yes please é")]
    assert inbox.suppressed() is None


def test_of_a_long_reply_a_thousand_characters_are_kept(inbox: Inbox) -> None:
    inbox.hears("é" * 1_600)
    [(_, _, _, text)] = inbox.kept()
    assert text == "é" * 1_000


def test_a_reply_of_a_number_nobody_wrote_to_is_skipped() -> None:
    inbox = Inbox(sent=False)
    assert inbox.hears("Who is this?") == "skipped: a reply to nobody's message"
    assert inbox.kept() == []


def test_another_organisations_number_is_not_attributed(inbox: Inbox) -> None:
    assert inbox.hears("STOP", org="globex") == "opted out, of nobody's message"
    assert inbox.suppressed() is None
    assert inbox.suppressions.find("globex", "sms", PHONE) is not None


@pytest.mark.parametrize("body", ["STOP", "Thanks"])
def test_told_again_later_it_is_one_event_of_the_first_time(inbox: Inbox, body: str) -> None:
    inbox.hears(body, vendor_id="SM1")
    once = dict(inbox.table.items)
    assert inbox.hears(body, minute=3, vendor_id="SM1") == "told before"
    assert inbox.table.items == once


def test_a_stop_told_again_does_not_undo_what_came_after_it(inbox: Inbox) -> None:
    inbox.hears("STOP", vendor_id="SM1")
    inbox.hears("START", minute=5, vendor_id="SM2")
    assert inbox.hears("STOP", minute=9, vendor_id="SM1") == "told before"
    assert inbox.suppressed() is None


def test_the_later_wish_holds_in_whatever_order_they_arrive(inbox: Inbox) -> None:
    inbox.hears("START", minute=5)
    assert inbox.hears("STOP", minute=1) == "overtaken by an opt-in"
    assert inbox.suppressed() is None
    inbox.hears("STOP", minute=9)
    assert inbox.hears("START", minute=7) == "overtaken by an opt-out"
    assert inbox.suppressed() is not None


def test_a_start_from_before_the_vendors_refusal_takes_nothing_back(inbox: Inbox) -> None:
    refused = STOP.model_copy(update={"created_at": NOW + timedelta(hours=1)})
    inbox.suppressions.add("acme", refused)
    assert inbox.hears("START") == "opted in, and nothing to take back"
    assert inbox.suppressed() == refused


class Dying:
    """A store whose first call fails."""

    def __init__(self, store: VendorEventTable) -> None:
        self.store, self.calls = store, 0

    def add(self, events: Sequence[VendorEvent]) -> list[bool]:
        self.calls += 1
        if self.calls == 1:
            raise ConnectionError
        return self.store.add(events)


@pytest.mark.parametrize(("body", "kind"), [("STOP", "unsubscribe"), ("Thanks", "reply")])
def test_what_failed_half_way_is_finished_when_it_is_told_again(inbox: Inbox, body: str, kind: str) -> None:
    inbox.service = InboundTextService(TellingTable(inbox.table), inbox.phones, inbox.suppressions, Dying(inbox.events))
    with pytest.raises(ConnectionError):
        inbox.hears(body, vendor_id="SM1")
    inbox.hears(body, minute=3, vendor_id="SM1")
    [(found, _, at, _)] = inbox.kept()
    assert (found, at) == (kind, STAMP)
    assert inbox.suppressed() == (STOP if body == "STOP" else None)


def test_a_start_that_meets_somebody_elses_change_judges_anew(inbox: Inbox) -> None:
    class Meanwhile(SuppressionTable):
        """An administrator replaces the opt-out by a suppression of their own, right before it is removed."""

        def take_back(self, org_id: str, removal: SuppressionRemoval) -> None:
            self.remove(org_id, removal.model_copy(update={"removed_by": "u-1"}))
            self.add(org_id, manual)
            super().take_back(org_id, removal)

    manual = STOP.model_copy(update={"reason": "manual", "created_at": NOW + timedelta(minutes=2)})
    inbox.hears("STOP")
    service = InboundTextService(
        TellingTable(inbox.table), inbox.phones, Meanwhile(inbox.table), VendorEventTable(inbox.table)
    )
    text = InboundText(PHONE, US, "START", Intent.OPT_IN, NOW + timedelta(minutes=5), "twilio", "SM9")
    assert service.receive("acme", text) == "opted in, and nothing to take back"
    assert inbox.suppressed() == manual
