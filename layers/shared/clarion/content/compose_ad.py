"""From an ad account to the very campaign that is made there: with its own tracked link."""

from datetime import datetime

from clarion.domain.ad import AdCampaign
from clarion.domain.ad_requirements import missing
from clarion.domain.advertisement import Advertisement
from clarion.domain.engagement import MessageRef
from clarion.domain.outlet import Outlet
from clarion.domain.outlet_ad import OutletAd
from clarion.domain.publication import publication_id
from clarion.domain.run import Run
from clarion.hot.urls import TrackingUrls


class AdComposer:
    """Composes the ad campaigns of one step of a run. ``urls`` are the step's, whose first link is the content's
    ``url``; ``name`` is the campaign's as of the launch."""

    def __init__(
        self,
        run: Run,
        step: str,
        content: Advertisement,
        urls: TrackingUrls,
        name: str,
        start_at: datetime,
        end_at: datetime | None,
    ) -> None:
        self._run, self._step, self._content, self._urls = run, step, content, urls
        self._name, self._start_at, self._end_at = name, start_at, end_at

    def compose(self, outlet: Outlet) -> OutletAd:
        """The same id in every attempt. Raises ValueError for what the account's platform could not make."""
        run, content = self._run.id, self._content
        lacking = missing(content, outlet.platform)
        if lacking is not None or content.daily_budget is None:
            field, reason = lacking or ("dailyBudget", "missing")
            raise ValueError(f"ads.{field}: {reason}")
        message = MessageRef(run.org, outlet.id, run.campaign, run.run, self._step, self._run.channel)
        campaign = AdCampaign(
            id=publication_id(message),
            name=self._name,
            daily_budget=content.daily_budget.amount,
            currency=content.daily_budget.currency,
            url=self._urls.click(outlet.id, 0),
            headlines=content.headlines,
            descriptions=content.descriptions,
            countries=content.countries,
            advertiser=content.advertiser,
            start_at=self._start_at,
            end_at=self._end_at,
            keywords=content.keywords,
            image_url=content.image_url,
            special_categories=content.special_categories,
        )
        return OutletAd(message, outlet, campaign, content.upload_audience)
