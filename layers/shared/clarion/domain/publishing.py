"""Channels on which a run addresses profiles and ad accounts, not contacts."""

from clarion.domain.sending_rules import ChannelType

PUBLISHING: tuple[ChannelType, ...] = ("social", "ads")
