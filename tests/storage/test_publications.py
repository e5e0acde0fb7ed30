"""What was published is kept before the vendor is called, found by its name, and counted exactly whoever polls it."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from clarion import keys
from clarion.domain.analytics import campaign_report
from clarion.domain.engagement import MessageRef
from clarion.domain.outlet import Outlet
from clarion.domain.publication import Publication, PublicationState
from clarion.storage.counters import CounterTable
from clarion.storage.publications import MOST_DUE, DraftTable, PublicationTable
from clarion.storage.table import Table
from tests.fakes.publications import CAMPAIGN, MADE_AT, ORG, PAGE, publication
from tests.fakes.racing import TableOfThreads
from tests.fakes.table import TableInMemory

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LATER = MADE_AT + 10 * MINUTE


@pytest.fixture(params=["moto", "memory"])
def store(request: pytest.FixtureRequest) -> Table:
    if request.param == "memory":
        return TableInMemory()
    table: Table = request.getfixturevalue("table")
    return table


@pytest.fixture
def publications(store: Table) -> PublicationTable:
    return PublicationTable(store)


def figures(**totals: int | str) -> dict[str, Decimal]:
    return {name: Decimal(total) for name, total in totals.items()}


def counted(store: Table, campaign: str = CAMPAIGN) -> Mapping[str, Decimal]:
    report = campaign_report(campaign, CounterTable(store).campaign(ORG, campaign), {})
    return {name: total for name, total in report.totals.metrics.items() if total}


def live(publications: PublicationTable, of: Publication | None = None) -> Publication:
    begun = of or publication()
    assert publications.begin(begun) is None
    return publications.published(begun, "1234_5678", MADE_AT + MINUTE)


def read(publications: PublicationTable, of: Publication) -> Publication:
    found = publications.get(of.message)
    assert found is not None
    return found


def test_what_begins_is_kept_as_calling_and_looked_for_soon(publications: PublicationTable) -> None:
    assert publications.begin(publication()) is None
    kept = read(publications, publication())
    assert (kept.state, kept.outlet, kept.text, kept.link) == ("calling", PAGE, "Hello", publication().link)
    assert kept.next_poll == MADE_AT + 5 * MINUTE
    assert publications.due(MADE_AT + 4 * MINUTE) == []
    assert publications.due(MADE_AT + 5 * MINUTE) == [kept]


def test_a_post_of_pictures_alone_is_not_looked_for_since_nobody_could_recognise_it(
    publications: PublicationTable,
) -> None:
    publications.begin(publication(text=" ", link=None))
    assert publications.due(MADE_AT + DAY) == []


def test_a_second_attempt_is_told_of_the_first_and_changes_nothing(publications: PublicationTable) -> None:
    publications.begin(publication())
    again = publication(made_at=LATER)
    assert publications.begin(again) == read(publications, again)
    assert read(publications, again).made_at == MADE_AT
    first = publications.published(publication(), "1234_5678", MADE_AT)
    assert publications.begin(again) == first


def test_beginning_again_after_an_answer_was_lost_finds_its_own_write(publications: PublicationTable) -> None:
    assert publications.begin(publication()) is None
    assert publications.begin(publication()) is None


def test_what_failed_can_begin_again(publications: PublicationTable) -> None:
    publications.begin(publication())
    publications.failed(publication())
    assert publications.get(publication().message) is None
    assert publications.begin(publication(made_at=LATER)) is None


def test_what_is_absent_for_good_can_begin_again(publications: PublicationTable) -> None:
    publications.begin(publication())
    once = read(publications, publication()).not_found(LATER)
    assert publications.move(read(publications, publication()), once)
    assert publications.move(once, once.not_found(LATER + 10 * MINUTE))
    assert read(publications, publication()).state == PublicationState.ABSENT
    assert publications.due(LATER + DAY) == []
    assert publications.begin(publication(made_at=LATER + DAY)) is None
    assert read(publications, publication()).looks == 0


def test_what_is_out_cannot_fail_any_more(publications: PublicationTable) -> None:
    shown = live(publications)
    publications.failed(publication())
    assert read(publications, publication()) == shown


def test_a_late_failure_of_an_earlier_attempt_leaves_the_next_alone(publications: PublicationTable) -> None:
    publications.begin(publication(made_at=LATER))
    publications.failed(publication())
    assert read(publications, publication()).made_at == LATER


def test_what_is_out_is_found_by_its_vendor_name_in_its_own_organisation_alone(publications: PublicationTable) -> None:
    shown = live(publications)
    assert publications.by_vendor_id(ORG, "facebook", "1234_5678") == shown
    assert publications.by_vendor_id(ORG, "instagram", "1234_5678") is None
    assert publications.by_vendor_id("01J0000000000000000000GLBX", "facebook", "1234_5678") is None


def test_a_publication_told_twice_stays_as_it_is(publications: PublicationTable) -> None:
    shown = live(publications)
    assert publications.published(publication(), "1234_5678", LATER) == shown


def test_a_publication_survives_the_loss_of_its_row(publications: PublicationTable) -> None:
    publications.published(publication(), "1234_5678", LATER)
    assert read(publications, publication()).state == PublicationState.LIVE


def test_a_campaigns_publications_are_listed_run_by_run_and_page_by_page(publications: PublicationTable) -> None:
    messages = [publication().message._replace(run=run) for run in (2, 1, 10)]
    for message in messages:
        publications.begin(publication(message=message))
    publications.begin(publication(message=messages[0]._replace(campaign="01J0000000000000000000THER")))
    found = publications.of_campaign(ORG, CAMPAIGN)
    assert [each.message.run for each in found] == [1, 2, 10]
    first, position = publications.page(ORG, CAMPAIGN, None, 2, None)
    rest, _ = publications.page(ORG, CAMPAIGN, None, 2, position)
    assert first + rest == found
    assert publications.page(ORG, CAMPAIGN, 2, 50, None)[0] == found[1:2]


def test_new_totals_are_counted_by_what_they_gained(publications: PublicationTable, store: Table) -> None:
    shown = live(publications)
    assert publications.add_figures(shown, figures(views=100, likes=3), LATER + MINUTE, LATER)
    assert counted(store) == figures(views=100, likes=3)
    again = read(publications, shown)
    assert (again.figures, again.polled_at, again.next_poll) == (figures(views=100, likes=3), LATER, LATER + MINUTE)
    assert publications.add_figures(again, figures(views=120, likes=3), None, LATER + DAY)
    assert counted(store) == figures(views=120, likes=3)
    assert publications.due(LATER + DAY) == []
    days = {row.date: dict(metrics) for row, metrics in CounterTable(store).campaign(ORG, CAMPAIGN)}  # type: ignore[union-attr]
    assert days == {
        "2026-11-21": {"social.1.views": 100, "social.1.likes": 3},
        "2026-11-22": {"social.1.views": 20},
    }


def test_totals_that_fall_are_subtracted_and_those_not_told_stay(publications: PublicationTable, store: Table) -> None:
    shown = live(publications)
    publications.add_figures(shown, figures(views=100, likes=3), LATER, LATER)
    publications.add_figures(read(publications, shown), figures(likes=1), LATER, LATER)
    assert counted(store) == figures(views=100, likes=1)
    assert read(publications, shown).figures == figures(views=100, likes=1)


def test_the_same_totals_read_again_count_nothing(publications: PublicationTable, store: Table) -> None:
    shown = live(publications)
    for _ in range(3):
        assert publications.add_figures(read(publications, shown), figures(views=100), LATER, LATER)
    assert counted(store) == figures(views=100)


def test_of_two_pollers_at_once_one_counts(publications: PublicationTable, store: Table) -> None:
    shown = live(publications)
    assert publications.add_figures(shown, figures(views=100), LATER, LATER)
    assert not publications.add_figures(shown, figures(views=101), LATER, LATER)
    assert counted(store) == figures(views=100)


def test_many_pollers_at_once_count_every_gain_once() -> None:
    table = TableOfThreads(workers=6)
    publications = PublicationTable(table)
    begun = publication()
    table._seen.read = True  # this thread does not race
    publications.begin(begun)
    publications.published(begun, "1234_5678", MADE_AT)

    def poll(views: int) -> bool:
        return publications.add_figures(read(publications, begun), figures(views=views), LATER, LATER)

    with ThreadPoolExecutor(6) as pool:
        won = [views for views, counts in zip(range(6), pool.map(poll, range(6)), strict=True) if counts]
    assert len(won) >= 1
    assert counted(table) == ({"views": Decimal(won[-1])} if won[-1] else {})
    assert read(publications, begun).figures["views"] == won[-1]


class CrashAfterReading(TableInMemory):
    """The process ends at the transaction, before or after it is written."""

    def __init__(self, *, written: bool) -> None:
        super().__init__()
        self.crash, self._written = False, written

    def transact(self, actions: Sequence[dict[str, Any]]) -> None:
        if self.crash and not self._written:
            raise KeyboardInterrupt
        super().transact(actions)
        if self.crash:
            raise KeyboardInterrupt


@pytest.mark.parametrize("written", [False, True])
def test_a_crash_between_reading_and_writing_loses_and_repeats_nothing(written: bool) -> None:
    table = CrashAfterReading(written=written)
    publications = PublicationTable(table)
    shown = live(publications)
    table.crash = True
    with pytest.raises(KeyboardInterrupt):
        publications.add_figures(shown, figures(views=100), LATER, LATER)
    table.crash = False
    assert publications.add_figures(read(publications, shown), figures(views=130), LATER, LATER)
    assert counted(table) == figures(views=130)


def test_money_and_fractions_are_exact(publications: PublicationTable, store: Table) -> None:
    account = Outlet(platform="google-ads", profile="1234567890")
    begun = publication(account, "ads")
    publications.begin(begun)
    shown = publications.published(begun, "55", MADE_AT)
    publications.add_figures(shown, {"spend.EUR": Decimal("10.10"), "vendor_conversions": Decimal("0.3")}, None, LATER)
    publications.add_figures(
        read(publications, shown), {"spend.EUR": Decimal("30.30"), "vendor_conversions": Decimal("0.1")}, None, LATER
    )
    assert counted(store) == {"spend.EUR": Decimal("30.30"), "vendor_conversions": Decimal("0.1")}


def test_a_reaction_brings_the_next_reading_forward_once(publications: PublicationTable) -> None:
    shown = live(publications)
    publications.add_figures(shown, figures(views=1), LATER + DAY, LATER)
    polled = read(publications, shown)
    publications.poll_soon(polled, LATER + MINUTE)
    soon = read(publications, shown)
    assert soon.next_poll == LATER + 5 * MINUTE
    publications.poll_soon(soon, LATER + 2 * MINUTE)
    assert read(publications, shown) == soon


def test_a_reaction_to_what_has_settled_has_it_read_once_more(publications: PublicationTable) -> None:
    shown = live(publications)
    publications.add_figures(shown, figures(views=1), None, LATER)
    publications.poll_soon(read(publications, shown), LATER + 30 * DAY)
    assert [each.next_poll for each in publications.due(LATER + 30 * DAY)] == [LATER + 30 * DAY]


def test_a_reaction_to_what_was_deleted_changes_nothing(publications: PublicationTable) -> None:
    shown = live(publications)
    assert publications.move(shown, shown.not_found(LATER).not_found(LATER))
    gone = read(publications, shown)
    publications.poll_soon(gone, LATER)
    assert read(publications, shown) == gone
    assert publications.due(LATER + DAY) == []


def test_what_is_due_is_told_oldest_first_and_in_bounds(publications: PublicationTable) -> None:
    for n in range(3):
        outlet = Outlet(platform="facebook", profile=str(n))
        publications.begin(publication(outlet, made_at=MADE_AT - n * MINUTE))
    due = publications.due(MADE_AT + DAY)
    assert [each.outlet.profile for each in due] == ["2", "1", "0"]


def test_a_crowd_that_is_due_is_told_in_parts() -> None:
    table = TableInMemory()
    publications = PublicationTable(table)
    for n in range(keys.DUE_SHARDS * MOST_DUE + 100):
        publications.begin(publication(Outlet(platform="facebook", profile=str(n))))
    assert len(publications.due(MADE_AT + DAY)) <= keys.DUE_SHARDS * MOST_DUE


def test_what_is_due_to_be_polled_is_not_due_to_the_scheduler(publications: PublicationTable, store: Table) -> None:
    publications.begin(publication())
    assert [n for n in range(keys.DUE_SHARDS) if store.query_due(f"DUE#{n}", "9999")] == []


def test_drafts_are_kept_for_an_organisation_until_they_are_forgotten(store: Table) -> None:
    drafts, others = (DraftTable(store, org, lambda: MADE_AT) for org in (ORG, "01J0000000000000000000GLBX"))
    assert drafts.kept("post") is None
    drafts.keep("post", "container-1")
    drafts.keep("post", "container-2")
    assert (drafts.kept("post"), others.kept("post")) == ("container-2", None)
    row = store.get(keys.publication_draft(ORG, "post"))
    assert row is not None
    assert row["expires_at"] == int((MADE_AT + 7 * DAY).timestamp())
    drafts.forget("post")
    assert drafts.kept("post") is None


def test_the_message_of_a_publication_names_it_for_good() -> None:
    message = MessageRef(ORG, PAGE.id, CAMPAIGN, 1, "1", "social")
    assert publication().id == publication(made_at=LATER, text="Other").id
    assert publication().id != publication(message=message._replace(run=2)).id


def test_a_transaction_refused_for_another_reason_is_not_taken_for_a_race(publications: PublicationTable) -> None:
    shown = live(publications)
    with pytest.raises(TypeError):
        publications.add_figures(shown, {"views": 1.5}, None, LATER)  # type: ignore[dict-item]
