"""What can be tried before a launch: whom it would reach, what they would get, and a few test messages."""

from functools import cache
from typing import TYPE_CHECKING

from clarion.clock import now
from clarion.wiring.clients import table
from clarion.wiring.contacts import contact_documents, contact_table
from clarion.wiring.delivery import adapter_of, campaign_table
from clarion.wiring.integrations import channel_for, organisation_channels
from clarion.wiring.library import audiences, templates
from clarion.wiring.people import sending_rules_table
from clarion.wiring.suppressions import suppression_table

if TYPE_CHECKING:
    from clarion.domain.message_channel import MessageChannel
    from clarion.services.audience_preview import AudiencePreview
    from clarion.services.message_preview import MessagePreview
    from clarion.services.trials import TrialService


@cache
def audience_preview() -> "AudiencePreview":
    from time import monotonic

    from clarion.services.audience_preview import AudiencePreview
    from clarion.storage.frequency_caps import FrequencyCapTable

    return AudiencePreview(
        campaign_table(),
        audiences(),
        contact_documents(),
        suppression_table(),
        FrequencyCapTable(table()),
        sending_rules_table(),
        now,
        monotonic,
    )


@cache
def message_preview() -> "MessagePreview":
    from clarion.services.message_preview import MessagePreview

    return MessagePreview(campaign_table(), contact_table(), templates())


@cache
def trials() -> "TrialService":
    from time import monotonic

    from clarion.services.trial_messages import TrialMails, TrialTexts
    from clarion.services.trials import TrialService
    from clarion.storage.trials import TrialTable

    channels = organisation_channels()
    mails = TrialMails(message_preview(), channels, lambda org_id: adapter_of(org_id, "email"))
    texts = TrialTexts(message_preview(), _text_channel)
    return TrialService(
        campaign_table(),
        {"email": mails, "sms": texts},
        channels,
        suppression_table(),
        TrialTable(table()),
        now,
        monotonic,
    )


def _text_channel(org_id: str) -> "tuple[MessageChannel, str]":
    """The vendor itself: a test is not noted as the last that a number heard of a campaign."""
    found = channel_for(org_id, "sms")
    return found.adapter, found.sender
