"""Ad campaigns: how they are composed and made, whom they are shown to, and what the vendors tell of them."""

import time
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from clarion.clock import now
from clarion.wiring.clients import table
from clarion.wiring.contacts import contact_documents
from clarion.wiring.integrations import credentials_for, origins
from clarion.wiring.posts import note_use, publications
from clarion.wiring.suppressions import suppression_table

if TYPE_CHECKING:
    from clarion.channels.ad_adapters import AdAdapters
    from clarion.content.compose_ad import AdComposer
    from clarion.domain.ad import AdPlatform
    from clarion.domain.ad_audience import AudienceUploads
    from clarion.domain.advertisement import FrozenAdvertisement
    from clarion.domain.run import BatchId, Run, RunId
    from clarion.services.ad_delivery import AdDelivery
    from clarion.services.ad_reports import AdReports
    from clarion.services.audience_upload import AudienceUpload


def ad_platform_for(org_id: str, platform: str, account: str) -> "AdPlatform":
    """What makes the campaigns of an organisation's ad account. Raises as `credentials_for`, and ValueError for what is
    no ad account of the platform."""
    from clarion.domain.development import PLATFORM

    if platform == PLATFORM:
        from clarion.wiring.development import development_ads

        return development_ads()
    return _adapters(org_id, platform).platform(platform, account)


def audience_uploads_for(org_id: str, platform: str, account: str) -> "AudienceUploads":
    """What takes the audiences of an organisation's ad account; raises likewise."""
    from clarion.domain.development import PLATFORM

    if platform == PLATFORM:
        from clarion.wiring.development import development_audiences

        return development_audiences()
    return _adapters(org_id, platform).audiences(platform, account)


def _adapters(org_id: str, platform: str) -> "AdAdapters":
    from clarion.channels.ad_adapters import AdAdapters

    return AdAdapters(credentials_for(org_id, platform)[1], origins())


@cache
def audience_upload() -> "AudienceUpload":
    from clarion.services.audience_upload import AudienceUpload
    from clarion.storage.audience_progress import AudienceProgressTable
    from clarion.wiring.delivery import runs

    return AudienceUpload(runs(), contact_documents(), suppression_table(), AudienceProgressTable(table()))


def ad_delivery(org_id: str) -> "AdDelivery":
    """What an organisation's ad campaigns leave by; each account's platform is looked up when its turn comes."""
    from clarion.services.ad_delivery import AdDelivery

    return AdDelivery(
        lambda platform, account: ad_platform_for(org_id, platform, account),
        lambda platform, account: audience_uploads_for(org_id, platform, account),
        audience_upload(),
        publications(),
        lambda platform, outcome: note_use(org_id, platform, outcome),
        now,
        time.monotonic,
    )


@lru_cache(maxsize=64)
def _frozen(run_id: "RunId", digest: str) -> "FrozenAdvertisement":
    """Content never changes under its digest."""
    from clarion.domain.advertisement import FrozenAdvertisement
    from clarion.wiring.delivery import runs

    return FrozenAdvertisement.model_validate_json(runs().content(run_id, digest))


def ad_composer(run: "Run", batch_id: "BatchId", variant: str) -> "AdComposer":
    """Composes the ad campaigns of one step of a run."""
    from clarion.content.compose_ad import AdComposer
    from clarion.domain.ad import soonest_start
    from clarion.wiring.delivery import tracking_urls

    step, frozen = run.step(batch_id).id, _frozen(run.id, run.content_of(batch_id, variant).digest)
    start_at = soonest_start(run.plan.base, now())
    return AdComposer(run, step, frozen.advertisement, tracking_urls(run, step), frozen.name, start_at, run.plan.end_at)


@cache
def ad_reports() -> "AdReports":
    """Whether campaigns that were asked for are at the vendor, and what they have cost and brought."""
    from clarion.services.ad_reports import AdReports

    return AdReports(ad_platform_for, now)
