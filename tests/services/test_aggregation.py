"""Aggregation: what one batch of stream records does."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from clarion import keys
from clarion.domain.engagement import Overtaken
from clarion.services.aggregation import MOST_OVERTAKEN, Aggregated, AggregationService
from clarion.storage.engagement import EngagementTable
from clarion.storage.table import Item, Table
from tests.fakes.table import TableInMemory
from tests.services.engagement_truth import stored
from tests.services.stream import record

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
DAY = ("ORG#acme#CAMPAIGN#k", "STAT#DAY#2026-11-21")
MESSAGE = keys.message("acme", "ann", "k", 1, "1", "email")


def event(kind: str, number: int = 0, contact: str = "ann", **more: Any) -> Item:
    at = more.pop("at", f"2026-11-21T09:{number // 60 % 60:02d}:{number % 60:02d}.000Z")
    hit = {"ua": BROWSER, "method": "GET"} if kind in ("open", "click") else {}
    return {
        **keys.event("acme", contact, at, f"{number:05d}"), "kind": kind, "at": at, "source": "ses",
        "msg": MESSAGE["sk"], **hit, **more,
    }  # fmt: skip


@pytest.fixture
def memory() -> TableInMemory:
    table = TableInMemory()
    for contact in ("ann", "bob"):
        table.put(
            {**keys.message("acme", contact, "k", 1, "1", "email"), "to": f"{contact}@x.example", "state": "claimed"}
        )
    return table


def aggregate(table: Table, events: Sequence[Item]) -> Aggregated:
    for item in events:
        if table.get({name: item[name] for name in ("pk", "sk")}) is None:
            table.put(item)
    return AggregationService(EngagementTable(table)).aggregate([record(item, n) for n, item in enumerate(events)])


def figures(table: TableInMemory, *row: str) -> dict[str, Decimal]:
    return {metric: figure for (pk, sk, metric), figure in stored(table).items() if (pk, sk) == (row or DAY)}


def test_a_batch_delivered_twice_counts_once(memory: TableInMemory) -> None:
    batch = [event("delivery", 1), event("open", 2), event("click", 3, link=0), event("open", 4, "bob")]
    aggregate(memory, batch)
    once = dict(memory.items)
    again = aggregate(memory, batch)
    assert memory.items == once
    assert again.transactions == 0
    assert figures(memory) == {
        "email.1.deliveries": 1, "email.1.opens_human": 2, "email.1.unique_opens": 2,
        "email.1.clicks_human": 1, "email.1.unique_clicks": 1,
    }  # fmt: skip


def test_an_event_twice_in_one_batch_counts_once(memory: TableInMemory) -> None:
    aggregate(memory, [event("open", 1), event("open", 1)])
    assert figures(memory)["email.1.opens_human"] == 1


def test_the_real_table_counts_like_the_one_in_memory(table: Table, memory: TableInMemory) -> None:
    table.put({**MESSAGE, "to": "ann@x.example", "state": "claimed"})
    batches = [
        [event("delivery", 1), event("open", 2), event("click", 3, link=0)],
        [event("click", 4, link=1), event("click", 5, link=2), event("bounce", 6, bounce_type="hard")],
        [event("conversion", 7, value=Decimal("10.10"), currency="USD", msg=None), event("open", 2)],
    ]
    for batch in batches:
        clean = [{name: value for name, value in each.items() if value is not None} for each in batch]
        aggregate(table, clean)
        aggregate(memory, clean)
    for pk in ("ORG#acme#CAMPAIGN#k", "ORG#acme#STATS", "ORG#acme#CONTACT#ann", "ORG#acme#SUPPRESSION#email"):
        assert list(table.query_all(pk)) == list(memory.query_all(pk))
    assert figures(memory, "ORG#acme#STATS", "STAT#DAY#2026-11-21") == {
        "conversions": 1, "revenue.USD": Decimal("10.10"),
    }  # fmt: skip


def test_the_message_shows_what_happened_to_it(memory: TableInMemory) -> None:
    aggregate(memory, [event("open", 2), event("open", 1), event("click", 5, link=3), event("reply", 9)])
    message = memory.get(MESSAGE)
    assert message is not None
    assert len(message.pop("applied")) == 4
    assert message == {
        **MESSAGE, "to": "ann@x.example", "state": "claimed", "version": 1, "rules": 1,
        "first_open_at": "2026-11-21T09:00:01.000Z", "last_open_at": "2026-11-21T09:00:02.000Z", "opens_human": 2,
        "first_click_at": "2026-11-21T09:00:05.000Z", "last_click_at": "2026-11-21T09:00:05.000Z", "clicks_human": 1,
        "links": {"3": 1}, "clicks": ["2026-11-21T09:00:05.000Z 3 human"], "replied_at": "2026-11-21T09:00:09.000Z",
    }  # fmt: skip


def test_a_message_of_an_ab_test_counts_for_its_variant_and_keeps_it(memory: TableInMemory) -> None:
    memory.update(MESSAGE, set={"variant": "b"})
    aggregate(memory, [event("open", 1)])
    aggregate(memory, [event("click", 2, link=0), event("open", 3, "bob")])
    assert figures(memory) == {
        "email.1:b.opens_human": 1, "email.1:b.unique_opens": 1, "email.1:b.clicks_human": 1,
        "email.1:b.unique_clicks": 1, "email.1.opens_human": 1, "email.1.unique_opens": 1,
    }  # fmt: skip
    message = memory.get(MESSAGE)
    assert message is not None
    assert message["variant"] == "b"


def test_a_burst_that_shows_itself_late_takes_its_clicks_back(memory: TableInMemory) -> None:
    aggregate(memory, [event("click", 1, link=0), event("click", 2, link=1)])
    assert figures(memory)["email.1.clicks_human"] == 2
    aggregate(memory, [event("click", 3, link=2)])
    assert figures(memory) == {"email.1.clicks_machine": 3}
    assert figures(memory, DAY[0], "STAT#LINK#0001#1#0000") == {"clicks_machine": 1}
    message = memory.get(MESSAGE)
    assert message is not None
    assert "first_click_at" not in message


def test_a_malformed_event_is_reported_and_the_rest_is_counted(memory: TableInMemory) -> None:
    broken: list[Any] = [
        event("click", 1),  # which link?
        event("open", 2, at="yesterday"),
        event("frown", 3),
        event("bounce", 4, bounce_type="elastic"),
        event("conversion", 5, currency="USD"),
        event("conversion", 5, value=Decimal(1), currency="dollars"),
        event("open", 6, msg="MSG#k#1#1#email"),
        event("open", 7, msg="MSG#k"),
        event("open", 8, ua=Decimal(5)),
        event("click", 9, link=Decimal("1.5")),
        {name: value for name, value in event("open", 10).items() if name != "msg"},
    ]
    records = [record(item, n) for n, item in enumerate([event("open", 50), *broken, event("open", 51)])]
    records.append({"eventName": "INSERT", "dynamodb": {"SequenceNumber": "99", "NewImage": {"pk": {"Z": 1}}}})
    done = AggregationService(EngagementTable(memory)).aggregate(records)
    assert list(done.failed) == [*map(str, range(1, len(broken) + 1)), "99"]
    assert figures(memory)["email.1.opens_human"] == 2


def test_only_new_events_are_counted(memory: TableInMemory) -> None:
    changed = record(event("open", 1), 1) | {"eventName": "MODIFY"}
    message = record({**MESSAGE, "state": "claimed"}, 2)
    done = AggregationService(EngagementTable(memory)).aggregate([changed, message])
    assert (done.events, done.failed, figures(memory)) == (0, {}, {})


def test_events_of_an_erased_message_count_nothing_and_bring_nothing_back(memory: TableInMemory) -> None:
    memory.delete(MESSAGE)
    done = aggregate(memory, [event("open", 1), event("open", 2, "bob")])
    assert done.erased == 1
    assert figures(memory)["email.1.opens_human"] == 1
    assert memory.get(MESSAGE) is None


def test_a_hundred_and_fifty_links_in_one_batch_fit_into_transactions(memory: TableInMemory) -> None:
    done = aggregate(memory, [event("click", n, link=n) for n in range(150)])
    assert max(memory.transactions) <= 100
    assert done.transactions > 1
    assert figures(memory) == {"email.1.clicks_machine": 150}


@pytest.mark.parametrize(("kind", "more", "reason"), [
    ("bounce", {"bounce_type": "hard"}, "hard_bounce"),
    ("complaint", {}, "complaint"),
    ("unsubscribe", {}, "unsubscribed"),
])  # fmt: skip
def test_a_hard_bounce_a_complaint_or_an_unsubscribe_suppresses_the_address(
    memory: TableInMemory, kind: str, more: dict[str, Any], reason: str
) -> None:
    aggregate(memory, [event(kind, 1, **more)])
    key = keys.suppression("acme", "email", "ann@x.example")
    assert memory.get(key) == {
        **key, "address": "ann@x.example", "channel": "email", "reason": reason, "source": "ses", "campaign": "k",
        "contact": "ann", "created_at": "2026-11-21T09:00:01.000Z",
    }  # fmt: skip


def test_a_soft_bounce_suppresses_nothing(memory: TableInMemory) -> None:
    aggregate(memory, [event("bounce", 1, bounce_type="soft")])
    assert memory.get(keys.suppression("acme", "email", "ann@x.example")) is None


def test_a_suppression_that_was_there_stays_and_the_bounce_is_counted(memory: TableInMemory) -> None:
    key = keys.suppression("acme", "email", "ann@x.example")
    memory.put({**key, "reason": "unsubscribed"})
    aggregate(memory, [event("bounce", 1, bounce_type="hard")])
    assert memory.get(key) == {**key, "reason": "unsubscribed"}
    assert figures(memory) == {"email.1.bounces_hard": 1}


def _listed(memory: TableInMemory, reason: str) -> keys.Key:
    """Ann's address is on the list."""
    key = keys.suppression("acme", "email", "ann@x.example")
    at = "2026-11-20T09:00:00.000Z"
    memory.put({**key, "address": "ann@x.example", "channel": "email", "reason": reason, "created_at": at})
    return key


@pytest.mark.parametrize("reason", ["manual", "import", "hard_bounce"])
@pytest.mark.parametrize(("kind", "said"), [("complaint", "complaint"), ("unsubscribe", "unsubscribed")])
def test_what_the_recipient_says_takes_the_place_of_what_others_said(
    memory: TableInMemory, kind: str, said: str, reason: str
) -> None:
    key = _listed(memory, reason)
    there = memory.items[key["pk"], key["sk"]]
    aggregate(memory, [event(kind, 1)])
    found = memory.items[key["pk"], key["sk"]]
    assert (found["reason"], found["source"]) == (said, "ses")
    assert {**key, **found["before"]} == there
    aggregate(memory, [event(kind, 1), event("bounce", 2, bounce_type="hard")])
    assert memory.items[key["pk"], key["sk"]] == found


def test_of_two_messages_of_one_batch_the_recipients_word_suppresses_their_address(memory: TableInMemory) -> None:
    other = keys.message("acme", "ann", "k", 2, "1", "email")
    memory.put({**other, "to": "ann@x.example", "state": "claimed"})
    done = aggregate(memory, [
        event("bounce", 1, bounce_type="hard"), event("complaint", 2, msg=other["sk"]),
    ])  # fmt: skip
    found = memory.get(keys.suppression("acme", "email", "ann@x.example"))
    assert found is not None
    assert (found["reason"], done.transactions) == ("complaint", 1)


def test_a_word_in_a_flood_of_events_of_a_suppressed_address_is_kept(memory: TableInMemory) -> None:
    key = _listed(memory, "manual")
    clicks = [event("click", n, link=n % 5) for n in range(2, 150)]
    aggregate(memory, [event("unsubscribe", 1), *clicks, event("complaint", 200)])
    assert memory.items[key["pk"], key["sk"]]["reason"] in ("unsubscribed", "complaint")
    assert figures(memory)["email.1.complaints"] == 1


def test_a_suppression_lifted_by_hand_is_not_revived_by_a_repeated_bounce(memory: TableInMemory) -> None:
    bounce = event("bounce", 1, bounce_type="hard")
    aggregate(memory, [bounce])
    memory.delete(keys.suppression("acme", "email", "ann@x.example"))
    aggregate(memory, [bounce])
    assert memory.get(keys.suppression("acme", "email", "ann@x.example")) is None


def test_who_opted_out_of_text_messages_gets_none(memory: TableInMemory) -> None:
    message = keys.message("acme", "ann", "k", 1, "1", "sms")
    memory.put({**message, "to": "+493090182080", "state": "claimed"})
    aggregate(memory, [event("unsubscribe", 1, msg=message["sk"], source="twilio")])
    found = memory.get(keys.suppression("acme", "sms", "+493090182080"))
    assert found is not None
    assert (found["reason"], found["source"]) == ("opt_out", "twilio")


def test_an_unsubscribe_by_our_own_page_keeps_the_suppression_that_came_with_it(memory: TableInMemory) -> None:
    key = keys.suppression("acme", "email", "ann@x.example")
    memory.put({**key, "reason": "unsubscribed", "source": "page"})
    aggregate(memory, [event("unsubscribe", 1, source="page"), event("unsubscribe", 2, source="sendgrid")])
    assert memory.get(key) == {**key, "reason": "unsubscribed", "source": "page"}
    assert figures(memory) == {"email.1.unsubscribes": 1}


def _removed(memory: TableInMemory, at: str) -> keys.Key:
    """Ann's address was taken off the list."""
    memory.put({**keys.suppression_removal("acme", "email", at, "ann@x.example"), "body": "{}"})
    return keys.suppression("acme", "email", "ann@x.example")


@pytest.mark.parametrize("kind", ["unsubscribe", "complaint", "bounce"])
def test_an_event_that_is_counted_late_does_not_undo_a_removal_made_since(memory: TableInMemory, kind: str) -> None:
    key = _removed(memory, "2026-11-21T09:00:30.000Z")
    aggregate(memory, [event(kind, 29, bounce_type="hard" if kind == "bounce" else None)])
    assert memory.get(key) is None
    aggregate(memory, [event("unsubscribe", 31)])
    assert memory.get(key) is not None


def test_the_removal_of_another_address_changes_nothing(memory: TableInMemory) -> None:
    memory.put({**keys.suppression_removal("acme", "email", "2026-11-21T09:00:30.000Z", "bob@x.example"), "body": "{}"})
    aggregate(memory, [event("unsubscribe", 29)])
    assert memory.get(keys.suppression("acme", "email", "ann@x.example")) is not None


def test_who_unsubscribes_again_after_a_removal_is_on_the_list_again(memory: TableInMemory) -> None:
    aggregate(memory, [event("unsubscribe", 1)])
    key = _removed(memory, "2026-11-21T09:00:30.000Z")
    memory.delete(key)
    aggregate(memory, [event("unsubscribe", 40)])
    found = memory.get(key)
    assert found is not None
    assert found["created_at"] == "2026-11-21T09:00:40.000Z"


class _Contended(TableInMemory):
    """Another worker is faster, as often as it is told to be."""

    def __init__(self, intrude: Callable[[], object], times: int) -> None:
        super().__init__()
        self._intrude, self._times = intrude, times

    def transact(self, actions: Sequence[dict[str, Any]]) -> None:
        if self._times:
            self._times -= 1
            self._intrude()
        super().transact(actions)


def test_a_worker_that_was_overtaken_counts_its_events_on_top() -> None:
    table = _Contended(lambda: None, 0)
    table.put({**MESSAGE, "state": "claimed"})
    table._intrude, table._times = (partial(aggregate, table, [event("open", 1)])), 1
    done = aggregate(table, [event("open", 2)])
    assert done.overtaken == 1
    assert figures(table)["email.1.opens_human"] == 2


def test_an_unearned_conversion_counted_by_another_worker_does_not_drag_others_down() -> None:
    def sale(number: int) -> Item:
        item = event("conversion", number, value=Decimal(5), currency="USD")
        return {name: value for name, value in item.items() if name != "msg"}

    table = _Contended(lambda: None, 0)
    table._intrude, table._times = (partial(aggregate, table, [sale(1)])), 1
    aggregate(table, [sale(1), sale(2)])
    assert figures(table, "ORG#acme#STATS", "STAT#DAY#2026-11-21") == {"conversions": 2, "revenue.USD": 10}


def test_endless_contention_gives_the_batch_back_to_the_stream() -> None:
    table = _Contended(lambda: None, 0)
    table.put({**MESSAGE, "state": "claimed"})

    def bump() -> None:
        table.update(MESSAGE, add={"version": 1})

    table._intrude, table._times = bump, 1000
    with pytest.raises(Overtaken):
        aggregate(table, [event("open", 1)])
    assert 1000 - table._times == MOST_OVERTAKEN
