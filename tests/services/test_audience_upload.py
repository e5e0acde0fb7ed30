"""An audience is uploaded whole, once, and to those alone who may be told; whatever comes in between."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from clarion.domain.outcomes import Accepted, Rejected, Retry, Stop
from clarion.domain.run import Run
from clarion.domain.split import held_out
from clarion.services import audience_upload
from clarion.services.audience_upload import AudienceUpload
from clarion.storage.audience_progress import AudienceProgressTable
from tests.fakes.adverts import CAMPAIGN, EVERYBODY, NOW, Uploads, ad_for, ad_run
from tests.fakes.world import Contacts, FaultyTable, Killed

YESTERDAY = NOW - timedelta(days=1)
YES = {"email": "granted", "sms": "granted"}
PATIENT = 1_000_000


class Suppressions:
    def __init__(self) -> None:
        self.of: set[tuple[str, str]] = set()

    def suppressed(self, org_id: str, channel: str, addresses: Any) -> set[str]:
        return {address for address in addresses if (channel, address) in self.of}


class OneRun:
    def __init__(self, run: Run) -> None:
        self.run = run

    def get(self, run_id: Any) -> Run:
        assert run_id == self.run.id
        return self.run


class Office:
    """The upload of one run's audience to one account."""

    def __init__(self, **run: Any) -> None:
        self.contacts, self.suppressions, self.table = Contacts(), Suppressions(), FaultyTable()
        self.vendor, self.run = Uploads(), ad_run(definition=EVERYBODY, **run)

    def people(self, number: int, **fields: Any) -> list[str]:
        start = len(self.contacts.all)
        emails = [f"p{n:05d}@example.com" for n in range(start, start + number)]
        for n, email in enumerate(emails, start):
            self.contacts.add(f"01J{n:023d}", YESTERDAY, **{"email": email, "consent": YES, **fields})
        return emails

    def go_on(self, remaining_ms: Callable[[], int] = lambda: PATIENT) -> Accepted | Rejected | Retry | Stop:
        checkpoints = AudienceProgressTable(self.table)
        upload = AudienceUpload(OneRun(self.run), self.contacts, self.suppressions, checkpoints)
        return upload.progress(ad_for(run=self.run, uploadAudience=True), self.vendor, remaining_ms)


def briefly() -> Callable[[], int]:
    """Time enough for one page."""
    left: Iterator[int] = iter([1, 0, 0])
    return lambda: next(left)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audience_upload, "PAGE", 7)
    monkeypatch.setattr(audience_upload, "CHUNK", 20)


def test_everybody_in_the_audience_is_uploaded_by_both_addresses() -> None:
    office = Office()
    emails = office.people(40)
    office.contacts.add("01JPHONE", YESTERDAY, phone="+49 30 90182080", consent=YES)
    assert office.go_on() == Accepted("700")
    assert sorted(office.vendor.emails()) == sorted([*emails, "None"])
    assert {member.phone for member in office.vendor.people["700"]} == {None, "+493090182080"}
    assert office.vendor.calls == ["begin", "add", "finish"]


def test_only_those_who_were_there_at_the_launch_belong_and_the_filter_decides() -> None:
    office = Office()
    office.run = ad_run(definition={"type": "dynamic", "filter": {"datatype": "contact", "where": {"tags": "bells"}}})
    (wanted,) = office.people(1, tags=["bells"])
    office.people(3, tags=["whistles"])
    office.contacts.add("01JLATE", NOW + timedelta(seconds=1), email="late@example.com", tags=["bells"], consent=YES)
    assert office.go_on() == Accepted("700")
    assert office.vendor.emails() == [wanted]


@pytest.mark.parametrize("said", [{}, {"email": "unknown"}, {"email": "denied", "sms": "unknown"}, None])
def test_of_who_has_not_said_yes_nothing_is_told(said: Any) -> None:
    office = Office()
    office.people(3, phone="+12025550123", consent=said)
    (willing,) = office.people(1)
    assert office.go_on() == Accepted("700")
    assert [(member.email, member.phone) for member in office.vendor.people["700"]] == [(willing, None)]


@pytest.mark.parametrize("answer", ["denied", "unknown"])
@pytest.mark.parametrize("channel", ["email", "sms"])
def test_who_said_yes_to_one_channel_is_told_by_its_address_alone(channel: str, answer: str) -> None:
    office = Office()
    office.people(1, phone="+12025550123", consent={**YES, channel: answer})
    assert office.go_on() == Accepted("700")
    [member] = office.vendor.people["700"]
    assert (member.email is None, member.phone is None) == (channel == "email", channel == "sms")


def test_a_suppressed_address_is_not_told() -> None:
    office = Office()
    first, second = office.people(2, phone="+12025550123")
    office.suppressions.of = {("email", first), ("sms", "+12025550123")}
    assert office.go_on() == Accepted("700")
    assert [(member.email, member.phone) for member in office.vendor.people["700"]] == [(second, None)]


def test_who_is_held_out_sees_no_ads_either() -> None:
    office = Office(hold_out=50)
    office.people(60)
    assert office.go_on() == Accepted("700")
    told = {n for n, contact in office.contacts.all.items() if contact["email"] in office.vendor.emails()}
    assert told == {n for n in office.contacts.all if not held_out(CAMPAIGN, n, 50)}
    assert 0 < len(told) < 60


def test_an_audience_that_nobody_may_be_told_of_is_refused_and_never_begun() -> None:
    office = Office()
    office.people(5, consent={"email": "denied"})
    outcome = office.go_on()
    assert isinstance(outcome, Rejected)
    assert office.vendor.calls == []


def test_a_run_without_an_audience_uploads_nobody() -> None:
    office = Office()
    office.run = ad_run()
    office.people(3)
    assert isinstance(office.go_on(), Rejected)
    assert office.vendor.calls == []


@pytest.mark.usefixtures("small")
def test_it_goes_on_where_it_stopped_when_time_ran_out_however_often() -> None:
    office = Office()
    emails = office.people(150)
    outcomes = [office.go_on(briefly())]
    while isinstance(outcomes[-1], Retry):
        outcomes.append(office.go_on(briefly()))
    assert outcomes[0] == Retry(5, "the audience is being uploaded")
    assert outcomes[-1] == Accepted("700")
    assert len(outcomes) > 16
    assert sorted(office.vendor.emails()) == sorted(emails)
    assert office.vendor.calls.count("begin") == office.vendor.calls.count("finish") == 1


def test_what_is_through_is_not_begun_again() -> None:
    office = Office()
    office.people(3)
    assert office.go_on() == office.go_on() == Accepted("700")
    assert office.vendor.calls == ["begin", "add", "finish"]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("step", ["begin", "add", "finish"])
@pytest.mark.parametrize("failure", [Retry(60, "slow down", throttled=True), Stop("190", "no"), Rejected("100", "no")])
def test_a_vendors_refusal_is_told_and_the_next_attempt_goes_on(step: str, failure: Any) -> None:
    office = Office()
    emails = office.people(50)
    office.vendor.answers[step] = [failure]
    assert office.go_on() == failure
    assert office.go_on() == Accepted("700")
    assert sorted(office.vendor.emails()) == sorted(emails)


def kills() -> list[tuple[int, bool]]:
    """Every call of the table that an undisturbed upload makes, each before and after it is done."""
    office = Office()
    office.people(45)
    office.go_on()
    return [(call, after) for call in range(1, office.table.calls + 1) for after in (False, True)]


@pytest.mark.usefixtures("small")
def test_a_worker_that_is_lost_at_any_moment_leaves_nobody_out_and_repeats_one_chunk_at_the_most() -> None:
    assert len(kills()) >= 8
    for call, after in kills():
        office = Office()
        emails = office.people(45)
        office.table.kill_at, office.table.after = call, after
        try:
            office.go_on()
        except Killed:
            office.table.kill_at = None
        outcome = office.go_on()
        assert isinstance(outcome, Accepted)
        told = office.vendor.emails(outcome.vendor_id)
        assert set(told) == set(emails), (call, after)
        assert len(told) <= len(emails) + 20, (call, after)


@pytest.mark.usefixtures("small")
def test_a_worker_lost_inside_the_vendors_call_repeats_that_chunk_alone() -> None:
    office = Office()
    emails = office.people(45)

    def die() -> None:
        office.vendor.after = lambda: None
        raise Killed

    office.vendor.after = die
    with pytest.raises(Killed):
        office.go_on()
    assert office.go_on() == Accepted("700")
    assert set(office.vendor.emails()) == set(emails)
    assert len(emails) < len(office.vendor.emails()) <= len(emails) + 20


@pytest.mark.usefixtures("small")
def test_two_workers_at_once_leave_nobody_out() -> None:
    office = Office()
    emails = office.people(90)

    def meanwhile() -> None:
        office.vendor.after = lambda: None
        office.go_on(briefly())

    office.vendor.after = meanwhile
    outcome = office.go_on()
    assert isinstance(outcome, Accepted)
    assert set(office.vendor.emails(outcome.vendor_id)) == set(emails)
