"""Audiences uploaded to Meta (https://developers.facebook.com/docs/marketing-api/audiences/guides/custom-audiences)."""

from collections.abc import Sequence

from clarion.channels.graph import Graph, listed, name_of
from clarion.channels.meta_ads import SETTLING_SECONDS
from clarion.channels.steps import Failure, unpublished
from clarion.domain.ad_audience import AudienceMember, UploadedAudience, sha256_hex, trimmed_email
from clarion.domain.outcomes import Accepted, Rejected, Retry, Stop, Unknown

CHUNK = 10_000
"""People in one call: Meta's limit."""


class MetaAudiences:
    """``graph`` holds a token with ``ads_management``; ``account`` is ``act_…`` and has accepted Meta's terms."""

    def __init__(self, graph: Graph, account: str) -> None:
        self._graph, self._account = graph, account

    def begin(self, audience: UploadedAudience) -> Accepted | Rejected | Retry | Stop:
        """As `clarion.domain.ad_audience.AudienceUploads` says: an upload is its audience."""
        name = self._found_or_made(audience)
        return Accepted(name) if isinstance(name, str) else unpublished(name, SETTLING_SECONDS)

    def add(self, upload: str, members: Sequence[AudienceMember]) -> Accepted | Rejected | Retry | Stop:
        """In chunks; Meta takes hours to match people."""
        for start in range(0, len(members), CHUNK):
            rows = [_row(member) for member in members[start : start + CHUNK]]
            added = self._graph.post(f"{upload}/users", payload={"schema": ["EMAIL", "PHONE"], "data": rows})
            if not isinstance(added, dict):
                return unpublished(added)
        return Accepted(upload)

    def finish(self, upload: str) -> Accepted:
        """Whoever was added is in the audience."""
        return Accepted(upload)

    def _found_or_made(self, audience: UploadedAudience) -> str | Failure:
        filtering = [{"field": "name", "operator": "CONTAIN", "value": audience.marker}]
        found = self._graph.get(f"{self._account}/customaudiences", fields="id,name", filtering=filtering)
        if not isinstance(found, dict):
            return found
        for each in listed(found):
            known = name_of(each)
            if known is not None and audience.marker in str(each.get("name")):
                return known
        made = self._graph.post(
            f"{self._account}/customaudiences",
            name=audience.vendor_name,
            subtype="CUSTOM",
            customer_file_source="USER_PROVIDED_ONLY",
        )
        if not isinstance(made, dict):
            return made
        return name_of(made) or Unknown("Meta answered without an id")


def _row(member: AudienceMember) -> list[str]:
    """Meta wants numbers as digits alone; what is missing is empty."""
    email = sha256_hex(trimmed_email(member.email)) if member.email else ""
    return [email, sha256_hex(member.phone.removeprefix("+")) if member.phone else ""]
