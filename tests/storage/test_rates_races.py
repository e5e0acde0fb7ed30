"""Workers that share a rate and get in each other's way."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import combinations_with_replacement

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion import keys
from clarion.domain.rates import RateRules
from clarion.storage.rates import RateTable
from clarion.storage.table import Table
from tests.fakes.racing import TableOfThreads, TableWithInterruptions

ORG = "acme"
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
FOURTEEN = RateRules(14, None)


def lease(table: Table, messages: int, rules: RateRules, now: datetime = NOW) -> float:
    return RateTable(table).lease(ORG, "email", messages, rules, now)


def taken_on(table: Table, date: str) -> int:
    row = table.get(keys.ramp_up_day(ORG, "email", date))
    return int(row["taken"]) if row else 0


@pytest.mark.parametrize("before", [None, NOW - HOUR, NOW - SECOND])
def test_a_lease_between_the_read_and_the_write_counts(before: datetime | None) -> None:
    """On a row that is new, idle since an hour, and still in debt by less than the slack."""
    table = TableWithInterruptions()
    if before:
        lease(table, 20, FOURTEEN, before)
    table.acts = [partial(lease, table, 50, FOURTEEN)]
    assert lease(table, 50, FOURTEEN) > 3.0
    assert table.refused == 1


def test_a_throttling_between_the_read_and_the_write_stops_the_lease() -> None:
    table = TableWithInterruptions()
    lease(table, 1, FOURTEEN, NOW - MINUTE)
    table.acts = [partial(RateTable(table).throttled, ORG, "email", 5, NOW)]
    assert lease(table, 50, FOURTEEN) == 5.0
    assert table.refused == 1


def test_another_throttling_between_the_read_and_the_write_stops_the_lease_too() -> None:
    table = TableWithInterruptions()
    throttled = RateTable(table).throttled
    throttled(ORG, "email", None, NOW - MINUTE)
    table.acts = [partial(throttled, ORG, "email", 5, NOW)]
    assert lease(table, 50, FOURTEEN) == 5.0
    assert table.refused == 1


def test_two_workers_who_are_throttled_at_once_halve_once() -> None:
    table = TableWithInterruptions()
    rates = RateTable(table)
    table.acts = [partial(rates.throttled, ORG, "email", 5, NOW)]
    rates.throttled(ORG, "email", 5, NOW)
    row = table.get(keys.rate(ORG, "email")) or {}
    assert (row["throttled_to"], row["version"], table.refused) == (50, 1, 1)


def test_workers_who_read_the_same_debt_need_not_read_again_while_there_is_room() -> None:
    table = TableWithInterruptions()
    fast = RateRules(1000, None)
    lease(table, 50, fast)
    table.reads = 0
    table.acts = [partial(lease, table, 50, fast) for _ in range(3)]
    assert lease(table, 50, fast) == 0.0
    assert (table.reads, table.refused) == (4, 0)


def test_a_row_that_others_change_all_the_time_is_a_short_wait() -> None:
    table = TableWithInterruptions()
    lease(table, 1, FOURTEEN, NOW - HOUR)
    key = keys.rate(ORG, "email")

    def act(n: int) -> None:
        row = table.items[key["pk"], key["sk"]]
        table.items[key["pk"], key["sk"]] = {**row, "tat": row["tat"] + n}

    table.acts = [partial(act, n) for n in range(1, 50)]
    assert 0.05 <= lease(table, 1, FOURTEEN) <= 0.25


def test_a_pace_taken_in_between_leaves_the_allowance_alone() -> None:
    table = TableWithInterruptions()
    table.acts = [partial(lease, table, 50, RateRules(14, 500))]
    assert 0 < lease(table, 50, RateRules(14, 500)) < 4
    assert table.refused == 1
    assert taken_on(table, "2026-11-21") == 50


@pytest.mark.parametrize(
    ("rules", "granted"), [(FOURTEEN, 1), (RateRules(14, 500), 1), (RateRules(None, 120), 2), (RateRules(50, None), 1)]
)
def test_ten_workers_who_ask_at_the_same_moment_share_one_rate(rules: RateRules, granted: int) -> None:
    table = TableOfThreads(10)
    with ThreadPoolExecutor(10) as workers:
        delays = list(workers.map(lambda _: lease(table, 50, rules), range(10)))
    assert delays.count(0.0) == granted
    assert table.refused >= 8


Ask = tuple[int, int, int]  # milliseconds, messages, and Retry-After in seconds where positive: a throttling


@settings(deadline=None)
@given(
    asks=st.lists(
        st.tuples(st.integers(0, 8000), st.integers(1, 50), st.sampled_from([0] * 9 + [2])), min_size=5, max_size=80
    ),
    per_second=st.sampled_from([0.7, 3.0, 14.0, 100.0, 333.3]),
    daily=st.sampled_from([None, 40, 1000]),
    nested=st.booleans(),
)
def test_whatever_interrupts_whom_no_stretch_of_time_exceeds_the_rate_by_more_than_the_burst(
    asks: list[Ask], per_second: float, daily: int | None, nested: bool
) -> None:
    """Each ask begins between the read and the write of the one before it where ``nested``, or after it."""
    table = TableWithInterruptions()
    rates, rules = RateTable(table), RateRules(per_second, daily)
    granted, blocks = list[tuple[float, int]](), list[float]()

    def ask(millisecond: int, messages: int, after_seconds: int) -> None:
        now = NOW + timedelta(milliseconds=millisecond)
        if after_seconds:
            rates.throttled(ORG, "email", after_seconds, now)
            blocks.append(millisecond / 1000 + after_seconds)
            return
        if rates.lease(ORG, "email", messages, rules, now) == 0.0:
            assert all(millisecond / 1000 >= end for end in blocks)
            granted.append((millisecond / 1000, messages))

    for each in asks if nested else sorted(asks):
        if nested:
            table.acts.append(partial(ask, *each))
        else:
            ask(*each)
    while table.acts:
        table.acts.pop(0)()

    burst = per_second * 0.5 + max((messages for _, messages in granted), default=0)
    times = sorted({at for at, _ in granted})
    for start, end in combinations_with_replacement(times, 2):
        sent = sum(messages for at, messages in granted if start <= at <= end)
        assert sent <= per_second * (end - start) + burst + 1e-6
    total = sum(messages for _, messages in granted)
    assert daily is None or total <= daily
    assert taken_on(table, "2026-11-21") == (0 if daily is None else total)
