"""What ad platforms tell of campaigns that were made: whether they are there, and their figures."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from clarion.domain.ad import AdPlatform, AdResults
from clarion.domain.errors import DomainError
from clarion.domain.outcomes import Accepted, Retry, Stop
from clarion.domain.post import Absent
from clarion.domain.publication import Publication

_DAY = timedelta(days=1)


class AdReports:
    """``platform_of`` gives the platform of an organisation's account by organisation, platform and account; raises
    DomainError or ValueError where there is none."""

    def __init__(self, platform_of: Callable[[str, str, str], AdPlatform], clock: Callable[[], datetime]) -> None:
        self._platform_of, self._clock = platform_of, clock

    def figures(self, publication: Publication) -> dict[str, Decimal] | Absent | Retry | Stop:
        """Totals so far by metric: ``impressions``, ``vendor_clicks``, ``vendor_conversions``, ``spend.<currency>``.

        Vendors count by days of the account's own zone: a day more on either side holds all of them.
        """
        platform = self._platform(publication)
        if isinstance(platform, Stop):
            return platform
        since = (publication.published_at or publication.made_at).astimezone(UTC) - _DAY
        until = self._clock().astimezone(UTC) + _DAY
        found = platform.results(publication.vendor_id, since.date(), until.date())
        return found.figures() if isinstance(found, AdResults) else found

    def find(self, publication: Publication) -> Accepted | Absent | Retry | Stop:
        """Whether the campaign that was asked for is there."""
        platform = self._platform(publication)
        return platform if isinstance(platform, Stop) else platform.find(publication.id)

    def _platform(self, publication: Publication) -> AdPlatform | Stop:
        outlet = publication.outlet
        try:
            return self._platform_of(publication.message.org, outlet.platform, outlet.profile)
        except (DomainError, ValueError) as error:
            return Stop("NotConnected", str(error))
