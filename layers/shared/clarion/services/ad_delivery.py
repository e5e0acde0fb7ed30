"""Making ad campaigns: the audience first where one is wanted, then the campaign, paused, and what is known of it kept.

Nothing is spent and nobody sees anything before a person starts the campaign at the vendor, so whatever is unclear is
tried again: the vendor's campaign is found by our id in its name.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from clarion.domain.ad import AdPlatform
from clarion.domain.ad_audience import AudienceUploads
from clarion.domain.errors import DomainError
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Retry, Stop
from clarion.domain.outlet_ad import OutletAd
from clarion.domain.publication import Publication

UPLOADING_MS = 10_000
"""How long one call goes on uploading an audience; a vendor's answer may take as long again."""


class Publications(Protocol):
    def begin(self, publication: Publication) -> Publication | None:
        """Keep it as ``calling``; the earlier attempt that stands in its way, if any."""

    def published(self, publication: Publication, vendor_id: str, at: datetime) -> Publication: ...
    def failed(self, publication: Publication) -> None: ...


class Audiences(Protocol):
    def progress(
        self, ad: OutletAd, uploads: AudienceUploads, remaining_ms: Callable[[], int]
    ) -> Accepted | Rejected | Retry | Stop:
        """`Accepted` names the vendor's audience; `Retry` asks to be called again."""


class AdDelivery:
    """What an organisation's ad campaigns leave by, as `SendService` sees it.

    ``platform_of`` and ``uploads_of`` give what makes the campaigns, and takes the audiences, of a platform's account;
    they raise DomainError or ValueError where there is none. ``note`` hears what each platform made of a campaign, and
    never raises. ``seconds`` is a clock that never goes back, of any origin.
    """

    max_batch = 1

    def __init__(
        self,
        platform_of: Callable[[str, str], AdPlatform],
        uploads_of: Callable[[str, str], AudienceUploads],
        audiences: Audiences,
        publications: Publications,
        note: Callable[[str, Outcome], None],
        clock: Callable[[], datetime],
        seconds: Callable[[], float],
    ) -> None:
        self._platform_of, self._uploads_of, self._audiences = platform_of, uploads_of, audiences
        self._publications, self._note, self._clock, self._seconds = publications, note, clock, seconds

    def send(self, messages: Sequence[OutletAd]) -> list[Outcome]:
        """Make one campaign, paused, and once however often it is asked for."""
        if len(messages) > self.max_batch:
            raise ValueError("ad campaigns are made one by one")
        return [self._make(message) for message in messages]

    def _make(self, ad: OutletAd) -> Accepted | Rejected | Retry | Stop:
        outlet, campaign = ad.outlet, ad.campaign
        try:
            platform = self._platform_of(outlet.platform, outlet.profile)
            uploads = self._uploads_of(outlet.platform, outlet.profile) if ad.for_audience else None
        except (DomainError, ValueError) as error:
            return Stop("NotConnected", str(error))
        wanted = Publication(
            message=ad.message, outlet=outlet, made_at=self._clock(), link=campaign.url, ends_at=campaign.end_at
        )
        earlier = self._publications.begin(wanted)
        if earlier is not None and earlier.published:
            return Accepted(earlier.vendor_id)
        outcome = self._with_audience(ad, platform, uploads)
        self._note(outlet.platform, outcome)
        begun = earlier or wanted
        if isinstance(outcome, Accepted):
            self._publications.published(begun, outcome.vendor_id, self._clock())
        else:
            self._publications.failed(begun)
        return outcome

    def _with_audience(
        self, ad: OutletAd, platform: AdPlatform, uploads: AudienceUploads | None
    ) -> Accepted | Rejected | Retry | Stop:
        if uploads is None:
            return platform.create(ad.campaign)
        until = self._seconds() + UPLOADING_MS / 1000
        uploaded = self._audiences.progress(ad, uploads, lambda: int((until - self._seconds()) * 1000))
        if not isinstance(uploaded, Accepted):
            return uploaded
        return platform.create(replace(ad.campaign, audience_id=uploaded.vendor_id))
