"""Places under frequency caps, taken and given back by workers that know nothing of each other."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion import keys
from clarion.domain.sending_rules import FrequencyCap
from clarion.storage.frequency_caps import FrequencyCapTable
from clarion.storage.table import Key, Table
from tests.fakes.racing import TableOfThreads, TableWithInterruptions
from tests.fakes.table import TableInMemory

ORG, OTHER = "acme", "globex"
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
FIVE = [FrequencyCap(channel="email", most=5, per=timedelta(weeks=1))]
ONE = [FrequencyCap(channel="email", most=1, per=DAY)]
CONTACTS = [f"contact-{n:02d}" for n in range(50)]


def messages(campaign: int, contacts: Iterable[str] = CONTACTS) -> dict[str, str]:
    return dict.fromkeys(contacts, keys.message_sk(f"campaign-{campaign}", 1, "1", "email"))


def places(table: Table, contact: str) -> dict[str, datetime]:
    row = table.get(keys.caps(ORG, contact, "email")) or {}
    return {name: datetime.fromisoformat(value) for name, value in row.items() if name.startswith("MSG#")}


@pytest.fixture(params=["moto", "memory"])
def store(request: pytest.FixtureRequest) -> Table:
    if request.param == "memory":
        return TableInMemory()
    table: Table = request.getfixturevalue("table")
    return table


def test_a_contact_gets_as_many_as_the_cap_allows_and_no_more(store: Table) -> None:
    caps = FrequencyCapTable(store)
    taken = [caps.take(ORG, "email", messages(n, ["a", "b"]), FIVE, NOW) for n in range(6)]
    assert taken == [{"a", "b"}] * 5 + [set()]
    assert len(places(store, "a")) == 5


def test_asking_again_for_the_same_message_takes_nothing_more(store: Table) -> None:
    caps = FrequencyCapTable(store)
    assert caps.take(ORG, "email", messages(1, ["a"]), ONE, NOW) == {"a"}
    before = store.get(keys.caps(ORG, "a", "email"))
    assert caps.take(ORG, "email", messages(1, ["a"]), ONE, NOW + MINUTE) == {"a"}
    assert store.get(keys.caps(ORG, "a", "email")) == before


def test_a_place_given_back_goes_to_the_next_and_giving_back_twice_is_harmless(store: Table) -> None:
    caps = FrequencyCapTable(store)
    caps.take(ORG, "email", messages(1, ["a"]), ONE, NOW)
    assert caps.take(ORG, "email", messages(2, ["a"]), ONE, NOW) == set()
    caps.give_back(ORG, "email", messages(1, ["a"]))
    caps.give_back(ORG, "email", messages(1, ["a"]))
    assert caps.take(ORG, "email", messages(2, ["a"]), ONE, NOW) == {"a"}
    caps.give_back(ORG, "email", messages(1, ["a"]))
    assert list(places(store, "a")) == [messages(2)["contact-00"]]


def test_giving_back_what_nobody_ever_took_leaves_no_row(store: Table) -> None:
    FrequencyCapTable(store).give_back(ORG, "email", messages(1, ["a"]))
    assert store.get(keys.caps(ORG, "a", "email")) is None


def test_a_place_is_free_again_after_the_period_and_its_trace_is_removed(store: Table) -> None:
    caps = FrequencyCapTable(store)
    caps.take(ORG, "email", messages(1, ["a"]), ONE, NOW)
    assert caps.take(ORG, "email", messages(2, ["a"]), ONE, NOW + DAY - MINUTE) == set()
    assert caps.take(ORG, "email", messages(2, ["a"]), ONE, NOW + DAY) == {"a"}
    assert list(places(store, "a")) == [messages(2)["contact-00"]]


def test_a_message_whose_own_place_ran_out_takes_a_new_one(store: Table) -> None:
    caps = FrequencyCapTable(store)
    caps.take(ORG, "email", messages(1, ["a"]), ONE, NOW)
    assert caps.take(ORG, "email", messages(1, ["a"]), ONE, NOW + 2 * DAY) == {"a"}
    assert places(store, "a") == {messages(1)["contact-00"]: NOW + 2 * DAY}


def test_a_row_expires_the_longest_period_after_its_newest_place(store: Table) -> None:
    week = FrequencyCap(channel="email", most=9, per=timedelta(weeks=1))
    FrequencyCapTable(store).take(ORG, "email", messages(1, ["a"]), [*ONE, week], NOW)
    row = store.get(keys.caps(ORG, "a", "email"))
    assert row is not None
    assert row["expires_at"] == (NOW + timedelta(weeks=1)).timestamp()


def test_channels_and_organisations_have_places_of_their_own(store: Table) -> None:
    caps = FrequencyCapTable(store)
    both = [*ONE, FrequencyCap(channel="sms", most=1, per=DAY)]
    assert caps.take(ORG, "email", messages(1, ["a"]), both, NOW) == {"a"}
    assert caps.take(ORG, "sms", messages(2, ["a"]), both, NOW) == {"a"}
    assert caps.take(OTHER, "email", messages(3, ["a"]), both, NOW) == {"a"}
    caps.give_back(OTHER, "email", messages(1, ["a"]))
    assert caps.take(ORG, "email", messages(4, ["a"]), both, NOW) == set()


def test_without_a_cap_of_the_channel_everybody_may_be_sent_to_and_the_table_is_not_asked() -> None:
    unreachable = Table(client=None, name="none")
    assert FrequencyCapTable(unreachable).take(ORG, "sms", messages(1), ONE, NOW) == set(CONTACTS)


def test_fifty_contacts_are_read_at_once_and_a_refused_one_is_not_written() -> None:
    table = TableWithInterruptions()
    caps = FrequencyCapTable(table)
    caps.take(ORG, "email", messages(1, CONTACTS[:20]), ONE, NOW)
    table.reads = table.writes = 0
    assert caps.take(ORG, "email", messages(2), ONE, NOW) == set(CONTACTS[20:])
    assert (table.reads, table.writes) == (1, 30)


def test_a_place_taken_between_the_read_and_the_write_counts() -> None:
    table = TableWithInterruptions()
    caps = FrequencyCapTable(table)
    table.acts = [lambda: caps.take(ORG, "email", messages(2, ["a"]), ONE, NOW)]
    assert caps.take(ORG, "email", messages(1, ["a"]), ONE, NOW) == set()
    assert table.refused == 1
    assert list(places(table, "a")) == [messages(2)["contact-00"]]


def test_a_place_given_back_between_the_read_and_the_write_stays_given_back() -> None:
    table = TableWithInterruptions()
    caps = FrequencyCapTable(table)
    caps.take(ORG, "email", messages(1, ["a"]), FIVE, NOW)
    table.acts = [lambda: caps.give_back(ORG, "email", messages(1, ["a"]))]
    assert caps.take(ORG, "email", messages(2, ["a"]), FIVE, NOW) == {"a"}
    assert list(places(table, "a")) == [messages(2)["contact-00"]]


def test_a_place_taken_and_given_back_in_between_is_noticed_too() -> None:
    table = TableWithInterruptions()
    caps = FrequencyCapTable(table)

    def act() -> None:
        caps.take(ORG, "email", messages(2, ["a"]), ONE, NOW)
        caps.give_back(ORG, "email", messages(2, ["a"]))
        caps.take(ORG, "email", messages(3, ["a"]), ONE, NOW)

    table.acts = [act]
    assert caps.take(ORG, "email", messages(1, ["a"]), ONE, NOW) == set()
    assert list(places(table, "a")) == [messages(3)["contact-00"]]


def test_a_write_whose_answer_was_lost_has_taken_the_place_once() -> None:
    """The client repeats the call, and its own first attempt is what it then meets."""

    class AnswerLost(TableInMemory):
        def update(self, key: Key, **expression: Any) -> None:
            super().update(key, **expression)
            super().update(key, **expression)

    table = AnswerLost()
    assert FrequencyCapTable(table).take(ORG, "email", messages(1, ["a"]), FIVE, NOW) == {"a"}
    assert len(places(table, "a")) == 1


def test_a_contact_that_others_never_leave_alone_is_told_and_nothing_is_lost_by_it() -> None:
    table = TableWithInterruptions()
    caps, key = FrequencyCapTable(table), keys.caps(ORG, "a", "email")
    rows = [{**key, "newest": f"2026-11-21T08:00:00.{n:03d}Z"} for n in range(100)]
    table.acts = [partial(table.items.update, {(key["pk"], key["sk"]): row}) for row in rows]
    with pytest.raises(RuntimeError, match="places of 1 contacts"):
        caps.take(ORG, "email", messages(1, ["a"]), ONE, NOW)
    table.acts.clear()
    assert caps.take(ORG, "email", messages(1, ["a"]), ONE, NOW) == {"a"}


@pytest.mark.parametrize("parallel", [1, 8])
def test_ten_campaigns_that_start_together_under_a_cap_of_five_give_five_to_everybody(parallel: int) -> None:
    table = TableOfThreads(10)

    def start(campaign: int) -> set[str]:
        return FrequencyCapTable(table, parallel).take(ORG, "email", messages(campaign), FIVE, NOW)

    with ThreadPoolExecutor(10) as campaigns:
        taken = list(campaigns.map(start, range(10)))
    assert [sum(contact in each for each in taken) for contact in CONTACTS] == [5] * 50
    for contact in CONTACTS:
        holders = {messages(n)[contact] for n, each in enumerate(taken) if contact in each}
        assert set(places(table, contact)) == holders
    assert table.refused >= 50 * 9  # all ten read an empty row of each contact, and one write of it went through


Act = tuple[str, int, int]


@settings(deadline=None)
@given(
    acts=st.lists(
        st.tuples(st.sampled_from(["take", "take", "take", "give back"]), st.integers(0, 9), st.integers(-30, 400)),
        min_size=5,
        max_size=40,
    ),
    most=st.integers(1, 3),
)
def test_whatever_interrupts_whom_no_window_holds_more_than_the_cap(acts: Sequence[Act], most: int) -> None:
    """Each act begins between the read and the write of the one before it: as deep as there are acts."""
    caps = [FrequencyCap(channel="email", most=most, per=5 * MINUTE), FrequencyCap(channel="email", most=4, per=DAY)]
    table = TableWithInterruptions()
    places_of = FrequencyCapTable(table)
    granted, given_back = set[int](), set[int]()

    def act(kind: str, campaign: int, second: int) -> None:
        mine = messages(campaign, ["a"])
        if kind == "take" and campaign not in given_back:
            now = NOW + timedelta(seconds=second)
            if places_of.take(ORG, "email", mine, caps, now):
                granted.add(campaign)
        elif kind == "give back" and campaign in granted:
            given_back.add(campaign)
            granted.discard(campaign)
            places_of.give_back(ORG, "email", mine)

    table.acts = [partial(act, *each) for each in acts]
    while table.acts:
        table.acts.pop(0)()
    held: Mapping[str, datetime] = places(table, "a")
    assert {messages(n)["contact-00"] for n in granted - given_back} <= set(held)
    for cap in caps:
        assert all(sum(start <= t < start + cap.per for t in held.values()) <= cap.most for start in held.values())
