"""A campaign's message as one contact would get it, without tracking."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from clarion.domain.campaign import Campaign
from clarion.domain.campaign_message import CampaignMessage, message_of
from clarion.domain.contact import Contact
from clarion.domain.errors import Invalid, NotFound, RuleBroken
from clarion.domain.message_choice import MessageChoice
from clarion.domain.rendering import Rendered, RenderedMail, RenderedText

T = TypeVar("T")


class Campaigns(Protocol):
    def get(self, org_id: str, campaign_id: str) -> Campaign: ...


class Contacts(Protocol):
    def get(self, org_id: str, contact_id: str) -> Contact: ...


class Templates(Protocol):
    """All raise NotFound, and Invalid naming the part that cannot be sent or is missing."""

    def render(
        self, org_id: str, template_id: str, contact: Mapping[str, Any], subject: str | None = None
    ) -> RenderedMail:
        """Raises RenderFailed."""

    def render_text(self, org_id: str, template_id: str, contact: Mapping[str, Any]) -> RenderedText:
        """Raises RenderFailed."""

    def social_text(self, org_id: str, template_id: str) -> str: ...


class MessagePreview:
    """Messages are made from the newest version of their templates.

    All methods raise NotFound, RenderFailed, Invalid, and RuleBroken naming the campaign's input that cannot be sent.
    """

    def __init__(self, campaigns: Campaigns, contacts: Contacts, templates: Templates) -> None:
        self._campaigns, self._contacts, self._templates = campaigns, contacts, templates

    def preview(self, org_id: str, campaign_id: str, choice: MessageChoice) -> Rendered:
        """The message of the choice's channel."""
        campaign = self._campaigns.get(org_id, campaign_id)
        match channel_of(campaign, choice.channel):
            case "ads":
                raise RuleBroken("advertisements are shown by their platform alone", "body.channels")
            case "social":
                return Rendered(social=self._post(org_id, campaign))
            case "sms":
                return Rendered(sms=self.text(org_id, campaign, choice))
        return Rendered(mail=self.mail(org_id, campaign, choice))

    def mail(self, org_id: str, campaign: Campaign, choice: MessageChoice) -> RenderedMail:
        """The mail of a campaign that was read already."""
        message = message_of(campaign, choice.step, choice.variant)
        person = self._person(org_id, choice)
        return _of(message, lambda: self._templates.render(org_id, message.template_id, person, message.subject))

    def text(self, org_id: str, campaign: Campaign, choice: MessageChoice) -> RenderedText:
        """The text message of a campaign that was read already."""
        message = message_of(campaign, choice.step, choice.variant)
        person = self._person(org_id, choice)
        return _of(message, lambda: self._templates.render_text(org_id, message.template_id, person))

    def _post(self, org_id: str, campaign: Campaign) -> str:
        """The campaign's own text, else the template's; empty where a link or media are all there is."""
        post = campaign.social
        if post is not None and post.text.strip():
            return post.text
        if campaign.template_id is not None:
            try:
                return self._templates.social_text(org_id, campaign.template_id)
            except NotFound as error:
                raise RuleBroken(str(error), "body.templateId") from None
            except Invalid as error:
                if post is None:
                    raise RuleBroken(str(error), "body.templateId") from None
        if post is None or not (post.link or post.media):
            raise RuleBroken("say what is posted: a text, a link or media", "body.social.text")
        return ""

    def _person(self, org_id: str, choice: MessageChoice) -> Mapping[str, Any]:
        return choice.contact if choice.contact_id is None else self._contacts.get(org_id, choice.contact_id).document()


def channel_of(campaign: Campaign, wanted: str | None) -> str:
    """The channel asked for, else the campaign's first, else ``email``. Raises Invalid for one it does not have."""
    if wanted is None:
        return campaign.channels[0] if campaign.channels else "email"
    if wanted not in campaign.channels:
        raise Invalid([{"field": "body.channel", "message": f"the campaign has no channel {wanted!r}"}])
    return wanted


def _of(message: CampaignMessage, render: Callable[[], T]) -> T:
    try:
        return render()
    except NotFound as error:
        raise RuleBroken(str(error), message.template_field) from None
    except Invalid as error:
        about_subject = message.subject is not None and all(each["field"] == "subject" for each in error.errors)
        field = message.subject_field if about_subject else message.template_field
        raise RuleBroken(str(error), field) from None
