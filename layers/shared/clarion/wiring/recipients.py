"""Who of a campaign's run got what."""

from functools import cache
from typing import TYPE_CHECKING

from clarion.wiring.clients import table
from clarion.wiring.delivery import campaign_table, runs

if TYPE_CHECKING:
    from clarion.services.recipients import RecipientService
    from clarion.storage.recipients import RecipientTable


@cache
def recipient_table() -> "RecipientTable":
    from clarion.storage.recipients import RecipientTable

    return RecipientTable(table())


@cache
def recipients() -> "RecipientService":
    from clarion.services.recipients import RecipientService

    return RecipientService(campaign_table(), runs(), recipient_table())
