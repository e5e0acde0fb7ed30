"""An ad vendor in memory, and ad campaigns to make there."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from clarion.content.compose_ad import AdComposer
from clarion.domain.ad import AdCampaign, AdResults
from clarion.domain.ad_audience import AudienceMember, UploadedAudience
from clarion.domain.advertisement import Advertisement
from clarion.domain.outcomes import Accepted, Rejected, Retry, Stop
from clarion.domain.outlet import Outlet
from clarion.domain.outlet_ad import OutletAd
from clarion.domain.post import Absent
from clarion.domain.run import Run, RunId, RunStatus
from clarion.domain.run_plan import RunContent, RunPlan, RunStep
from clarion.hot.token import Signer
from clarion.hot.urls import TrackingUrls

ORG = "01J00000000000000000000ACM"
CAMPAIGN = "01J0000000000000000000CAMP"
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
META = Outlet(platform="meta-ads", profile="act_42", name="Acme")
GOOGLE = Outlet(platform="google-ads", profile="1234567890", name="123-456-7890")
SIGNER = Signer.of("1:" + "k" * 64)
EVERYBODY = {"type": "dynamic", "filter": {"datatype": "contact", "where": {}}}
ADVERTISED: dict[str, Any] = {
    "accounts": [{"platform": "meta-ads", "profile": "act_42"}], "url": "https://shop.example/sale",
    "headlines": ["Bells", "Whistles", "Horns"], "descriptions": ["All that rings.", "And all that does not."],
    "countries": ["DE", "AT"], "advertiser": "Acme GmbH", "dailyBudget": {"amount": "12.50", "currency": "EUR"},
    "keywords": ["brass bell"],
}  # fmt: skip

Failure = Rejected | Retry | Stop


class AdAccount:
    """``campaigns`` are those it made, by our id. ``answers`` come before it does what it is asked; ``after`` is called
    when it has done it."""

    def __init__(self) -> None:
        self.campaigns: dict[str, AdCampaign] = {}
        self.answers: list[Failure] = []
        self.asked = 0
        self.after: Callable[[], None] = lambda: None
        self.told: AdResults | Absent | Retry | Stop = AdResults()
        self.days: tuple[date, date] | None = None

    def create(self, campaign: AdCampaign) -> Accepted | Failure:
        self.asked += 1
        if self.answers:
            return self.answers.pop(0)
        self.campaigns.setdefault(campaign.id, campaign)
        self.after()
        return Accepted(f"vendors-{campaign.id}")

    def find(self, campaign_id: str) -> Accepted | Absent:
        return Accepted(f"vendors-{campaign_id}") if campaign_id in self.campaigns else Absent()

    def results(self, vendor_id: str, since: date, until: date) -> AdResults | Absent | Retry | Stop:
        self.days = since, until
        return self.told


class Uploads:
    """``people`` are those in each audience that was begun; ``calls`` is the order of the steps. ``answers`` come
    before a step, ``after`` after each that added people."""

    def __init__(self) -> None:
        self.people: dict[str, list[AudienceMember]] = {}
        self.ready: list[str] = []
        self.calls: list[str] = []
        self.answers: dict[str, list[Failure]] = {}
        self.after: Callable[[], None] = lambda: None

    def begin(self, audience: UploadedAudience) -> Accepted | Failure:
        failure = self._failure("begin")
        if failure:
            return failure
        upload = str(700 + len(self.people))
        self.people[upload] = []
        return Accepted(upload)

    def add(self, upload: str, members: Sequence[AudienceMember]) -> Accepted | Failure:
        failure = self._failure("add")
        if failure:
            return failure
        self.people[upload] += members
        self.after()
        return Accepted(upload)

    def finish(self, upload: str) -> Accepted | Failure:
        failure = self._failure("finish")
        if failure:
            return failure
        self.ready.append(upload)
        return Accepted(upload)

    def emails(self, upload: str = "700") -> list[str]:
        return [str(member.email) for member in self.people.get(upload, [])]

    def _failure(self, step: str) -> Failure | None:
        self.calls.append(step)
        planned = self.answers.get(step)
        return planned.pop(0) if planned else None


def ad_run(number: int = 1, definition: dict[str, Any] | None = None, **plan: Any) -> Run:
    """A run on ads that was launched now."""
    given = RunPlan.model_validate(
        {
            "channel": "ads",
            "outlets": (META, GOOGLE),
            "steps": (RunStep(id="1", contents={"": RunContent(digest="d")}),),
            "base": NOW,
            "definition": definition,
            **plan,
        }
    )
    return Run(RunId(ORG, CAMPAIGN, number), RunStatus.RUNNING, NOW, given)


def ad_for(outlet: Outlet = META, run: Run | None = None, **content: Any) -> OutletAd:
    """What is made at the account."""
    run = run or ad_run()
    urls = TrackingUrls(SIGNER, "https://track.example", ORG, CAMPAIGN, run.id.run, "1", "ads")
    advertised = Advertisement.model_validate(ADVERTISED | content)
    return AdComposer(run, "1", advertised, urls, "Bells", run.plan.base, run.plan.end_at).compose(outlet)
