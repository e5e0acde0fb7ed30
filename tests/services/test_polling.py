"""Figures are read at their pace and counted once; calls that nobody knows the end of are settled by looking."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from clarion.domain.analytics import campaign_report
from clarion.domain.engagement import MessageRef
from clarion.domain.outcomes import Accepted, Outcome, Retry, Stop
from clarion.domain.outlet import Outlet
from clarion.domain.post import Absent
from clarion.domain.publication import Publication
from clarion.domain.run import FAILED, SENT, Result
from clarion.services.polling import PollService
from clarion.storage.counters import CounterTable
from tests.fakes.publications import CAMPAIGN, MADE_AT, ORG, PAGE, PublicationsInMemory, publication

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ENDED = Stop("190", "the token has ended")
Found = Accepted | Absent | Retry | Stop
Figures = Mapping[str, Decimal] | Absent | Retry | Stop


@dataclass
class Vendors:
    """What a channel's vendors say of each profile, as a test sets it."""

    shown: dict[str, Found] = field(default_factory=dict)
    told: dict[str, Figures] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    before: Callable[[], None] = lambda: None

    def find(self, publication: Publication) -> Found:
        self.asked.append(publication.outlet.profile)
        return self.shown.get(publication.outlet.profile, Absent())

    def figures(self, publication: Publication) -> Figures:
        self.asked.append(publication.outlet.profile)
        self.before()
        return self.told[publication.outlet.profile]


@dataclass
class LedgerInMemory:
    unknown: set[MessageRef] = field(default_factory=set)
    settled: dict[MessageRef, Result] = field(default_factory=dict)
    after: Callable[[], None] = lambda: None

    def settle(self, message: MessageRef, result: Result) -> bool:
        if message not in self.unknown:
            return False
        self.unknown.discard(message)
        self.settled[message] = result
        self.after()
        return True


class Desk:
    def __init__(self) -> None:
        self.now, self.publications = MADE_AT, PublicationsInMemory()
        self.vendors, self.ledger = Vendors(), LedgerInMemory()
        self.notes: list[tuple[str, str, Outcome]] = []
        self.remaining_ms = 240_000

    def poller(self) -> PollService:
        readers = {"social": self.vendors, "ads": self.vendors}
        note = lambda org, platform, outcome: self.notes.append((org, platform, outcome))  # noqa: E731
        return PollService(self.publications, readers, self.ledger, note, lambda: self.now)

    def poll_at(self, now: datetime) -> dict[str, int]:
        self.now = now
        return self.poller().poll(lambda: self.remaining_ms)

    def live(self, outlet: Outlet = PAGE, channel: str = "social") -> Publication:
        begun = publication(outlet, channel)
        self.publications.begin(begun)
        return self.publications.published(begun, f"v-{outlet.profile}", MADE_AT)

    def unknown(self) -> Publication:
        self.publications.begin(publication())
        self.ledger.unknown.add(publication().message)
        return self.kept()

    def kept(self, of: Publication | None = None) -> Publication:
        found = self.publications.get((of or publication()).message)
        assert found is not None
        return found

    def counted(self) -> dict[str, Decimal]:
        rows = CounterTable(self.publications.table).campaign(ORG, CAMPAIGN)
        return dict(campaign_report(CAMPAIGN, rows, {}).totals.metrics)


def views(total: int) -> dict[str, Decimal]:
    return {"views": Decimal(total)}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_figures_are_read_when_they_are_due_and_not_before(desk: Desk) -> None:
    desk.live()
    desk.vendors.told["1234"] = views(10)
    assert desk.poll_at(MADE_AT + 4 * MINUTE) == {}
    assert desk.poll_at(MADE_AT + 5 * MINUTE) == {"read": 1}
    assert desk.poll_at(MADE_AT + 6 * MINUTE) == {}
    desk.vendors.told["1234"] = views(25)
    assert desk.poll_at(MADE_AT + 20 * MINUTE) == {"read": 1}
    assert (desk.counted(), desk.kept().figures) == (views(25), views(25))
    assert desk.notes[-1] == (ORG, "facebook", Accepted("v-1234"))


def test_a_day_of_polling_counts_what_the_vendor_told_last(desk: Desk) -> None:
    desk.live()
    now, polls = MADE_AT, 0
    while now < MADE_AT + DAY:
        now += 5 * MINUTE
        desk.vendors.told["1234"] = views(polls)
        polls += desk.poll_at(now).get("read", 0)
    assert desk.counted() == views(polls - 1)
    assert polls == 9 + 21  # each quarter of an hour for two hours, then each hour


def test_of_two_pollers_that_read_at_once_one_counts(desk: Desk) -> None:
    desk.live()
    desk.vendors.told["1234"] = views(10)
    others: list[dict[str, int]] = []

    def another() -> None:
        desk.vendors.before = lambda: None
        others.append(desk.poller().poll(lambda: 240_000))

    desk.vendors.before = another
    assert desk.poll_at(MADE_AT + 5 * MINUTE) == {"overtaken": 1}
    assert (others, desk.counted()) == ([{"read": 1}], views(10))


def test_ads_are_counted_as_ads(desk: Desk) -> None:
    account = Outlet(platform="google-ads", profile="77")
    shown = desk.live(account, "ads")
    desk.vendors.told["77"] = {"spend.EUR": Decimal("10.10"), "impressions": Decimal(900)}
    desk.poll_at(MADE_AT + 5 * MINUTE)
    rows = [dict(metrics) for _, metrics in CounterTable(desk.publications.table).campaign(ORG, CAMPAIGN)]
    assert rows == [{"ads.1.spend.EUR": Decimal("10.10"), "ads.1.impressions": Decimal(900)}]
    assert desk.kept(shown).next_poll == MADE_AT + 5 * MINUTE + HOUR


def test_what_is_found_is_live_and_settled_as_sent(desk: Desk) -> None:
    desk.unknown()
    desk.vendors.shown["1234"] = Accepted("1234_5678")
    assert desk.poll_at(MADE_AT + 5 * MINUTE) == {"found": 1}
    assert desk.ledger.settled == {publication().message: Result(SENT, "1234_5678")}
    assert (desk.kept().state, desk.kept().published_at) == ("live", MADE_AT)
    assert desk.publications.by_vendor_id(ORG, "facebook", "1234_5678") == desk.kept()
    desk.vendors.told["1234"] = views(3)
    assert desk.poll_at(MADE_AT + 10 * MINUTE) == {"read": 1}


def test_what_is_looked_for_twice_in_vain_is_settled_as_failed_so_that_it_may_be_retried(desk: Desk) -> None:
    desk.unknown()
    assert desk.poll_at(MADE_AT + 5 * MINUTE) == {"missed": 1}
    assert (desk.kept().state, desk.ledger.settled) == ("calling", {})
    assert desk.poll_at(MADE_AT + 14 * MINUTE) == {}
    assert desk.poll_at(MADE_AT + 15 * MINUTE) == {"missed": 1}
    assert desk.kept().state == "absent"
    assert desk.ledger.settled[publication().message].code == FAILED
    assert desk.publications.begin(publication(made_at=MADE_AT + HOUR)) is None


def test_what_was_never_published_waits_for_the_ledger_until_it_knows_that_the_worker_was_lost(desk: Desk) -> None:
    desk.unknown()
    desk.ledger.unknown.clear()
    for minutes in (5, 15, 30, 45):
        desk.poll_at(MADE_AT + minutes * MINUTE)
        assert desk.kept().state == "calling"
    desk.ledger.unknown.add(publication().message)
    desk.poll_at(MADE_AT + HOUR)
    assert (desk.kept().state, desk.ledger.settled[publication().message].code) == ("absent", FAILED)


def test_the_ledger_is_not_waited_for_longer_than_three_days(desk: Desk) -> None:
    desk.publications.begin(publication())
    for days in (1, 2):
        desk.poll_at(MADE_AT + days * DAY)
        desk.poll_at(MADE_AT + days * DAY + HOUR)
        assert desk.kept().state == "calling"
    desk.poll_at(MADE_AT + 3 * DAY)
    assert desk.kept().state == "absent"


def test_what_is_live_settles_the_ledger_however_late_that_learns_of_a_lost_worker(desk: Desk) -> None:
    desk.live()
    desk.vendors.told["1234"] = views(1)
    desk.poll_at(MADE_AT + 5 * MINUTE)
    desk.ledger.unknown.add(publication().message)
    desk.poll_at(MADE_AT + 20 * MINUTE)
    assert desk.ledger.settled == {publication().message: Result(SENT, "v-1234")}


class Crash(BaseException):
    pass


def test_a_poller_that_dies_after_telling_the_ledger_is_followed_by_one_that_finds_the_same(desk: Desk) -> None:
    desk.unknown()
    desk.poll_at(MADE_AT + 5 * MINUTE)

    def die() -> None:
        raise Crash

    desk.ledger.after = die
    with pytest.raises(Crash):
        desk.poll_at(MADE_AT + 15 * MINUTE)
    assert desk.kept().state == "calling"
    desk.poll_at(MADE_AT + 3 * DAY + HOUR)
    assert desk.kept().state == "absent"
    assert len(desk.ledger.settled) == 1


def test_what_was_deleted_is_asked_for_once_more_and_then_left_alone_with_its_figures(desk: Desk) -> None:
    desk.live()
    desk.vendors.told["1234"] = views(10)
    desk.poll_at(MADE_AT + 5 * MINUTE)
    desk.vendors.told["1234"] = Absent()
    desk.poll_at(MADE_AT + 20 * MINUTE)
    assert desk.kept().state == "live"
    desk.poll_at(MADE_AT + 30 * MINUTE)
    assert (desk.kept().state, desk.kept().figures, desk.counted()) == ("gone", views(10), views(10))
    assert desk.poll_at(MADE_AT + 90 * DAY) == {}


@pytest.mark.parametrize(
    ("answer", "pause"),
    [
        (Retry(None, "busy"), 15 * MINUTE),
        (Retry(1800, "busy"), 30 * MINUTE),
        (Retry(10 * 86400, "busy"), DAY),
        (ENDED, HOUR),
        (Stop("NotConnected", "it is not connected"), HOUR),
    ],
)
def test_a_vendor_that_does_not_tell_is_asked_later(desk: Desk, answer: Retry | Stop, pause: timedelta) -> None:
    desk.live()
    desk.vendors.told["1234"] = answer
    assert desk.poll_at(MADE_AT + 5 * MINUTE) == {"put off": 1}
    assert desk.kept().next_poll == MADE_AT + 5 * MINUTE + pause


def test_a_platform_in_need_of_mending_shows_in_its_health_and_one_that_is_not_connected_has_none(desk: Desk) -> None:
    desk.live()
    desk.vendors.told["1234"] = ENDED
    desk.poll_at(MADE_AT + 5 * MINUTE)
    desk.vendors.told["1234"] = Stop("NotConnected", "it is not connected")
    desk.poll_at(MADE_AT + 2 * HOUR)
    assert desk.notes == [(ORG, "facebook", ENDED)]


def test_a_platform_that_throttles_is_not_asked_for_its_other_posts_and_others_are(desk: Desk) -> None:
    other = Outlet(platform="x", profile="9")
    for outlet in (PAGE, Outlet(platform="facebook", profile="5678"), other):
        desk.live(outlet)
    desk.vendors.told = dict.fromkeys(["1234", "5678"], Retry(900, "slow down", throttled=True))
    desk.vendors.told["9"] = views(1)
    assert desk.poll_at(MADE_AT + 5 * MINUTE) == {"put off": 1, "left": 1, "read": 1}
    assert len(desk.vendors.asked) == 2


def test_what_never_can_be_read_is_given_up_when_its_time_is_over(desk: Desk) -> None:
    desk.live()
    desk.vendors.told["1234"] = ENDED
    desk.poll_at(MADE_AT + 90 * DAY)
    assert desk.kept().next_poll is None


def test_one_that_fails_is_put_off_and_keeps_none_of_the_others(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.live()
    desk.live(Outlet(platform="x", profile="9"))
    desk.vendors.told["9"] = views(1)  # of 1234 nothing is known: KeyError
    assert desk.poll_at(MADE_AT + 5 * MINUTE) == {"failed": 1, "read": 1}
    assert desk.kept().next_poll == MADE_AT + 5 * MINUTE + HOUR
    assert "was not read" in caplog.text


def test_nothing_is_begun_that_time_does_not_suffice_for(desk: Desk) -> None:
    desk.live()
    desk.remaining_ms = 59_000
    assert desk.poll_at(MADE_AT + 5 * MINUTE) == {"left": 1}
    assert desk.vendors.asked == []
