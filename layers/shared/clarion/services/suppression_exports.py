"""Exports of the suppression list: their start, and the rows the export worker writes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from clarion.domain.contact import CONSENT_CHANNELS, ConsentChannel
from clarion.domain.suppression import Suppression
from clarion.domain.suppression_export import (
    SUPPRESSION_COLUMNS,
    SuppressionExport,
    SuppressionPlace,
    suppression_row,
)
from clarion.services.exports import Downloads, Exports, ExportService, JobQueue

PAGE = 1000  # addresses read at once


class Suppressions(Protocol):
    def list(
        self, org_id: str, channel: ConsentChannel, limit: int, position: Mapping[str, Any] | None = None
    ) -> tuple[list[Suppression], dict[str, Any] | None]: ...


class SuppressionExportService(ExportService[SuppressionExport]):
    def __init__(
        self, exports: Exports[SuppressionExport], files: Downloads, queue: JobQueue, clock: Callable[[], datetime]
    ) -> None:
        super().__init__("suppressions", exports, files, queue)
        self._clock = clock

    def start(self, org_id: str, export_id: str, user_id: str, channel: ConsentChannel | None) -> SuppressionExport:
        """A new export (the same again for the same id), queued; of all channels where ``channel`` is None."""
        now = self._clock()
        job = SuppressionExport(
            id=export_id,
            created_by=user_id,
            created_at=now,
            touched_at=now,
            channels=(channel,) if channel else CONSENT_CHANNELS,
        )
        return self.begin(org_id, job)


class SuppressionRows:
    """The addresses of each channel, in their order."""

    def __init__(self, suppressions: Suppressions) -> None:
        self._suppressions = suppressions

    def prepare(
        self,
        org_id: str,  # noqa: ARG002 - nothing has to be known beforehand
        job: SuppressionExport,
        late: Callable[[], bool],  # noqa: ARG002 - likewise
    ) -> tuple[SuppressionExport, bool]:
        return job, True

    def header(self, job: SuppressionExport) -> Sequence[str]:  # noqa: ARG002 - the columns are always these
        return SUPPRESSION_COLUMNS

    def pages(self, org_id: str, job: SuppressionExport) -> Iterator[tuple[list[list[str]], SuppressionPlace]]:
        place = job.place
        while place.index < len(job.channels):
            position = {"address": place.address} if place.address else None
            found, after = self._suppressions.list(org_id, job.channels[place.index], PAGE, position)
            place = (
                SuppressionPlace(index=place.index, address=after["address"])
                if after
                else SuppressionPlace(index=place.index + 1)
            )
            yield [suppression_row(suppression) for suppression in found], place
