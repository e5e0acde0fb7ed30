"""What a contact was sent and did."""

import pytest

from clarion import keys
from clarion.domain.run import RunId
from clarion.storage.table import Table
from clarion.storage.timelines import TimelineTable

AT = "2026-11-21T09:00:00.000Z"


@pytest.fixture
def timelines(table: Table) -> TimelineTable:
    return TimelineTable(table)


def test_a_contacts_messages_of_one_campaign_or_of_all(timelines: TimelineTable, table: Table) -> None:
    for org, contact, campaign in (("acme", "ann", "k1"), ("acme", "ann", "k2"), ("acme", "bob", "k1")):
        key = keys.message(org, contact, campaign, 1, "1", "email")
        table.put({**key, "batch": "07#000012#00", "claimed_at": AT, "opens_human": 3, "last_open_at": AT})
    assert [message.ref.campaign for message in timelines.messages("acme", "ann")] == ["k1", "k2"]
    [message] = timelines.messages("acme", "ann", "k2")
    assert (message.batch, message.claimed_at) == ("07#000012#00", AT)
    assert (message.engagement.opens_human, message.engagement.last_open_at) == (3, AT)
    assert timelines.messages("acme", "ann", "k") == []
    assert timelines.messages("globex", "ann") == []


def test_replies_are_told_by_the_message_they_answer(timelines: TimelineTable, table: Table) -> None:
    first, second = keys.message_sk("k", 1, "1", "sms"), keys.message_sk("k", 1, "2", "sms")
    said = [(0, first, "before"), (1, first, "Yes"), (2, second, "No"), (3, first, "Now?"), (4, first, "!")]
    for minute, sk, text in said:
        at = f"2026-11-21T09:0{minute}:00.000Z"
        table.put({**keys.event("acme", "ann", at, f"r{minute}"), "kind": "reply", "msg": sk, "at": at, "text": text})
        table.put({**keys.event("acme", "ann", at, f"d{minute}"), "kind": "delivery", "msg": sk, "at": at})
    found = timelines.replies("acme", "ann", "2026-11-21T09:01:00.000Z", most=2)
    assert {ref.step: [reply.text for reply in replies] for ref, replies in found.items()} == {
        "1": ["Yes", "Now?"],
        "2": ["No"],
    }
    assert timelines.replies("globex", "ann", AT, most=2) == timelines.replies("acme", "bob", AT, most=2) == {}


def test_a_reply_without_words_is_one_too(timelines: TimelineTable, table: Table) -> None:
    event = {"kind": "reply", "msg": keys.message_sk("k", 1, "1", "email"), "at": AT}
    table.put({**keys.event("acme", "ann", AT, "r"), **event})
    [[reply]] = timelines.replies("acme", "ann", AT, most=9).values()
    assert (reply.at, reply.text) == (AT, "")


def test_purchases_are_conversions_of_that_contact_and_counting_stops_where_it_may(
    timelines: TimelineTable, table: Table
) -> None:
    for n in range(5):
        table.put({**keys.event("acme", "ann", AT, f"c{n}"), "kind": "conversion"})
        table.put({**keys.event("acme", "ann", AT, f"o{n}"), "kind": "open"})
    table.put({**keys.event("acme", "bob", AT, "c"), "kind": "conversion"})
    assert timelines.purchases("acme", "ann", 100) == 5
    assert timelines.purchases("acme", "ann", 3) == 3
    assert timelines.purchases("acme", "cid", 3) == 0


def test_purchases_are_found_behind_many_other_events(
    timelines: TimelineTable, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clarion.storage.timelines._PAGE", 2)
    table.put({**keys.event("acme", "ann", "2026-01-01T09:00:00.000Z", "c"), "kind": "conversion"})
    for n in range(5):
        table.put({**keys.event("acme", "ann", AT, f"o{n}"), "kind": "open"})
    assert timelines.purchases("acme", "ann", 1) == 1


def test_a_cohort_is_followed_from_step_to_step(timelines: TimelineTable, table: Table) -> None:
    for sequence, step in ((12, 0), (12, 1), (13, 0), (120, 0)):
        row = {"state": "planned", "contacts": ["ann"], "due_at": AT, "attempts": 0, "moves": 0}
        table.put({**keys.batch("acme", "k", 2, 7, sequence, step), **row})
    found = timelines.cohort(RunId("acme", "k", 2), "07#000012#00")
    assert [(batch.id.sequence, batch.id.step) for batch in found] == [(12, 0), (12, 1)]
