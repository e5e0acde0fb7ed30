"""All contacts, shard after shard, as the rows of an export.

They are walked twice, since the columns depend on the attributes of all; contacts that change meanwhile are written as
they are when they are read.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from clarion.domain.contact_export import ContactExport, Place, export_header, export_row
from clarion.keys import CONTACT_SHARDS
from clarion.services.checkpoint import Jobs, keep

PAGE = 1000  # contacts read at once

Documents = Sequence[Mapping[str, Any]]


class Contacts(Protocol):
    def page_of_shard(self, org_id: str, shard: int, after: str | None, limit: int) -> tuple[Documents, str | None]:
        """Documents in order of id after ``after``, and the id to go on after (None at the end)."""


class ContactRows:
    def __init__(self, exports: Jobs[ContactExport], contacts: Contacts, clock: Callable[[], datetime]) -> None:
        self._exports, self._contacts, self._clock = exports, contacts, clock

    def prepare(self, org_id: str, job: ContactExport, late: Callable[[], bool]) -> tuple[ContactExport, bool]:
        """Collect the names of all attributes; what it has come to is kept after each shard."""
        for page, place in self._documents(org_id, job.place):
            names = {name for document in page for name in document["attributes"]}
            job = job.walked(names, place, self._clock())
            stops = late()
            if stops or place.after is None:
                job = keep(self._exports, org_id, job)
            if stops:
                return job, False
        return job.columns_known(self._clock()), True

    def header(self, job: ContactExport) -> Sequence[str]:
        return export_header(job.attributes)

    def pages(self, org_id: str, job: ContactExport) -> Iterator[tuple[list[list[str]], Place]]:
        for page, place in self._documents(org_id, job.place):
            yield [export_row(document, job.attributes) for document in page], place

    def _documents(self, org_id: str, place: Place) -> Iterator[tuple[Documents, Place]]:
        """Pages of contacts from ``place`` on, each with the place after it."""
        shard, after = place.shard, place.after
        while shard < CONTACT_SHARDS:
            page, after = self._contacts.page_of_shard(org_id, shard, after, PAGE)
            if after is None:
                shard += 1
            yield page, Place(shard=shard, after=after)
