"""An export of an organisation's suppression list to CSV."""

from clarion.clock import stamp
from clarion.domain.contact import ConsentChannel
from clarion.domain.export_job import ExportJob
from clarion.domain.model import Model
from clarion.domain.suppression import Suppression

SUPPRESSION_COLUMNS = (
    "channel",
    "address",
    "reason",
    "source",
    "campaignId",
    "contactId",
    "importId",
    "createdBy",
    "note",
    "createdAt",
)


class SuppressionPlace(Model):
    """Where a walk over the list goes on: after ``address`` of the channel at ``index``, or at its beginning."""

    index: int = 0
    address: str | None = None


class SuppressionExport(ExportJob):
    """Addresses of ``channels``, one channel after the other."""

    channels: tuple[ConsentChannel, ...]
    place: SuppressionPlace = SuppressionPlace()


def suppression_row(suppression: Suppression) -> list[str]:
    """The cells of a suppressed address."""
    said = (
        suppression.source,
        suppression.campaign,
        suppression.contact,
        suppression.import_id,
        suppression.created_by,
        suppression.note,
    )
    cells = [suppression.channel, suppression.address, suppression.reason, *(text or "" for text in said)]
    return [*cells, stamp(suppression.created_at)]
