"""What a test send hands to a vendor: the campaign's message for one contact, marked as a test.

Its links lead straight to their destinations, and it carries none of our ids.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from clarion.domain.addresses import parse_email
from clarion.domain.campaign import Campaign
from clarion.domain.campaign_details import Sender
from clarion.domain.errors import RuleBroken
from clarion.domain.mail import Mail, Mailbox, one_line
from clarion.domain.message_channel import MessageChannel
from clarion.domain.message_choice import MessageChoice
from clarion.domain.phones import parse_phone
from clarion.domain.rendering import RenderedMail, RenderedText
from clarion.domain.text_message import TextMessage
from clarion.domain.trial import MARK


@dataclass(frozen=True, slots=True)
class Recipient:
    """``key`` is what the suppression list knows, ``to`` where the message goes."""

    key: str
    to: str


@dataclass(frozen=True, slots=True)
class TrialRoute:
    """One campaign's way to its makers: ``message(to, id)`` makes the message, ValueError where it cannot be sent."""

    adapter: MessageChannel
    message: Callable[[str, str], Any]


class TrialMessages(Protocol):
    """The messages of one channel."""

    def recipient(self, written: str) -> Recipient:
        """Raises ValueError saying in plain words what is wrong."""

    def route(self, org_id: str, campaign: Campaign, choice: MessageChoice) -> TrialRoute:
        """The message that was chosen. Raises NotFound, RenderFailed, Invalid and RuleBroken."""


class Mails(Protocol):
    def mail(self, org_id: str, campaign: Campaign, choice: MessageChoice) -> RenderedMail: ...


class Texts(Protocol):
    def text(self, org_id: str, campaign: Campaign, choice: MessageChoice) -> RenderedText: ...


class Senders(Protocol):
    def default_sender(self, org_id: str) -> str:
        """Who sends where a campaign does not say; empty where nobody is set."""

    def sender_refused(self, org_id: str, address: str) -> str | None:
        """Why no campaign may send from an address; None where it may."""


class TrialMails:
    def __init__(self, mails: Mails, senders: Senders, adapter_of: Callable[[str], MessageChannel]) -> None:
        self._mails, self._senders, self._adapter_of = mails, senders, adapter_of

    def recipient(self, written: str) -> Recipient:
        address = parse_email(written)
        return Recipient(address.key, address.address)

    def route(self, org_id: str, campaign: Campaign, choice: MessageChoice) -> TrialRoute:
        sender = self._sender_of(org_id, campaign)
        rendered = self._mails.mail(org_id, campaign, choice)
        return TrialRoute(self._adapter_of(org_id), lambda to, id_: _mail(sender, rendered, to, id_))

    def _sender_of(self, org_id: str, campaign: Campaign) -> Sender:
        if campaign.sender is not None:
            refused = self._senders.sender_refused(org_id, campaign.sender.email)
            if refused:
                raise RuleBroken(refused, "body.sender.email")
            return campaign.sender
        default = self._senders.default_sender(org_id)
        if not default:
            raise RuleBroken("say who sends: there is no default sender", "body.sender")
        return Sender(email=default)


class TrialTexts:
    """``channel_of`` gives an organisation's adapter for text messages, and what they leave from."""

    def __init__(self, texts: Texts, channel_of: Callable[[str], tuple[MessageChannel, str]]) -> None:
        self._texts, self._channel_of = texts, channel_of

    def recipient(self, written: str) -> Recipient:
        number = parse_phone(written)
        return Recipient(number, number)

    def route(self, org_id: str, campaign: Campaign, choice: MessageChoice) -> TrialRoute:
        rendered = self._texts.text(org_id, campaign, choice)
        adapter, sender = self._channel_of(org_id)
        return TrialRoute(adapter, lambda to, _: TextMessage(to=to, body=MARK + rendered.text, sender=sender))


def _mail(sender: Sender, rendered: RenderedMail, to: str, message_id: str) -> Mail:
    """Without unsubscribe header and without tags: no event of the vendor's is about a message of a run."""
    domain = sender.email.rpartition("@")[2].encode("idna").decode()
    return Mail(
        message_id=f"<{message_id}@{domain}>",
        sender=Mailbox(sender.email, one_line(sender.name or "")),
        to=to,
        subject=MARK + rendered.subject,
        html=rendered.html,
        text=rendered.text,
        reply_to=sender.reply_to,
    )
