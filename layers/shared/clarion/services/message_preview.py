"""A campaign's message as one contact would get it, without tracking."""

from collections.abc import Mapping
from typing import Any, Protocol

from clarion.domain.campaign import Campaign
from clarion.domain.campaign_message import message_of
from clarion.domain.contact import Contact
from clarion.domain.errors import Invalid, NotFound, RuleBroken
from clarion.domain.rendering import RenderedMail


class Campaigns(Protocol):
    def get(self, org_id: str, campaign_id: str) -> Campaign: ...


class Contacts(Protocol):
    def get(self, org_id: str, contact_id: str) -> Contact: ...


class Templates(Protocol):
    def render(
        self, org_id: str, template_id: str, contact: Mapping[str, Any], subject: str | None = None
    ) -> RenderedMail:
        """Raises NotFound, RenderFailed, and Invalid naming ``subject``."""


class MessagePreview:
    def __init__(self, campaigns: Campaigns, contacts: Contacts, templates: Templates) -> None:
        self._campaigns, self._contacts, self._templates = campaigns, contacts, templates

    def preview(
        self,
        org_id: str,
        campaign_id: str,
        *,
        contact_id: str | None,
        contact: Mapping[str, Any],
        step: str | None = None,
        variant: str | None = None,
    ) -> RenderedMail:
        """The message of a step and a variant, by default of the first of each, from the newest version of its
        template: for a kept contact, or one made up (JSON names).

        Raises NotFound, RenderFailed, Invalid, and RuleBroken naming the campaign's input that cannot be sent.
        """
        campaign = self._campaigns.get(org_id, campaign_id)
        return self.render(org_id, campaign, contact_id=contact_id, contact=contact, step=step, variant=variant)

    def render(
        self,
        org_id: str,
        campaign: Campaign,
        *,
        contact_id: str | None,
        contact: Mapping[str, Any],
        step: str | None,
        variant: str | None,
    ) -> RenderedMail:
        """As ``preview``, of a campaign that was read already."""
        message = message_of(campaign, step, variant)
        if contact_id is not None:
            contact = self._contacts.get(org_id, contact_id).document()
        try:
            return self._templates.render(org_id, message.template_id, contact, message.subject)
        except NotFound as error:
            raise RuleBroken(str(error), message.template_field) from None
        except Invalid as error:
            field = message.subject_field if message.subject is not None else message.template_field
            raise RuleBroken(str(error), field) from None
