"""What a launch freezes: the audience's definition, the compiled messages and their links, times and rules."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from clarion.domain.ad_requirements import missing
from clarion.domain.audience import AudienceDefinition
from clarion.domain.campaign import Campaign
from clarion.domain.campaign_details import Sender
from clarion.domain.errors import NotFound, RuleBroken
from clarion.domain.local_time import instant
from clarion.domain.occurrences import Start
from clarion.domain.outlet import Outlet, outlet_id
from clarion.domain.publishing import PUBLISHING
from clarion.domain.run import Run, RunId, RunStatus
from clarion.domain.run_plan import RunPlan
from clarion.domain.sending_rules import ChannelType, SendingRules
from clarion.services.launch_contents import LaunchContents

LONGEST_DAILY_JOURNEY = timedelta(days=75)
"""A date's milestone has a run a day, and all that go on are moved in one transaction (domain/campaign.py)."""


class Audiences(Protocol):
    def definition(self, org_id: str, audience_id: str) -> AudienceDefinition:
        """Raises NotFound."""


class Contents(Protocol):
    def compile(self, org_id: str, campaign: Campaign, channel: str) -> LaunchContents:
        """What a run says on a channel. Raises RuleBroken and Invalid naming the campaign's field."""


class Channels(Protocol):
    def unavailable(self, org_id: str, channel: str) -> str | None:
        """Why an organisation can send nothing on a channel; None where it can."""

    def default_sender(self, org_id: str) -> str:
        """Who sends where a campaign does not say; empty where nobody is set."""

    def sender_refused(self, org_id: str, address: str) -> str | None:
        """Why no campaign may send from an address; None where it may."""

    def outlets(self, org_id: str, channel: str) -> Sequence[Outlet]:
        """The profiles or accounts that an organisation can publish to."""


class Rules(Protocol):
    def get(self, org_id: str) -> SendingRules: ...


@dataclass
class Prepared:
    """A run that is ready to be written: compiled contents by digest, link tables by step."""

    run: Run
    contents: dict[str, str] = field(default_factory=dict)
    links: dict[str, list[str]] = field(default_factory=dict)


class LaunchPreparation:
    def __init__(self, audiences: Audiences, contents: Contents, channels: Channels, rules: Rules) -> None:
        self._audiences, self._contents, self._channels, self._rules = audiences, contents, channels, rules

    def check(self, org_id: str, campaign: Campaign, now: datetime) -> None:
        """Refuse what could not be sent, naming the field."""
        self.check_channels(org_id, campaign, now)
        self._check_type(campaign)
        if _needs_audience(campaign) and campaign.audience is None and campaign.audience_id is None:
            raise RuleBroken("choose an audience: audienceId, or audience inline", "body.audienceId")
        self._definition(org_id, campaign)
        for channel in campaign.channels:
            self._check_sender(org_id, campaign, channel)
            self._outlets(org_id, campaign, channel)
            self._contents.compile(org_id, campaign, channel)

    def unconnected(self, org_id: str, campaign: Campaign) -> str | None:
        """Why nothing can be sent on the first of its channels that is not connected; None where all are."""
        return self._unavailable(org_id, campaign.channels)

    def check_channels(
        self, org_id: str, campaign: Campaign, now: datetime, channels: Sequence[str] | None = None
    ) -> None:
        """Refuse what cannot leave, or not any more, naming the field; of some ``channels`` alone where they are
        given."""
        if not campaign.channels:
            raise RuleBroken("choose a channel", "body.channels")
        publishes = [channel for channel in campaign.channels if channel in PUBLISHING]
        if campaign.journey and (publishes or len(campaign.channels) > 1):
            raise RuleBroken(f"a {campaign.type} campaign goes over one channel: email or sms", "body.channels")
        if campaign.experiment and (publishes or len(campaign.channels) > 1):
            raise RuleBroken("an experiment goes over one channel: email or sms", "body.channels")
        reason = self._unavailable(org_id, campaign.channels if channels is None else channels)
        if reason:
            raise RuleBroken(reason, "body.channels")
        if campaign.schedule is not None and (campaign.schedule.end_at or now) < now:
            raise RuleBroken("endAt has passed", "body.schedule.endAt")

    def prepare(self, org_id: str, campaign: Campaign, start: Start | None, now: datetime) -> list[Prepared]:
        """The campaign's next runs, one for each of its channels, as of now.

        Raises RuleBroken naming the field that cannot be sent.
        """
        self.check(org_id, campaign, now)
        rules = self._rules.get(org_id)
        numbered = enumerate(campaign.channels, campaign.run + 1)
        return [self._prepared(org_id, campaign, channel, number, start, rules, now) for number, channel in numbered]

    def _prepared(
        self,
        org_id: str,
        campaign: Campaign,
        channel: ChannelType,
        number: int,
        start: Start | None,
        rules: SendingRules,
        now: datetime,
    ) -> Prepared:
        content, schedule = self._contents.compile(org_id, campaign, channel), campaign.schedule
        publishes = channel in PUBLISHING
        timezone = schedule.timezone if schedule else rules.timezone
        wall, base = start.wall if start else None, start.at if start else now
        if publishes and wall:  # a profile has no hour of its own
            base = instant(wall, ZoneInfo(timezone))
            wall = None
        plan = RunPlan(
            type=campaign.type,
            definition=self._definition(org_id, campaign),
            channel=channel,
            outlets=self._outlets(org_id, campaign, channel),
            steps=tuple(content.steps),
            sender=self._sender(org_id, campaign) if channel == "email" else None,
            base=now if wall or campaign.journey else base,
            wall=wall,
            timezone=timezone,
            past_zones=schedule.past_zones if schedule else "send",
            zoned=not publishes and (wall is not None or _reads_recipients_clock(campaign, rules)),
            end_at=schedule.end_at if schedule else None,
            expire_after=campaign.expire_after,
            send_window=campaign.send_window,
            ignore_frequency_caps=campaign.ignore_frequency_caps,
            hold_out=0 if channel == "social" else campaign.hold_out,  # of ads: who is not uploaded
            experiment=campaign.experiment,
            milestone=campaign.milestone,
            goal=campaign.goal,
            exit_on=campaign.exit_on if campaign.journey else (),
            reentry=campaign.reentry,
        )
        run_id = RunId(org_id, campaign.id, number)
        open_ = campaign.journey and not campaign.daily
        return Prepared(Run(run_id, RunStatus.RUNNING, now, plan, open=open_), content.contents, content.links)

    def _unavailable(self, org_id: str, channels: Sequence[str]) -> str | None:
        reasons = (self._channels.unavailable(org_id, channel) for channel in channels)
        return next((reason for reason in reasons if reason), None)

    def _check_type(self, campaign: Campaign) -> None:
        if campaign.type == "recurring" and campaign.recurring is None:
            raise RuleBroken("say how often: recurring.cron is missing", "body.recurring.cron")
        if campaign.type == "milestone" and campaign.milestone is None:
            raise RuleBroken("say which milestone", "body.milestone")
        if campaign.type == "drip" and not campaign.steps:
            raise RuleBroken("a drip campaign needs steps", "body.steps")
        if not campaign.messages and not set(campaign.channels) <= set(PUBLISHING):
            raise RuleBroken("choose a template", "body.templateId")
        if campaign.daily and sum((step.delay for step in campaign.steps), timedelta(0)) > LONGEST_DAILY_JOURNEY:
            raise RuleBroken(
                f"the steps of a date's milestone take {LONGEST_DAILY_JOURNEY.days} days at the most", "body.steps"
            )

    def _check_sender(self, org_id: str, campaign: Campaign, channel: str) -> None:
        if channel != "email":
            return
        if campaign.sender is None and not self._channels.default_sender(org_id):
            raise RuleBroken("say who sends: there is no default sender", "body.sender")
        refused = self._channels.sender_refused(org_id, campaign.sender.email) if campaign.sender else None
        if refused:
            raise RuleBroken(refused, "body.sender.email")

    def _sender(self, org_id: str, campaign: Campaign) -> Sender:
        return campaign.sender or Sender(email=self._channels.default_sender(org_id))

    def _outlets(self, org_id: str, campaign: Campaign, channel: str) -> tuple[Outlet, ...]:
        """The profiles or accounts that the campaign names, each of which must be there."""
        if channel not in PUBLISHING:
            return ()
        if channel == "social":
            wanted, field_ = campaign.social.profiles if campaign.social else (), "body.social.profiles"
        else:
            wanted, field_ = campaign.ads.accounts if campaign.ads else (), "body.ads.accounts"
        if not wanted:
            raise RuleBroken("say where: no profile or account is named", field_)
        there = {outlet.id: outlet for outlet in self._channels.outlets(org_id, channel)}
        for n, ref in enumerate(wanted):
            if outlet_id(ref) not in there:
                raise RuleBroken(f"no connection knows the {ref.platform} profile {ref.profile!r}", f"{field_}.{n}")
            lacking = missing(campaign.ads, ref.platform) if channel == "ads" and campaign.ads else None
            if lacking:
                raise RuleBroken(lacking[1], f"body.ads.{lacking[0]}")
        return tuple({outlet_id(ref): there[outlet_id(ref)] for ref in wanted}.values())

    def _definition(self, org_id: str, campaign: Campaign) -> AudienceDefinition | None:
        if campaign.audience is not None or campaign.audience_id is None:
            return campaign.audience
        try:
            return self._audiences.definition(org_id, campaign.audience_id)
        except NotFound as error:
            raise RuleBroken(str(error), "body.audienceId") from None


def _needs_audience(campaign: Campaign) -> bool:
    """Whether it goes to contacts, or shows ads to them."""
    uploads = campaign.ads is not None and campaign.ads.upload_audience and "ads" in campaign.channels
    return uploads or not set(campaign.channels) <= set(PUBLISHING)


def _reads_recipients_clock(campaign: Campaign, rules: SendingRules) -> bool:
    windows = [campaign.send_window, *(step.send_window for step in campaign.messages)]
    quiet = [hours for hours in rules.quiet_hours if set(hours.channels) & set(campaign.channels)]
    return any(rule.timezone == "recipient" for rule in (*windows, *quiet) if rule is not None)
