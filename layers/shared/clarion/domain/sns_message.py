"""A message of Amazon SNS to an HTTPS endpoint, shown to be SNS's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

SnsMessageType = Literal["Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"]


@dataclass(frozen=True, slots=True)
class SnsMessage:
    """``envelope`` are its fields as SNS names them; ``subscribe_url`` is empty where there is nothing to confirm."""

    type: SnsMessageType
    envelope: Mapping[str, Any]
    subscribe_url: str = ""
