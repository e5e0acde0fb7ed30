"""Counters equal the truth under every failure a stream knows: repeated, halved, late, shuffled, lost, poisoned."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion import clock, keys
from clarion.domain import counting
from clarion.domain.counting import rebuild
from clarion.domain.engagement import CampaignDay, CampaignLink, OrganisationDay
from clarion.domain.suppression import RECIPIENTS_WORD
from clarion.services import aggregation
from clarion.services.aggregation import AggregationService
from clarion.storage.engagement import EngagementTable, event_from_item
from clarion.storage.table import Item
from tests.fakes.table import TableInMemory
from tests.services.engagement_truth import stored, truth
from tests.services.stream import FaultyTable, Record, deliver, record

START = datetime(2026, 11, 21, 23, 59, 40, tzinfo=UTC)  # shortly before midnight: days matter
AGENTS = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0",
    "Frobnicator",
    "curl/8",
    None,
]
CONTACTS = ["ann", "bob", "cyd", "dan"]
CAMPAIGNS = ["k1", "k2"]
VARIANTS = {"bob": "a", "cyd": "b"}  # of both campaigns; Ann got a message outside their tests

attributes = st.fixed_dictionaries(
    {
        "contact": st.sampled_from(CONTACTS),
        "campaign": st.sampled_from(CAMPAIGNS),
        "kind": st.sampled_from(["open", "open", "click", "click", "click", "delivery", "bounce", "complaint", "reply",
                                 "unsubscribe", "conversion"]),
        "seconds": st.integers(0, 40),
        "link": st.integers(0, 4),
        "ua": st.sampled_from(AGENTS),
        "bounce_type": st.sampled_from(["hard", "soft"]),
        "value": st.decimals(0, 1000, places=2),
        "currency": st.sampled_from(["USD", "EUR"]),
        "earned": st.booleans(),
    }
)  # fmt: skip


def event_item(number: int, given: dict[str, Any]) -> Item:
    at = clock.stamp(START + timedelta(seconds=given["seconds"]))
    item: Item = {
        **keys.event("acme", given["contact"], at, f"{number:05d}"), "at": at, "kind": given["kind"], "source": "test",
        "msg": keys.message_sk(given["campaign"], 1, "1", "email"), "expires_at": 1,
    }  # fmt: skip
    if given["kind"] in ("open", "click"):
        item |= {"method": "GET"} | ({"ua": given["ua"]} if given["ua"] else {})
    if given["kind"] == "click":
        item["link"] = Decimal(given["link"])
    if given["kind"] == "bounce":
        item["bounce_type"] = given["bounce_type"]
    if given["kind"] == "conversion":
        item |= {"value": given["value"], "currency": given["currency"]}
        if not given["earned"]:
            del item["msg"]
    return item


def message_items() -> Iterator[Item]:
    """Every contact's messages, but that Dan's were erased."""
    for contact in CONTACTS[:-1]:
        for campaign in CAMPAIGNS:
            yield {
                **keys.message("acme", contact, campaign, 1, "1", "email"),
                "to": "shared@x.example",
                "state": "claimed",
                "variant": VARIANTS.get(contact),
            }


def aggregate_with(table: TableInMemory) -> Any:
    def aggregate(batch: Sequence[Record]) -> dict[str, str]:
        return AggregationService(EngagementTable(table)).aggregate(batch).failed

    return aggregate


def _event_items(table: TableInMemory) -> list[Item]:
    return [item for (_, sk), item in table.items.items() if sk.startswith("EVENT#")]


def _run(events: list[Item], seed: int, remembered: int) -> None:
    rnd = Random(seed)
    table = FaultyTable(rnd)
    messages = list(message_items())
    for item in [*messages, *events]:
        table.put(item)
    records = [record(item, number) for number, item in enumerate(events)]
    poison = [record({**keys.event("acme", "ann", "x", f"bad{n}"), "kind": "open"}, 10_000 + n) for n in range(2)]
    everything = records + poison
    rnd.shuffle(everything)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "REMEMBERED", remembered)
        patch.setattr(aggregation, "REMEMBERED", remembered)
        refused = deliver(everything, aggregate_with(table), table, rnd, lanes=rnd.choice((1, 2, 4)))
        assert {id(each) for each in refused} == {id(each) for each in poison}
        existing = {(message["pk"], message["sk"]): message["variant"] or "" for message in messages}
        assert stored(table) == truth(_event_items(table), existing)
        _assert_rebuilt(table)
        _assert_suppressed(table, existing)
        assert max(table.transactions, default=0) <= 100
        before = table.items.copy()
        assert not aggregate_with(table)(records)
        assert table.items == before


def _assert_rebuilt(table: TableInMemory) -> None:
    """States and counters from the raw events alone are what is stored."""
    events = [event_from_item(item) for item in _event_items(table)]
    refs = {event.message for event in events if event.message}
    states = EngagementTable(table).messages(refs)
    rebuilt, increments = rebuild(states, events)
    assert increments == _without_suffixes(table)
    for ref, state in states.items():
        fresh = rebuilt[ref]
        assert {**vars_of(fresh), "version": 0} == {**vars_of(state), "version": 0}


def vars_of(state: Any) -> dict[str, Any]:
    return {name: getattr(state, name) for name in state.__slots__}


def _without_suffixes(table: TableInMemory) -> dict[Any, Any]:
    rows: dict[Any, Any] = {}
    for (pk, sk, metric), figure in stored(table).items():
        parts, scope = sk.split("#"), pk.split("#")
        row: Any
        if parts[1] == "LINK":
            row = CampaignLink(scope[1], scope[3], int(parts[2]), parts[3], int(parts[4]))
        elif len(scope) == 3:
            row = OrganisationDay(scope[1], parts[2])
        else:
            row = CampaignDay(scope[1], scope[3], parts[2])
        rows.setdefault(row, {})[metric] = figure
    return rows


def _assert_suppressed(table: TableInMemory, existing: Mapping[tuple[str, str], str]) -> None:
    fatal = [
        item
        for item in _event_items(table)
        if (item["pk"], item.get("msg")) in existing
        and (item["kind"] in ("complaint", "unsubscribe") or item.get("bounce_type") == "hard")
    ]
    key = keys.suppression("acme", "email", "shared@x.example")
    found = table.get(key)
    assert (found is not None) == bool(fatal)
    said = any(item["kind"] in ("complaint", "unsubscribe") for item in fatal)
    assert found is None or (found["reason"] in RECIPIENTS_WORD) == said


@settings(max_examples=150, deadline=None)
@given(given=st.lists(attributes, max_size=60), seed=st.integers(0, 2**32), remembered=st.sampled_from([3, 1000]))
def test_counters_equal_the_truth_whatever_the_stream_does(
    given: list[dict[str, Any]], seed: int, remembered: int
) -> None:
    _run([event_item(number, each) for number, each in enumerate(given)], seed, remembered)


@pytest.mark.parametrize("seed", range(3))
def test_thousands_of_events_are_counted_exactly(seed: int) -> None:
    rnd = Random(seed)
    given = [
        {
            "contact": rnd.choice(CONTACTS), "campaign": rnd.choice(CAMPAIGNS),
            "kind": rnd.choice(["open", "click", "click", "delivery", "bounce", "conversion", "reply"]),
            "seconds": rnd.randrange(100_000), "link": rnd.randrange(5), "ua": rnd.choice(AGENTS),
            "bounce_type": "soft", "value": Decimal(rnd.randrange(10_000)) / 100, "currency": "USD",
            "earned": rnd.random() < 0.9,
        }
        for _ in range(1500)
    ]  # fmt: skip
    _run([event_item(number, each) for number, each in enumerate(given)], seed, 150)
