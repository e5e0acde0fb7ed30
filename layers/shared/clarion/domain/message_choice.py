"""Which of a campaign's messages is looked at or tried, and as whose."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageChoice:
    """By default that of the first channel, step and variant.

    It is rendered for the kept contact of ``contact_id``, else for ``contact``, a made-up one by its JSON names.
    """

    contact_id: str | None = None
    contact: Mapping[str, Any] = field(default_factory=dict)
    channel: str | None = None
    step: str | None = None
    variant: str | None = None
