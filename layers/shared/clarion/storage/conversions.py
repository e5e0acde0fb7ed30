"""Conversions by the caller's id, and what decides which message earned them.

pk ``ORG#<org>#CONVERSION#<caller's id>``  sk ``CONVERSION``  e.g. ``ORG#acme#CONVERSION#order-1001 / CONVERSION``
"""

from collections.abc import Iterator
from datetime import datetime

from clarion import clock, keys
from clarion.domain.conversions import Attribution, Conversion, ConversionDetails, SentMessage
from clarion.domain.engagement import RETENTION, Kind, MessageRef
from clarion.domain.ids import derived_id
from clarion.domain.verdict import Click
from clarion.storage.engagement import event_from_item, message_ref
from clarion.storage.table import ConditionFailed, Item, Table, put

_PAGE = 200  # events read at a time, newest first
_NOT_SENT = {"failed", "rejected"}


class ConversionTable:
    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, org_id: str, conversion_id: str) -> Conversion | None:
        """The conversion recorded under the caller's id."""
        item = self._table.get(keys.conversion(org_id, conversion_id))
        return _from_item(org_id, item) if item else None

    def add(self, org_id: str, conversion: Conversion) -> bool:
        """Record a conversion and its event, both or neither; False where the id is taken."""
        try:
            self._table.transact([put(_to_item(org_id, conversion), if_absent=True), put(_event(org_id, conversion))])
        except ConditionFailed:
            return False
        return True

    def messages(self, org_id: str, contact_id: str) -> list[SentMessage]:
        """What was sent to a contact."""
        return [
            SentMessage(message_ref(item["pk"], item["sk"]), item["claimed_at"])
            for item in self._table.query_all(keys.person_pk(org_id, contact_id), "MSG#")
            if item.get("state") not in _NOT_SENT
        ]

    def clicks(self, org_id: str, contact_id: str, since: datetime) -> Iterator[tuple[MessageRef, Click]]:
        """A contact's clicks, newest first, straight from the events: counting may lag behind by seconds."""
        pk, oldest, after = keys.person_pk(org_id, contact_id), f"EVENT#{clock.stamp(since)}", None
        while True:
            items, after = self._table.query(pk, "EVENT#", after=after, limit=_PAGE, newest_first=True)
            for item in items:
                if item["sk"] < oldest:
                    return
                if item["kind"] == Kind.CLICK:
                    event = event_from_item(item)
                    if event.message:
                        yield event.message, event.click()
            if after is None:
                return


def _to_item(org_id: str, conversion: Conversion) -> Item:
    details, message = conversion.details, conversion.message
    return {
        **keys.conversion(org_id, details.conversion_id),
        "conversion_id": details.conversion_id,
        "contact": conversion.contact_id,
        "value": details.value,
        "currency": details.currency,
        "campaign": details.campaign_id,
        "type": details.type,
        "occurred_at": clock.stamp(conversion.occurred_at),
        "created_at": clock.stamp(conversion.created_at),
        "msg": keys.message_sk(*message[2:]) if message else None,
        "attribution": conversion.attribution,
    }


def _from_item(org_id: str, item: Item) -> Conversion:
    occurred_at = clock.moment(item["occurred_at"])
    msg, attribution = item.get("msg"), item.get("attribution")
    return Conversion(
        details=ConversionDetails(
            conversion_id=item["conversion_id"],
            value=item["value"],
            currency=item["currency"],
            campaign_id=item.get("campaign"),
            type=item.get("type"),
            occurred_at=occurred_at,
        ),
        contact_id=item["contact"],
        occurred_at=occurred_at,
        created_at=clock.moment(item["created_at"]),
        message=message_ref(keys.person_pk(org_id, item["contact"]), msg) if msg else None,
        attribution=Attribution(attribution) if attribution else None,
    )


def _event(org_id: str, conversion: Conversion) -> Item:
    details, message = conversion.details, conversion.message
    at = clock.stamp(conversion.occurred_at)
    event_id = derived_id("conversion", org_id, details.conversion_id)
    return {
        **keys.event(org_id, conversion.contact_id, at, event_id),
        "kind": Kind.CONVERSION.value,
        "msg": keys.message_sk(*message[2:]) if message else None,
        "at": at,
        "source": "api",
        "value": details.value,
        "currency": details.currency,
        "type": details.type,
        "conversion": details.conversion_id,
        "expires_at": int((conversion.occurred_at + RETENTION).timestamp()),
    }
