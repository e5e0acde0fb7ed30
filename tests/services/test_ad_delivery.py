"""An ad campaign is made once, paused, after its audience, and known for what became of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from clarion.domain.ad import AdResults
from clarion.domain.ad_audience import AudienceUploads
from clarion.domain.campaign import Status
from clarion.domain.errors import NotFound
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Retry, Stop
from clarion.domain.outlet import Outlet
from clarion.domain.outlet_ad import OutletAd
from clarion.domain.post import Absent
from clarion.domain.publication import PublicationState
from clarion.domain.split import held_out
from clarion.services.ad_delivery import UPLOADING_MS, AdDelivery
from clarion.services.ad_reports import AdReports
from clarion.services.audience_upload import AudienceUpload
from clarion.storage.audience_progress import AudienceProgressTable
from clarion.storage.publications import PublicationTable
from tests.fakes.adverts import ADVERTISED, EVERYBODY, META, NOW, AdAccount, Uploads, ad_for, ad_run
from tests.fakes.delivery import CAMPAIGN, Delivery
from tests.fakes.publications import PublicationsInMemory, publication
from tests.fakes.world import Killed

AD = ad_for()
WILLING = {"consent": {"email": "granted"}}
FAILURES = [Retry(60, "slow down"), Stop("190", "the token has ended"), Rejected("100", "a policy")]


class Audience:
    """Answers ``outcomes``, and takes as long as it is given."""

    def __init__(self, *outcomes: Accepted | Rejected | Retry | Stop) -> None:
        self.outcomes, self.given_ms = list(outcomes), list[int]()

    def progress(
        self, ad: OutletAd, uploads: AudienceUploads, remaining_ms: Callable[[], int]
    ) -> Accepted | Rejected | Retry | Stop:
        self.given_ms.append(remaining_ms())
        return self.outcomes.pop(0)


class Desk:
    def __init__(self, *audience: Accepted | Rejected | Retry | Stop) -> None:
        self.publications, self.account, self.audience = PublicationsInMemory(), AdAccount(), Audience(*audience)
        self.notes: list[tuple[str, Outcome]] = []
        self.now = NOW
        self.delivery = AdDelivery(
            self.connected,
            lambda platform, account: Uploads(),
            self.audience,
            self.publications,
            lambda platform, outcome: self.notes.append((platform, outcome)),
            lambda: self.now,
            lambda: 5.0,
        )

    def connected(self, platform: str, account: str) -> AdAccount:
        if (platform, account) != ("meta-ads", "act_42"):
            raise NotFound("connection", platform)
        return self.account

    def send(self, ad: OutletAd = AD) -> Outcome:
        [outcome] = self.delivery.send([ad])
        return outcome


def test_a_campaign_is_made_and_kept_under_the_vendors_name() -> None:
    desk = Desk()
    ends = NOW + timedelta(days=9)
    ad = ad_for(run=ad_run(end_at=ends))
    assert desk.send(ad) == Accepted(f"vendors-{ad.campaign.id}")
    kept = desk.publications.get(ad.message)
    assert kept is not None
    assert (kept.state, kept.vendor_id, kept.outlet) == (PublicationState.LIVE, f"vendors-{ad.campaign.id}", META)
    assert (kept.link, kept.ends_at, kept.published_at) == (ad.campaign.url, ends, NOW)
    assert kept.next_poll == NOW + timedelta(minutes=5)
    assert desk.account.campaigns == {ad.campaign.id: ad.campaign}
    assert desk.notes == [("meta-ads", Accepted(f"vendors-{ad.campaign.id}"))]


def test_it_is_kept_before_the_vendor_is_asked() -> None:
    desk, states = Desk(), list[str]()

    def look() -> None:
        kept = desk.publications.get(AD.message)
        states.append(kept.state if kept else "missing")

    desk.account.after = look
    desk.send()
    assert states == [PublicationState.CALLING]


def test_an_attempt_that_was_recorded_is_told_again_without_asking_the_vendor() -> None:
    desk = Desk()
    assert desk.send() == desk.send()
    assert desk.account.asked == 1


def test_a_worker_lost_at_the_vendor_is_followed_by_one_that_makes_nothing_twice() -> None:
    desk = Desk()

    def die() -> None:
        desk.account.after = lambda: None
        raise Killed

    desk.account.after = die
    with pytest.raises(Killed):
        desk.send()
    desk.now += timedelta(minutes=3)
    assert desk.send() == Accepted(f"vendors-{AD.campaign.id}")
    assert len(desk.account.campaigns) == 1
    kept = desk.publications.get(AD.message)
    assert kept is not None
    assert (kept.state, kept.made_at) == (PublicationState.LIVE, NOW)


@pytest.mark.parametrize("failure", FAILURES)
def test_what_was_not_made_leaves_nothing_behind_and_may_be_tried_again(failure: Any) -> None:
    desk = Desk()
    desk.account.answers = [failure]
    assert desk.send() == failure
    assert desk.publications.get(AD.message) is None
    assert desk.notes == [("meta-ads", failure)]
    desk.now += timedelta(minutes=1)
    assert isinstance(desk.send(), Accepted)


def test_an_account_that_is_not_connected_any_more_stops_before_anything_is_kept() -> None:
    desk = Desk()
    gone = ad_for(Outlet(platform="meta-ads", profile="act_1"))
    assert desk.send(gone) == Stop("NotConnected", "no connection 'meta-ads'")
    assert desk.publications.table.items == {}


def test_the_audience_comes_first_and_is_named_in_the_campaign() -> None:
    desk, ad = Desk(Accepted("700")), ad_for(uploadAudience=True)
    assert isinstance(desk.send(ad), Accepted)
    assert desk.account.campaigns == {ad.campaign.id: replace(ad.campaign, audience_id="700")}
    assert desk.audience.given_ms == [UPLOADING_MS]


@pytest.mark.parametrize("outcome", [Retry(5, "the audience is being uploaded"), *FAILURES])
def test_without_its_audience_no_campaign_is_made(outcome: Any) -> None:
    desk, ad = Desk(outcome), ad_for(uploadAudience=True)
    assert desk.send(ad) == outcome
    assert desk.account.asked == 0
    assert desk.publications.get(ad.message) is None


def test_they_are_made_one_by_one() -> None:
    with pytest.raises(ValueError, match="one by one"):
        Desk().delivery.send([AD, AD])


class Agency(Delivery):
    """A whole delivery of ad campaigns; each look at the clock of seconds takes one."""

    def __init__(self) -> None:
        super().__init__()
        self.channels.connected |= {"ads"}
        self.channels.profiles = [META]
        self.account, self.uploads, self.ticks = AdAccount(), Uploads(), 0.0
        self.publications = PublicationTable(self.table)
        audiences = AudienceUpload(self.runs, self.contacts, self.suppressions, AudienceProgressTable(self.table))
        self.others["ads"] = AdDelivery(
            lambda platform, account: self.account,
            lambda platform, account: self.uploads,
            audiences,
            self.publications,
            lambda platform, outcome: None,
            self.clock,
            self._seconds,
        )
        self.composer = self

    def _seconds(self) -> float:
        self.ticks += 1
        return self.ticks

    def compose(self, outlet: Outlet) -> OutletAd:
        run = self.runs.get(self.run_id)
        return ad_for(outlet, run, uploadAudience=True)

    def advertise(self, holdOut: float = 0, **more: Any) -> None:  # noqa: N803 - as the API writes it
        ads = {**ADVERTISED, "uploadAudience": True, **more}
        self.launch(channels=["ads"], templateId=None, audience=EVERYBODY, holdOut=holdOut, ads=ads)


def test_an_upload_that_takes_many_turns_is_queued_again_until_the_campaign_is_made() -> None:
    agency = Agency()
    agency.people(400, **WILLING)
    agency.advertise()
    agency.work()
    assert sorted(agency.uploads.emails()) == sorted(c["email"] for c in agency.contacts.all.values())
    assert agency.uploads.calls.count("add") > 1
    assert len(agency.account.campaigns) == agency.account.asked == 1
    assert agency.outcomes() == {"sent": 1}
    assert agency.campaign().status == Status.COMPLETED


def test_who_is_held_out_is_not_uploaded_and_the_account_gets_its_campaign_all_the_same() -> None:
    agency = Agency()
    held = {contact for contact in agency.people(60, **WILLING) if held_out(CAMPAIGN, contact, 50)}
    agency.advertise(holdOut=50)
    agency.work()
    told = {each["email"] for name, each in agency.contacts.all.items() if name not in held}
    assert 0 < len(told) < 60
    assert set(agency.uploads.emails()) == told
    assert agency.outcomes() == {"sent": 1}


@pytest.mark.parametrize("percent", [1, 30, 60, 90])
def test_no_account_is_held_out(percent: float) -> None:
    agency = Agency()
    agency.people(60, **WILLING)
    agency.channels.profiles = [Outlet(platform="meta-ads", profile=f"act_{n}", name="Acme") for n in range(20)]
    accounts = [{"platform": "meta-ads", "profile": f"act_{n}"} for n in range(20)]
    agency.advertise(holdOut=percent, accounts=accounts)
    agency.work()
    assert agency.outcomes() == {"sent": 20}


def test_an_upload_that_outlasts_the_patience_with_vendors_is_given_up_and_can_be_retried() -> None:
    agency = Agency()
    agency.people(10, **WILLING)
    agency.uploads.answers["add"] = [Retry(900, "busy")] * 120
    agency.advertise()
    agency.work()
    assert agency.outcomes() == {"failed": 1}
    agency.uploads.answers.clear()
    agency.service.retry_failed(agency.run_id.org, agency.run_id.campaign)
    agency.work()
    assert agency.outcomes() == {"sent": 1}
    assert len(agency.account.campaigns) == 1


def test_a_worker_lost_during_the_call_is_settled_by_looking_for_the_campaign() -> None:
    agency = Agency()
    agency.people(10, **WILLING)

    def die() -> None:
        agency.account.after = lambda: None
        raise Killed

    agency.account.after = die
    agency.advertise()
    agency.work()
    agency.recover()
    assert agency.outcomes() == {"unknown": 1}
    [left] = agency.publications.due(agency.clock() + timedelta(hours=1))
    assert left.state == PublicationState.CALLING
    reports = AdReports(lambda org, platform, account: agency.account, agency.clock)
    assert reports.find(left) == Accepted(f"vendors-{left.id}")


def test_figures_are_the_vendors_totals_since_the_day_before_whatever_its_zone() -> None:
    account = AdAccount()
    reports = AdReports(lambda org, platform, name: account, lambda: NOW + timedelta(days=2))
    live = publication(META, "ads").live("77", NOW)
    account.told = AdResults(Decimal("1.25"), "EUR", 3, 2, Decimal("0.5"))
    assert reports.figures(live) == {
        "impressions": 3, "vendor_clicks": 2, "vendor_conversions": Decimal("0.5"), "spend.EUR": Decimal("1.25"),
    }  # fmt: skip
    assert account.days == ((NOW - timedelta(days=1)).date(), (NOW + timedelta(days=3)).date())
    account.told = Absent()
    assert reports.figures(live) == Absent()


def test_of_an_account_that_is_not_connected_nothing_is_learned() -> None:
    def gone(org: str, platform: str, account: str) -> AdAccount:
        raise NotFound("connection", platform)

    reports = AdReports(gone, lambda: NOW)
    live = publication(META, "ads").live("77", NOW)
    stopped = Stop("NotConnected", "no connection 'meta-ads'")
    assert reports.figures(live) == reports.find(live) == stopped
