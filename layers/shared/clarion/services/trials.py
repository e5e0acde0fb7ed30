"""Test sends: a campaign's message rendered for one contact and sent to addresses of its makers.

Nothing of it is in a ledger or counted in a report; links lead straight to their destinations, and nobody can be
unsubscribed by it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from clarion.domain.addresses import normalise_email
from clarion.domain.campaign import Campaign
from clarion.domain.campaign_details import Sender
from clarion.domain.errors import RuleBroken
from clarion.domain.mail import Mail, Mailbox, MailChannel, one_line
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Retry, Stop, Unknown
from clarion.domain.rendering import RenderedMail
from clarion.domain.run import FAILED, REJECTED, SENT, UNKNOWN
from clarion.domain.trial import SUBJECT_PREFIX, TrialResult

BUDGET_S = 12.0  # no call is begun later: a call takes under 13 s, and API Gateway waits 29 s
_SUPPRESSED = "the address is on the suppression list"


class Campaigns(Protocol):
    def get(self, org_id: str, campaign_id: str) -> Campaign: ...


class Messages(Protocol):
    def render(
        self,
        org_id: str,
        campaign: Campaign,
        *,
        contact_id: str | None,
        contact: Mapping[str, Any],
        step: str | None,
        variant: str | None,
    ) -> RenderedMail: ...


class Channels(Protocol):
    def unavailable(self, org_id: str, channel: str) -> str | None:
        """Why an organisation can send nothing on a channel; None where it can."""

    def default_sender(self, org_id: str) -> str:
        """Who sends where a campaign does not say; empty where nobody is set."""

    def sender_refused(self, org_id: str, address: str) -> str | None:
        """Why no campaign may send from an address; None where it may."""


class Suppressions(Protocol):
    def suppressed(self, org_id: str, channel: str, addresses: Sequence[str]) -> set[str]:
        """Those of the normalised addresses that nothing may be sent to."""


class Quota(Protocol):
    def take(self, org_id: str, messages: int, now: datetime) -> None:
        """Count test messages of the day; raises TooMany where they would be too many, counting none."""


class TrialService:
    """``seconds`` is a clock that never goes back, of any origin."""

    def __init__(
        self,
        campaigns: Campaigns,
        messages: Messages,
        channels: Channels,
        suppressions: Suppressions,
        quota: Quota,
        adapter_of: Callable[[str, str], MailChannel],
        clock: Callable[[], datetime],
        seconds: Callable[[], float],
    ) -> None:
        self._campaigns, self._messages, self._channels = campaigns, messages, channels
        self._suppressions, self._quota, self._adapter_of = suppressions, quota, adapter_of
        self._clock, self._seconds = clock, seconds

    def send(
        self,
        org_id: str,
        campaign_id: str,
        trial_id: str,
        to: Sequence[str],
        *,
        contact_id: str | None,
        contact: Mapping[str, Any],
        step: str | None = None,
        variant: str | None = None,
    ) -> list[TrialResult]:
        """Send to each address, once, the message that the contact (kept, or made up) would get.

        ``trial_id`` names the request. Addresses that nothing may be sent to are refused one by one. Raises NotFound,
        RenderFailed, Invalid, TooMany, and RuleBroken naming the campaign's input that cannot be sent.
        """
        deadline = self._seconds() + BUDGET_S
        campaign = self._campaigns.get(org_id, campaign_id)
        channel, sender = self._channel_of(org_id, campaign), self._sender_of(org_id, campaign)
        rendered = self._messages.render(
            org_id, campaign, contact_id=contact_id, contact=contact, step=step, variant=variant
        )
        addresses: dict[str, str] = {}
        for address in to:
            addresses.setdefault(normalise_email(address), address)
        suppressed = self._suppressions.suppressed(org_id, channel, list(addresses))
        mails = {
            address: _mail(sender, rendered, address, f"test.{campaign.id}.{trial_id}.{n}")
            for n, (key, address) in enumerate(addresses.items())
            if key not in suppressed
        }
        if mails:
            self._quota.take(org_id, len(mails), self._clock())
        results = {addresses[key]: TrialResult(addresses[key], "skipped.suppressed", _SUPPRESSED) for key in suppressed}
        results |= self._deliver(self._adapter_of(org_id, channel), mails, deadline)
        return [results[address] for address in addresses.values()]

    def _channel_of(self, org_id: str, campaign: Campaign) -> str:
        if not campaign.channels:
            raise RuleBroken("choose a channel", "body.channels")
        reason = self._channels.unavailable(org_id, campaign.channels[0])
        if reason:
            raise RuleBroken(reason, "body.channels")
        return campaign.channels[0]

    def _sender_of(self, org_id: str, campaign: Campaign) -> Sender:
        if campaign.sender is not None:
            refused = self._channels.sender_refused(org_id, campaign.sender.email)
            if refused:
                raise RuleBroken(refused, "body.sender.email")
            return campaign.sender
        default = self._channels.default_sender(org_id)
        if not default:
            raise RuleBroken("say who sends: there is no default sender", "body.sender")
        return Sender(email=default)

    def _deliver(self, channel: MailChannel, mails: Mapping[str, Mail], deadline: float) -> dict[str, TrialResult]:
        results, waiting = dict[str, TrialResult](), list(mails)
        while waiting:
            call, waiting = waiting[: channel.max_batch], waiting[channel.max_batch :]
            if self._seconds() >= deadline:
                results |= {to: TrialResult(to, FAILED, "there was no time left; nothing was sent") for to in call}
                continue
            outcomes = channel.send([mails[to] for to in call])
            results |= {to: _result(to, outcome) for to, outcome in zip(call, outcomes, strict=True)}
        return results


def _mail(sender: Sender, rendered: RenderedMail, to: str, message_id: str) -> Mail:
    """Without unsubscribe header and without tags: no event of the vendor's is about a message of a run."""
    domain = sender.email.rpartition("@")[2].encode("idna").decode()
    try:
        return Mail(
            message_id=f"<{message_id}@{domain}>",
            sender=Mailbox(sender.email, one_line(sender.name or "")),
            to=to,
            subject=SUBJECT_PREFIX + rendered.subject,
            html=rendered.html,
            text=rendered.text,
            reply_to=sender.reply_to,
        )
    except ValueError as error:
        raise RuleBroken(str(error)) from None


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
