"""Records of the table's stream, as journeys see them: contacts that were added or changed, and events.

contact  pk ``ORG#<org>#CONTACTS#<shard>``   sk ``CONTACT#<id>``
event    pk ``ORG#<org>#CONTACT#<contact>``  sk ``EVENT#<time>#<id>``
"""

import json
from collections.abc import Mapping
from typing import Any

from clarion.domain.engagement import Malformed
from clarion.domain.entry import Act, Change
from clarion.domain.reaching import act_of
from clarion.storage.engagement import event_from_item
from clarion.storage.table import from_wire

LONGEST_STATUS = 128  # characters of a lead status that a milestone may wait for

Record = Mapping[str, Any]


class CandidateReader:
    """Reads records as Lambda gives them. One it cannot read lets nobody in: counting reports what is broken."""

    def organisation_of(self, record: Record) -> str | None:
        """Whose contact or event it is, by its key alone; None for any other record."""
        found = record.get("dynamodb", {}).get("Keys", {})
        pk, sk = found.get("pk", {}).get("S", ""), found.get("sk", {}).get("S", "")
        word, _, rest = pk.partition("#")
        event = sk.startswith("EVENT#") and record.get("eventName") == "INSERT"
        contact = sk.startswith("CONTACT#") and record.get("eventName") in ("INSERT", "MODIFY")
        return rest.partition("#")[0] if word == "ORG" and (event or contact) else None

    def candidate_of(self, record: Record) -> Change | Act | None:
        """What happened to a contact; None where no journey can be waiting for it."""
        images = record["dynamodb"]
        try:
            if images["Keys"]["sk"]["S"].startswith("EVENT#"):
                return act_of(event_from_item(from_wire(images["NewImage"])))
            return _change(images["Keys"]["sk"]["S"], images["NewImage"], images.get("OldImage", {}))
        except (Malformed, KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
            return None


def _change(sk: str, new: Mapping[str, Any], old: Mapping[str, Any]) -> Change | None:
    """None where only what stands beside the contact was changed."""
    if new["body"] == old.get("body"):
        return None
    status = _lead_status(new)
    is_new = status != _lead_status(old) and isinstance(status, str) and len(status) <= LONGEST_STATUS
    return Change(sk.removeprefix("CONTACT#"), status if is_new else "")


def _lead_status(image: Mapping[str, Any]) -> Any:
    if "body" not in image:
        return None
    return json.loads(image["body"]["S"]).get("attributes", {}).get("leadStatus")
