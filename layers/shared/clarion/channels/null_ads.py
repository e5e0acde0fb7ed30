"""The ad account that leads nowhere, for development: every campaign is accepted, nobody sees it, nothing is spent."""

from collections.abc import Sequence
from datetime import date
from hashlib import sha256

from clarion.domain.ad import AdCampaign, AdResults
from clarion.domain.ad_audience import AudienceMember, UploadedAudience
from clarion.domain.outcomes import Accepted
from clarion.domain.post import Absent


class NullAdPlatform:
    """The vendor id follows from the campaign's, so that a rerun gives the same."""

    def create(self, campaign: AdCampaign) -> Accepted:
        """Always `Accepted`."""
        return Accepted(f"null-{campaign.id}")

    def find(self, _campaign_id: str) -> Absent:
        """Nothing is kept."""
        return Absent()

    def results(self, _vendor_id: str, _since: date, _until: date) -> AdResults:
        """Nobody has seen it."""
        return AdResults()


class NullAudiences:
    """Forgets whoever is added."""

    def begin(self, audience: UploadedAudience) -> Accepted:
        """`Accepted` under a number, as vendors name audiences."""
        return Accepted(audience_number(audience))

    def add(self, upload: str, _members: Sequence[AudienceMember]) -> Accepted:
        """Always `Accepted`."""
        return Accepted(upload)

    def finish(self, upload: str) -> Accepted:
        """The audience is what was begun."""
        return Accepted(upload)


def audience_number(audience: UploadedAudience) -> str:
    """A vendor's id, which is a number; the same for the same audience."""
    return str(int.from_bytes(sha256(audience.id.encode()).digest()[:7]))
