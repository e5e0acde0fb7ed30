"""Publications in memory, and one to begin with."""

from datetime import UTC, datetime
from typing import Any

from clarion.domain.engagement import MessageRef
from clarion.domain.outlet import Outlet
from clarion.domain.publication import Publication
from clarion.storage.publications import PublicationTable
from tests.fakes.table import TableInMemory

ORG = "01J00000000000000000000ACM"
CAMPAIGN = "01J0000000000000000000CAMP"
PAGE = Outlet(platform="facebook", profile="1234", name="Our page")
MADE_AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


class PublicationsInMemory(PublicationTable):
    """The real thing on the table in memory, which ``table`` shows."""

    def __init__(self) -> None:
        self.table = TableInMemory()
        super().__init__(self.table)


def publication(outlet: Outlet = PAGE, channel: str = "social", **fields: Any) -> Publication:
    """Of run 1 and step 1, unless ``message`` says otherwise."""
    given = {
        "message": MessageRef(ORG, outlet.id, CAMPAIGN, 1, "1", channel),
        "made_at": MADE_AT,
        "text": "Hello",
        "link": f"https://track.example/{outlet.id}",
        **fields,
    }
    return Publication(outlet=outlet, **given)
