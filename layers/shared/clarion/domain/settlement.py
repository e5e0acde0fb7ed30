"""What shows that a message left whose sending nobody knew the end of."""

from clarion.domain.engagement import Kind, MessageState

SHOWS_THAT_IT_LEFT = frozenset({Kind.DELIVERY, Kind.BOUNCE, Kind.COMPLAINT, Kind.OPEN, Kind.CLICK})
"""Events that name the message itself. A reply, an unsubscribe or a conversion may be about an earlier one."""


def has_left(state: MessageState) -> bool:
    """Whether an event of such a kind was counted for the message."""
    told = state.delivered_at or state.bounced_at or state.complained_at
    opens = state.opens_human + state.opens_machine + state.opens_unsure
    clicks = state.clicks_human + state.clicks_machine + state.clicks_unsure
    return bool(told or opens or clicks)
