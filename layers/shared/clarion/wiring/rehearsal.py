"""What can be tried before a launch: whom it would reach, what they would get, and a few test messages."""

from functools import cache
from typing import TYPE_CHECKING

from clarion.clock import now
from clarion.wiring.clients import table
from clarion.wiring.contacts import contact_documents, contact_table
from clarion.wiring.delivery import adapter_of, campaign_table
from clarion.wiring.integrations import organisation_channels
from clarion.wiring.library import audiences, templates
from clarion.wiring.people import sending_rules_table
from clarion.wiring.suppressions import suppression_table

if TYPE_CHECKING:
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

    from clarion.services.trials import TrialService
    from clarion.storage.trials import TrialTable

    return TrialService(
        campaign_table(),
        message_preview(),
        organisation_channels(),
        suppression_table(),
        TrialTable(table()),
        adapter_of,
        now,
        monotonic,
    )
