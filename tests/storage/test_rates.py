"""Leases of a rate, a ramp-up's allowance, and the vendor's throttling; workers in a race: test_rates_races.py."""

from datetime import UTC, datetime, timedelta

import pytest

from clarion import keys
from clarion.domain.rates import RateRules
from clarion.storage.rates import RateTable
from clarion.storage.table import Table
from tests.fakes.racing import TableWithInterruptions
from tests.fakes.table import TableInMemory

ORG, OTHER = "acme", "globex"
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
FREE = RateRules(None, None)
FOURTEEN = RateRules(14, None)
UNTIL_MIDNIGHT = 15 * 3600.0


@pytest.fixture(params=["moto", "memory"])
def store(request: pytest.FixtureRequest) -> Table:
    if request.param == "memory":
        return TableInMemory()
    table: Table = request.getfixturevalue("table")
    return table


def lease(table: Table, messages: int, rules: RateRules, now: datetime = NOW) -> float:
    return RateTable(table).lease(ORG, "email", messages, rules, now)


def taken_on(table: Table, date: str) -> int:
    row = table.get(keys.ramp_up_day(ORG, "email", date))
    return int(row["taken"]) if row else 0


def test_without_a_limit_and_a_throttling_a_lease_is_one_read_and_no_write() -> None:
    table = TableWithInterruptions()
    assert [lease(table, 50, FREE) for _ in range(20)] == [0.0] * 20
    assert (table.reads, table.writes) == (20, 0)


def test_with_a_limit_a_lease_is_a_read_and_a_write_and_a_refused_one_is_a_read() -> None:
    table = TableWithInterruptions()
    assert lease(table, 50, FOURTEEN) == 0.0
    assert (table.reads, table.writes) == (1, 1)
    assert lease(table, 50, FOURTEEN) > 0.0
    assert (table.reads, table.writes) == (2, 1)


def test_a_call_larger_than_a_seconds_worth_goes_and_the_next_one_waits_it_off(store: Table) -> None:
    assert lease(store, 50, FOURTEEN) == 0.0
    delay = lease(store, 50, FOURTEEN)
    assert delay == pytest.approx(50 / 14 - 0.5, abs=1e-5)
    assert lease(store, 50, FOURTEEN, NOW + timedelta(seconds=delay) - timedelta(milliseconds=1)) > 0.0
    assert lease(store, 50, FOURTEEN, NOW + timedelta(seconds=delay)) == 0.0


def test_a_small_call_waits_as_long_as_a_large_one_so_that_neither_starves(store: Table) -> None:
    lease(store, 50, FOURTEEN)
    assert lease(store, 1, FOURTEEN) == lease(store, 50, FOURTEEN)


def test_small_calls_go_together_for_half_a_second(store: Table) -> None:
    assert [lease(store, 1, RateRules(20, None)) > 0 for _ in range(13)] == [False] * 11 + [True] * 2


def test_a_worker_that_waits_as_told_sends_at_the_limit() -> None:
    table, now, sent = TableInMemory(), NOW, 0
    while now < NOW + 10 * MINUTE:
        delay = lease(table, 50, FOURTEEN, now)
        sent += 0 if delay else 50
        now += timedelta(seconds=delay)
    assert 14 * 600 <= sent <= 14 * 600.5 + 50


def test_idle_time_is_not_saved_up(store: Table) -> None:
    lease(store, 50, FOURTEEN)
    later = NOW + HOUR
    assert [lease(store, 14, FOURTEEN, later) > 0 for _ in range(2)] == [False, True]


def test_channels_and_organisations_do_not_share_a_rate(store: Table) -> None:
    rates = RateTable(store)
    assert rates.lease(ORG, "email", 50, FOURTEEN, NOW) == 0.0
    assert rates.lease(ORG, "sms", 50, FOURTEEN, NOW) == 0.0
    assert rates.lease(OTHER, "email", 50, FOURTEEN, NOW) == 0.0


def test_a_limit_that_was_taken_away_holds_nobody_up(store: Table) -> None:
    lease(store, 50, RateRules(0.01, None))
    assert lease(store, 50, FREE) == 0.0


def test_a_row_outlives_the_debt_it_holds(store: Table) -> None:
    slow = RateRules(0.001, None)
    for now in (NOW, NOW + timedelta(seconds=49_999.6)):
        assert lease(store, 50, slow, now) == 0.0
    row = store.get(keys.rate(ORG, "email"))
    assert row is not None
    assert row["expires_at"] == (NOW + timedelta(seconds=100_000) + HOUR).timestamp()


def test_a_throttling_is_noticed_by_whoever_has_no_limit(store: Table) -> None:
    RateTable(store).throttled(ORG, "email", 30, NOW)
    assert lease(store, 50, FREE, NOW + SECOND) == 29.0
    assert lease(store, 50, FREE, NOW + 30 * SECOND) == 0.0
    assert lease(store, 50, FREE, NOW + 30 * SECOND) == pytest.approx(0.5)
    assert lease(store, 50, FREE, NOW + 30 * SECOND + 10 * MINUTE) == 0.0
    assert lease(store, 50, FREE, NOW + 30 * SECOND + 10 * MINUTE) == 0.0


def test_the_rate_that_is_halved_is_that_of_the_last_minutes_leases(store: Table) -> None:
    lease(store, 50, FOURTEEN)
    RateTable(store).throttled(ORG, "email", None, NOW + SECOND)
    now = NOW + MINUTE
    assert lease(store, 50, RateRules(100, None), now) == 0.0
    recovered = 7 * 1.1**5
    assert lease(store, 50, RateRules(100, None), now) == pytest.approx(50 / recovered - 0.5, abs=1e-3)


def test_a_rate_leased_long_ago_tells_nothing(store: Table) -> None:
    lease(store, 1, RateRules(2, None))
    RateTable(store).throttled(ORG, "email", None, NOW + HOUR)
    row = store.get(keys.rate(ORG, "email"))
    assert row is not None
    assert row["throttled_to"] == 50


def test_each_throttling_halves_again_and_refusals_under_way_do_not(store: Table) -> None:
    rates, now = RateTable(store), NOW
    for expected in (7.0, 3.5, 1.75, 1.0, 1.0):
        while lease(store, 1, FOURTEEN, now):
            now += timedelta(milliseconds=100)
        for _ in range(3):
            rates.throttled(ORG, "email", None, now)
        row = store.get(keys.rate(ORG, "email")) or {}
        assert float(row["throttled_to"]) == expected
    assert row["version"] == 5


def test_a_refusal_under_way_writes_nothing() -> None:
    table = TableWithInterruptions()
    for _ in range(3):
        RateTable(table).throttled(ORG, "email", None, NOW)
    assert (table.reads, table.writes) == (3, 1)


def test_a_ramp_ups_day_gives_no_more_than_its_allowance_and_waits_for_the_next(store: Table) -> None:
    rules, rates = RateRules(None, 120), RateTable(store)
    assert rates.allowance(ORG, "email", rules, NOW) == 120
    assert [lease(store, 50, rules) for _ in range(3)] == [0.0, 0.0, UNTIL_MIDNIGHT]
    assert rates.allowance(ORG, "email", rules, NOW) == 20
    assert lease(store, 20, rules) == 0.0
    assert rates.allowance(ORG, "email", rules, NOW) == 0
    assert lease(store, 1, rules) == UNTIL_MIDNIGHT
    assert lease(store, 50, rules, NOW + timedelta(seconds=UNTIL_MIDNIGHT)) == 0.0


def test_an_allowance_smaller_than_a_call_is_used_by_asking_for_less(store: Table) -> None:
    rules = RateRules(None, 20)
    assert lease(store, 50, rules) == UNTIL_MIDNIGHT
    assert lease(store, RateTable(store).allowance(ORG, "email", rules, NOW) or 0, rules) == 0.0
    assert taken_on(store, "2026-11-21") == 20


def test_a_day_is_one_of_utc(store: Table) -> None:
    zone = datetime.fromisoformat("2026-11-22T01:30:00+02:00")
    assert [lease(store, 20, RateRules(None, 20), zone) for _ in range(2)] == [0.0, 1800.0]
    assert taken_on(store, "2026-11-21") == 20


def test_an_allowance_that_was_lowered_below_what_is_taken_is_used_up(store: Table) -> None:
    lease(store, 50, RateRules(None, 100))
    assert RateTable(store).allowance(ORG, "email", RateRules(None, 20), NOW) == 0
    assert lease(store, 1, RateRules(None, 20)) == UNTIL_MIDNIGHT


def test_without_a_ramp_up_the_allowance_is_known_without_asking_the_table() -> None:
    table = TableWithInterruptions()
    assert RateTable(table).allowance(ORG, "email", FOURTEEN, NOW) is None
    assert table.reads == 0


def test_what_was_not_sent_is_free_again(store: Table) -> None:
    rules, rates = RateRules(None, 50), RateTable(store)
    lease(store, 50, rules)
    rates.give_back(ORG, "email", 30, NOW)
    assert rates.allowance(ORG, "email", rules, NOW) == 30
    assert lease(store, 30, rules) == 0.0


def test_giving_back_where_no_ramp_up_counts_leaves_no_row(store: Table) -> None:
    RateTable(store).give_back(ORG, "email", 30, NOW)
    assert store.get(keys.ramp_up_day(ORG, "email", "2026-11-21")) is None


def test_a_lease_that_the_pace_refuses_takes_nothing_of_the_allowance(store: Table) -> None:
    rules = RateRules(14, 120)
    assert lease(store, 50, rules) == 0.0
    assert 0 < lease(store, 50, rules) < 4
    assert taken_on(store, "2026-11-21") == 50


def test_a_lease_that_the_allowance_refuses_takes_nothing_of_the_pace(store: Table) -> None:
    rules = RateRules(14, 60)
    lease(store, 50, rules)
    before = store.get(keys.rate(ORG, "email"))
    assert lease(store, 50, rules, NOW + MINUTE) == UNTIL_MIDNIGHT - 60
    assert store.get(keys.rate(ORG, "email")) == before
