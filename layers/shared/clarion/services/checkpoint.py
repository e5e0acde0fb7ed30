"""Keeping how far a job has come."""

from typing import Protocol, TypeVar

from clarion.domain.contact_export import ContactExport
from clarion.domain.contact_import import ContactImport
from clarion.domain.errors import Stale
from clarion.domain.recipient_export import RecipientExport
from clarion.domain.suppression_export import SuppressionExport
from clarion.domain.suppression_import import SuppressionImport

J = TypeVar("J", ContactImport, SuppressionImport, ContactExport, RecipientExport, SuppressionExport)


class Jobs(Protocol[J]):
    def get(self, org_id: str, record_id: str) -> J: ...
    def replace(self, org_id: str, record: J) -> J: ...


def keep(jobs: Jobs[J], org_id: str, job: J) -> J:
    """Keep a job that was read at its version. Raises Stale when another worker moved it.

    A write whose answer was lost is repeated by the client and then meets itself: that one counts as kept.
    """
    try:
        return jobs.replace(org_id, job)
    except Stale:
        found = jobs.get(org_id, job.id)
        if found.model_dump(exclude={"version"}) != job.model_dump(exclude={"version"}):
            raise
        return found
