"""What vendors tell by webhooks."""

from functools import cache
from typing import TYPE_CHECKING

from clarion.wiring.integrations import connected_platforms

if TYPE_CHECKING:
    from clarion.services.webhooks import WebhookCredentials


@cache
def webhook_credentials() -> "WebhookCredentials":
    from clarion.services.webhooks import WebhookCredentials

    return WebhookCredentials(connected_platforms())
