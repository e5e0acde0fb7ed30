"""What a launch freezes: the audience's definition, the compiled messages and their links, times and rules."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from clarion.domain.audience import AudienceDefinition
from clarion.domain.campaign import Campaign
from clarion.domain.campaign_details import Sender
from clarion.domain.campaign_message import message_of
from clarion.domain.errors import Invalid, NotFound, RuleBroken
from clarion.domain.occurrences import Start
from clarion.domain.run import Run, RunId, RunStatus
from clarion.domain.run_plan import RunContent, RunPlan, RunStep
from clarion.domain.sending_rules import SendingRules

SENDABLE = ("email",)
"""Channels whose messages can be composed."""
LONGEST_DAILY_JOURNEY = timedelta(days=75)
"""A date's milestone has a run a day, and all that go on are moved in one transaction (domain/campaign.py)."""


class Audiences(Protocol):
    def definition(self, org_id: str, audience_id: str) -> AudienceDefinition:
        """Raises NotFound."""


class CompiledTemplates(Protocol):
    def compiled(self, org_id: str, template_id: str, subject: str | None = None) -> tuple[str, Sequence[str]]:
        """The template's newest version compiled for sending, and its link table; with another subject where one is
        given. Raises NotFound."""


class Channels(Protocol):
    def unavailable(self, org_id: str, channel: str) -> str | None:
        """Why an organisation can send nothing on a channel; None where it can."""

    def default_sender(self, org_id: str) -> str:
        """Who sends where a campaign does not say; empty where nobody is set."""

    def sender_refused(self, org_id: str, address: str) -> str | None:
        """Why no campaign may send from an address; None where it may."""


class Rules(Protocol):
    def get(self, org_id: str) -> SendingRules: ...


@dataclass
class Prepared:
    """A run that is ready to be written: compiled contents by digest, link tables by step."""

    run: Run
    contents: dict[str, str] = field(default_factory=dict)
    links: dict[str, list[str]] = field(default_factory=dict)


class LaunchPreparation:
    def __init__(self, audiences: Audiences, templates: CompiledTemplates, channels: Channels, rules: Rules) -> None:
        self._audiences, self._templates, self._channels, self._rules = audiences, templates, channels, rules

    def check(self, org_id: str, campaign: Campaign, now: datetime) -> None:
        """Refuse what could not be sent, naming the field."""
        self.check_channels(org_id, campaign, now)
        if campaign.audience is None and campaign.audience_id is None:
            raise RuleBroken("choose an audience: audienceId, or audience inline", "body.audienceId")
        self._check_type(campaign)
        if campaign.sender is None and not self._channels.default_sender(org_id):
            raise RuleBroken("say who sends: there is no default sender", "body.sender")
        refused = self._channels.sender_refused(org_id, campaign.sender.email) if campaign.sender else None
        if refused:
            raise RuleBroken(refused, "body.sender.email")
        self._definition(org_id, campaign)
        self._compile(org_id, campaign)

    def unconnected(self, org_id: str, campaign: Campaign) -> str | None:
        """Why nothing can be sent on the first of its channels that is not connected; None where all are."""
        reasons = (self._unavailable(org_id, channel) for channel in campaign.channels)
        return next((reason for reason in reasons if reason), None)

    def check_channels(self, org_id: str, campaign: Campaign, now: datetime) -> None:
        """Refuse what cannot leave, or not any more, naming the field."""
        if not campaign.channels:
            raise RuleBroken("choose a channel", "body.channels")
        if len(campaign.channels) > 1:
            raise RuleBroken("one channel can be launched at a time: make a campaign for each", "body.channels")
        for channel in campaign.channels:
            reason = self._unavailable(org_id, channel)
            if reason:
                raise RuleBroken(reason, "body.channels")
        if campaign.schedule is not None and (campaign.schedule.end_at or now) < now:
            raise RuleBroken("endAt has passed", "body.schedule.endAt")

    def prepare(self, org_id: str, campaign: Campaign, number: int, start: Start | None, now: datetime) -> Prepared:
        """The campaign's run ``number``, as of now. Raises RuleBroken naming the field that cannot be sent."""
        self.check(org_id, campaign, now)
        rules, schedule = self._rules.get(org_id), campaign.schedule
        steps, contents, links = self._compile(org_id, campaign)
        wall = start.wall if start else None
        plan = RunPlan(
            type=campaign.type,
            definition=self._definition(org_id, campaign),
            channel=campaign.channels[0],
            steps=steps,
            sender=campaign.sender or Sender(email=self._channels.default_sender(org_id)),
            base=start.at if start and not wall and not campaign.journey else now,
            wall=wall,
            timezone=schedule.timezone if schedule else rules.timezone,
            past_zones=schedule.past_zones if schedule else "send",
            zoned=wall is not None or _reads_recipients_clock(campaign, rules),
            end_at=schedule.end_at if schedule else None,
            expire_after=campaign.expire_after,
            send_window=campaign.send_window,
            ignore_frequency_caps=campaign.ignore_frequency_caps,
            hold_out=campaign.hold_out,
            experiment=campaign.experiment,
            milestone=campaign.milestone,
            goal=campaign.goal,
            exit_on=campaign.exit_on if campaign.journey else (),
            reentry=campaign.reentry,
        )
        run_id = RunId(org_id, campaign.id, number)
        open_ = campaign.journey and not campaign.daily
        return Prepared(Run(run_id, RunStatus.RUNNING, now, plan, open=open_), contents, links)

    def _unavailable(self, org_id: str, channel: str) -> str | None:
        reason = self._channels.unavailable(org_id, channel)
        return reason or (None if channel in SENDABLE else f"campaigns cannot be sent on the channel {channel!r} yet")

    def _check_type(self, campaign: Campaign) -> None:
        if campaign.type == "recurring" and campaign.recurring is None:
            raise RuleBroken("say how often: recurring.cron is missing", "body.recurring.cron")
        if campaign.type == "milestone" and campaign.milestone is None:
            raise RuleBroken("say which milestone", "body.milestone")
        if campaign.type == "drip" and not campaign.steps:
            raise RuleBroken("a drip campaign needs steps", "body.steps")
        if not campaign.messages:
            raise RuleBroken("choose a template", "body.templateId")
        if campaign.daily and sum((step.delay for step in campaign.steps), timedelta(0)) > LONGEST_DAILY_JOURNEY:
            raise RuleBroken(
                f"the steps of a date's milestone take {LONGEST_DAILY_JOURNEY.days} days at the most", "body.steps"
            )

    def _definition(self, org_id: str, campaign: Campaign) -> AudienceDefinition:
        if campaign.audience is not None:
            return campaign.audience
        try:
            return self._audiences.definition(org_id, campaign.audience_id or "")
        except NotFound as error:
            raise RuleBroken(str(error), "body.audienceId") from None

    def _compile(
        self, org_id: str, campaign: Campaign
    ) -> tuple[tuple[RunStep, ...], dict[str, str], dict[str, list[str]]]:
        contents: dict[str, str] = {}
        links: dict[str, list[str]] = {}
        steps = []
        variants = [variant.id for variant in campaign.experiment.variants] if campaign.experiment else [None]
        for step in campaign.messages:
            urls: list[str] = links.setdefault(step.id, [])
            by_variant = {}
            for variant in variants:
                message = message_of(campaign, step.id, variant)
                try:
                    content, more = self._templates.compiled(org_id, message.template_id, message.subject)
                except NotFound as error:
                    raise RuleBroken(str(error), message.template_field) from None
                except Invalid as error:
                    named = {"subject": message.subject_field} if message.subject else {}
                    raise Invalid(
                        [{**e, "field": named.get(e["field"], message.template_field)} for e in error.errors]
                    ) from None
                digest = sha256(content.encode()).hexdigest()[:32]
                by_variant[variant or ""] = RunContent(digest=digest, first_link=len(urls))
                contents[digest] = content
                urls.extend(more)
            steps.append(RunStep(id=step.id, contents=by_variant, delay=step.delay, send_window=step.send_window))
        return tuple(steps), contents, links


def _reads_recipients_clock(campaign: Campaign, rules: SendingRules) -> bool:
    windows = [campaign.send_window, *(step.send_window for step in campaign.messages)]
    quiet = [hours for hours in rules.quiet_hours if set(hours.channels) & set(campaign.channels)]
    return any(rule.timezone == "recipient" for rule in (*windows, *quiet) if rule is not None)
