"""Destinations of tracked links. A run's link table never changes, so a worker asks for it once."""

from clarion import keys
from clarion.hot import location
from clarion.hot.table import HotTable
from clarion.hot.token import Ticket

CAPACITY = 256  # link tables a worker keeps: at 100 links of 100 characters about 4 MB


class LinkTables:
    """Link tables of runs, as they are asked for; the oldest gives way."""

    def __init__(self, table: HotTable) -> None:
        self._table = table
        self._kept: dict[tuple[str, str, int, str], list[str]] = {}

    def destination(self, campaign: str, step: str, ticket: Ticket) -> str | None:
        """A safe ``Location`` of the ticket's link; ``None`` where it has none. May raise ``DynamoError``."""
        run = (ticket.org, campaign, ticket.run, step)
        urls = self._kept.get(run)
        if urls is None:
            urls = self._table.texts(keys.links(*run), "urls")
            if urls is None:
                return None
            if len(self._kept) >= CAPACITY:
                del self._kept[next(iter(self._kept))]
            self._kept[run] = urls
        return location.safe(urls[ticket.link]) if ticket.link < len(urls) else None
