"""An address that nothing may be sent to over a channel, and why."""

from datetime import datetime

from clarion.domain.contact import ConsentChannel
from clarion.domain.model import Model


class Suppression(Model):
    """``address`` is the normalised one. ``reason``: ``unsubscribed``, ``hard_bounce`` or ``complaint``."""

    address: str
    channel: ConsentChannel
    reason: str
    source: str | None = None
    campaign: str | None = None
    contact: str | None = None
    created_at: datetime
