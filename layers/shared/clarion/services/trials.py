"""Test sends: a campaign's message rendered for one contact and sent to addresses of its makers.

Nothing of it is in a ledger or counted in a report; links lead straight to their destinations, and nobody can be
unsubscribed by it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from clarion.domain.campaign import Campaign
from clarion.domain.errors import Invalid, RuleBroken
from clarion.domain.message_channel import MessageChannel
from clarion.domain.message_choice import MessageChoice
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Retry, Stop, Unknown
from clarion.domain.run import FAILED, REJECTED, SENT, UNKNOWN
from clarion.domain.trial import TrialResult
from clarion.services.message_preview import channel_of
from clarion.services.trial_messages import Recipient, TrialMessages

BUDGET_S = 12.0  # no call is begun later: a call takes under 13 s, and API Gateway waits 29 s
_SUPPRESSED = "the address is on the suppression list"
_PUBLIC = "only mails and text messages can be tried: what is posted or advertised is seen by everybody at once"


class Campaigns(Protocol):
    def get(self, org_id: str, campaign_id: str) -> Campaign: ...


class Channels(Protocol):
    def unavailable(self, org_id: str, channel: str) -> str | None:
        """Why an organisation can send nothing on a channel; None where it can."""


class Suppressions(Protocol):
    def suppressed(self, org_id: str, channel: str, addresses: Sequence[str]) -> set[str]:
        """Those of the normalised addresses that nothing may be sent to."""


class Quota(Protocol):
    def take(self, org_id: str, messages: int, now: datetime) -> None:
        """Count test messages of the day; raises TooMany where they would be too many, counting none."""


class TrialService:
    """``messages`` by channel; ``seconds`` is a clock that never goes back, of any origin."""

    def __init__(
        self,
        campaigns: Campaigns,
        messages: Mapping[str, TrialMessages],
        channels: Channels,
        suppressions: Suppressions,
        quota: Quota,
        clock: Callable[[], datetime],
        seconds: Callable[[], float],
    ) -> None:
        self._campaigns, self._messages, self._channels = campaigns, messages, channels
        self._suppressions, self._quota = suppressions, quota
        self._clock, self._seconds = clock, seconds

    def send(
        self, org_id: str, campaign_id: str, trial_id: str, to: Sequence[str], choice: MessageChoice
    ) -> list[TrialResult]:
        """Send the message that was chosen to each address, once.

        ``trial_id`` names the request. Addresses that nothing may be sent to are refused one by one. Raises NotFound,
        RenderFailed, Invalid, TooMany, and RuleBroken naming the campaign's input that cannot be sent.
        """
        deadline = self._seconds() + BUDGET_S
        campaign = self._campaigns.get(org_id, campaign_id)
        channel = self._channel_of(org_id, campaign, choice.channel)
        messages = self._messages[channel]
        recipients = _recipients(messages, to)
        route = messages.route(org_id, campaign, choice)
        suppressed = self._suppressions.suppressed(org_id, channel, [each.key for each in recipients])
        try:
            waiting = {
                each.to: route.message(each.to, f"test.{campaign.id}.{trial_id}.{n}")
                for n, each in enumerate(recipients)
                if each.key not in suppressed
            }
        except ValueError as error:
            raise RuleBroken(str(error)) from None
        if waiting:
            self._quota.take(org_id, len(waiting), self._clock())
        results = self._deliver(route.adapter, waiting, deadline)
        left_out = "skipped.suppressed"
        return [results.get(each.to) or TrialResult(each.to, left_out, _SUPPRESSED) for each in recipients]

    def _channel_of(self, org_id: str, campaign: Campaign, wanted: str | None) -> str:
        if not campaign.channels:
            raise RuleBroken("choose a channel", "body.channels")
        channel = channel_of(campaign, wanted)
        if channel not in self._messages:
            raise RuleBroken(_PUBLIC, "body.channels")
        reason = self._channels.unavailable(org_id, channel)
        if reason:
            raise RuleBroken(reason, "body.channels")
        return channel

    def _deliver(self, channel: MessageChannel, messages: Mapping[str, Any], deadline: float) -> dict[str, TrialResult]:
        results, waiting = dict[str, TrialResult](), list(messages)
        while waiting:
            call, waiting = waiting[: channel.max_batch], waiting[channel.max_batch :]
            if self._seconds() >= deadline:
                results |= {to: TrialResult(to, FAILED, "there was no time left; nothing was sent") for to in call}
                continue
            outcomes = channel.send([messages[to] for to in call])
            results |= {to: _result(to, outcome) for to, outcome in zip(call, outcomes, strict=True)}
        return results


def _recipients(messages: TrialMessages, to: Sequence[str]) -> list[Recipient]:
    """Each once, as it was first written."""
    found: dict[str, Recipient] = {}
    errors = []
    for n, written in enumerate(to):
        try:
            recipient = messages.recipient(written)
        except ValueError as error:
            errors.append({"field": f"body.to.{n}", "message": str(error)})
        else:
            found.setdefault(recipient.key, recipient)
    if errors:
        raise Invalid(errors)
    return list(found.values())


def _result(to: str, outcome: Outcome) -> TrialResult:
    match outcome:
        case Accepted(vendor_id):
            return TrialResult(to, SENT, vendor_id)
        case Rejected(code, reason):
            return TrialResult(to, REJECTED, f"{code}: {reason}")
        case Stop(code, reason):
            return TrialResult(to, FAILED, f"{code}: {reason}")
        case Retry(reason=reason):
            return TrialResult(to, FAILED, reason)
        case Unknown(reason):
            return TrialResult(to, UNKNOWN, reason)
