"""Before a launch: whom a campaign or an audience would reach now, and why not everybody.

Contacts are spread over the shards by hash, so each whole shard is a random sample of all: where time does not suffice
for every shard, the figures are scaled up from those that were walked to their end.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from clarion.domain.audience import AudienceDefinition, StaticMembers, membership
from clarion.domain.audience_reach import Reach, Sampled, Tally
from clarion.domain.campaign import Campaign
from clarion.domain.eligibility import address_of, exclusion
from clarion.domain.errors import Invalid, NotFound, RuleBroken
from clarion.domain.experiment import Experiment
from clarion.domain.local_time import zone_or
from clarion.domain.publishing import PUBLISHING
from clarion.domain.sending_rules import ChannelType, FrequencyCap, SendingRules
from clarion.domain.split import HOLD_OUT, arm_of, held_out
from clarion.keys import CONTACT_SHARDS, contact_shard

PAGE = 1000  # contacts read at once
BUDGET_S = 15.0  # API Gateway waits 29 s

Documents = Sequence[Mapping[str, Any]]


class Campaigns(Protocol):
    def get(self, org_id: str, campaign_id: str) -> Campaign: ...


class Audiences(Protocol):
    def definition(self, org_id: str, audience_id: str) -> AudienceDefinition:
        """Raises NotFound."""


class Contacts(Protocol):
    def page_of_shard(self, org_id: str, shard: int, after: str | None, limit: int) -> tuple[Documents, str | None]:
        """Documents in order of id after ``after``, and the id to go on after (None at the end)."""

    def documents(self, org_id: str, contact_ids: Sequence[str]) -> Iterable[Mapping[str, Any]]:
        """The documents of those contacts that exist, in any order."""


class Suppressions(Protocol):
    def suppressed(self, org_id: str, channel: str, addresses: Sequence[str]) -> set[str]:
        """Those of the normalised addresses that nothing may be sent to."""


class Caps(Protocol):
    def with_room(
        self, org_id: str, channel: str, contacts: Sequence[str], caps: Sequence[FrequencyCap], now: datetime
    ) -> set[str]:
        """Those of the contacts who may be sent one more message now."""


class Rules(Protocol):
    def get(self, org_id: str) -> SendingRules: ...


@dataclass(frozen=True)
class _Plan:
    """What decides who would receive a message; ``run`` is the one the variants are drawn for."""

    org: str
    definition: AudienceDefinition
    channel: str
    zone: str
    caps: Sequence[FrequencyCap]
    campaign: str = ""
    run: int = 1
    hold_out: float = 0
    experiment: Experiment | None = None


class AudiencePreview:
    """``seconds`` is a clock that never goes back, of any origin."""

    def __init__(
        self,
        campaigns: Campaigns,
        audiences: Audiences,
        contacts: Contacts,
        suppressions: Suppressions,
        caps: Caps,
        rules: Rules,
        clock: Callable[[], datetime],
        seconds: Callable[[], float],
    ) -> None:
        self._campaigns, self._audiences, self._contacts = campaigns, audiences, contacts
        self._suppressions, self._caps, self._rules = suppressions, caps, rules
        self._clock, self._seconds = clock, seconds

    def of_campaign(self, org_id: str, campaign_id: str, wanted: ChannelType | None = None) -> Reach:
        """The campaign's next run, were it launched now; of a milestone everybody who may ever come to it.

        Judged is the channel ``wanted``, else the first of its channels that contacts are written to on. Raises
        NotFound, Invalid for a channel it does not have, and RuleBroken naming the field that is missing.
        """
        campaign = self._campaigns.get(org_id, campaign_id)
        definition, rules = self._definition(org_id, campaign), self._rules.get(org_id)
        return self._reach(
            _Plan(
                org=org_id,
                definition=definition,
                channel=_channel_of(campaign, wanted),
                zone=campaign.schedule.timezone if campaign.schedule else rules.timezone,
                caps=[] if campaign.ignore_frequency_caps else rules.frequency_caps,
                campaign=campaign.id,
                run=campaign.run + 1,
                hold_out=campaign.hold_out,
                experiment=campaign.experiment,
            )
        )

    def of_audience(self, org_id: str, audience: AudienceDefinition | str, channel: ChannelType) -> Reach:
        """An audience, or the saved one of that id, by itself. Raises NotFound."""
        definition = self._audiences.definition(org_id, audience) if isinstance(audience, str) else audience
        rules = self._rules.get(org_id)
        return self._reach(_Plan(org_id, definition, channel, rules.timezone, rules.frequency_caps))

    def _definition(self, org_id: str, campaign: Campaign) -> AudienceDefinition:
        if campaign.audience is not None:
            return campaign.audience
        if campaign.audience_id is None:
            raise RuleBroken("choose an audience: audienceId, or audience inline", "body.audienceId")
        try:
            return self._audiences.definition(org_id, campaign.audience_id)
        except NotFound as error:
            raise RuleBroken(str(error), "body.audienceId") from None

    def _reach(self, plan: _Plan) -> Reach:
        deadline, belongs = self._seconds() + BUDGET_S, membership(plan.definition)
        total = Tally()
        for shard in range(CONTACT_SHARDS):
            tally = Tally()
            for page in self._pages(plan, shard):
                if self._seconds() >= deadline:
                    seen = total if shard else tally
                    return seen.reach_of(shard, CONTACT_SHARDS, plan.zone)
                self._count(plan, [contact for contact in page if belongs(contact)], tally)
            total.add(tally)
        return total.reach_of(CONTACT_SHARDS, CONTACT_SHARDS, plan.zone)

    def _pages(self, plan: _Plan, shard: int) -> Iterator[Documents]:
        """All that may belong to the audience; of a fixed list its own contacts alone."""
        if isinstance(plan.definition, StaticMembers):
            ids = sorted({each for each in plan.definition.contact_ids if contact_shard(each) == shard})
            for start in range(0, len(ids), PAGE):
                yield list(self._contacts.documents(plan.org, ids[start : start + PAGE]))
            return
        after, more = None, True
        while more:
            page, after = self._contacts.page_of_shard(plan.org, shard, after, PAGE)
            more = after is not None
            yield page

    def _count(self, plan: _Plan, members: Documents, tally: Tally) -> None:
        reasons = self._reasons(plan, members)
        for member in members:
            contact_id, reason = member["id"], reasons.get(member["id"])
            sampled = Sampled(contact_id, member.get("email"), member.get("phone"), reason)
            if reason:
                tally.leave_out(sampled, reason)
                continue
            variant = arm_of(plan.campaign, plan.run, contact_id, plan.experiment) if plan.experiment else ""
            zone, fallback = zone_or(member.get("timezone"), plan.zone)
            tally.reach(sampled, variant, None if fallback else zone)

    def _reasons(self, plan: _Plan, members: Documents) -> dict[str, str]:
        """Why members would get nothing, by id; the first reason that planning and sending would come to."""
        reasons: dict[str, str] = {}
        addresses: dict[str, str] = {}
        for member in members:
            if plan.hold_out and held_out(plan.campaign, member["id"], plan.hold_out):
                reasons[member["id"]] = HOLD_OUT
                continue
            address, reason = address_of(member, plan.channel)
            if address is None or reason:
                reasons[member["id"]] = str(reason)
            else:
                addresses[member["id"]] = address
        suppressed = self._suppressions.suppressed(plan.org, plan.channel, list(addresses.values()))
        for member in members:
            if address := addresses.get(member["id"]):
                reason = exclusion(member, plan.channel, suppressed=address in suppressed)
                if reason:
                    reasons[member["id"]] = reason
        ready = [contact_id for contact_id in addresses if contact_id not in reasons]
        room = self._caps.with_room(plan.org, plan.channel, ready, plan.caps, self._clock())
        return reasons | {contact_id: "capped" for contact_id in ready if contact_id not in room}


def _channel_of(campaign: Campaign, wanted: ChannelType | None) -> ChannelType:
    if not campaign.channels:
        raise RuleBroken("choose a channel", "body.channels")
    if wanted and wanted not in campaign.channels:
        raise Invalid([{"field": "query.channel", "message": f"the campaign has no channel {wanted!r}"}])
    among = [wanted] if wanted else campaign.channels
    found = next((channel for channel in among if channel not in PUBLISHING), None)
    if found is None:
        raise RuleBroken("what is published goes to profiles and accounts, not to an audience", "body.channels")
    return found
