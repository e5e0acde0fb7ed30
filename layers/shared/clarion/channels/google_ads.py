"""Search campaigns on Google (https://developers.google.com/google-ads/api/docs/campaigns/overview).

Budget, campaign, targeting, ad group, keywords and ad are made in one atomic call, the campaign paused. Google refuses
a second campaign of the same name, and our id is in it.
"""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from clarion.channels import google_search_ad
from clarion.channels.google_ads_client import GoogleAdsClient, Json, within
from clarion.channels.google_ads_outcomes import DUPLICATES
from clarion.channels.steps import Failure, unpublished, unread
from clarion.domain.ad import AdCampaign, AdResults, marker_of
from clarion.domain.outcomes import Accepted, Rejected, Retry, Stop
from clarion.domain.post import Absent

_METRICS = ("cost_micros", "impressions", "clicks", "conversions")


class GoogleAds:
    """Campaigns of the account that ``client`` speaks for."""

    def __init__(self, client: GoogleAdsClient) -> None:
        self._client = client

    def create(self, campaign: AdCampaign) -> Accepted | Rejected | Retry | Stop:
        """As `clarion.domain.ad.AdPlatform` says."""
        refusal = google_search_ad.refusal(campaign)
        if refusal is not None:
            return refusal
        found = self._find(campaign.id)
        if found is not None:
            return Accepted(found) if isinstance(found, str) else unpublished(found)
        operations = self._operations(campaign)
        if not isinstance(operations, list):
            return unpublished(operations)
        made = self._client.post(f"{self._client.customer}/googleAds:mutate", {"mutateOperations": operations})
        if isinstance(made, Rejected) and made.code in DUPLICATES:
            found = self._find(campaign.id)
            return Accepted(found) if isinstance(found, str) else Retry(None, "made before, and not listed yet")
        if not isinstance(made, dict):
            return unpublished(made)
        name = _campaign_id(made)
        return Accepted(name) if name else Retry(None, "Google answered without the campaign's name")

    def find(self, campaign_id: str) -> Accepted | Absent | Retry | Stop:
        """As `clarion.domain.ad.AdPlatform` says: all of a campaign is made at once."""
        found = self._find(campaign_id)
        if found is None:
            return Absent()
        return Accepted(found) if isinstance(found, str) else unread(found)

    def results(self, vendor_id: str, since: date, until: date) -> AdResults | Absent | Retry | Stop:
        """Conversions are those that the account counts."""
        if not vendor_id.isdigit():
            return Absent()
        rows = self._client.search(
            "campaign",
            ["customer.currency_code", *(f"metrics.{name}" for name in _METRICS)],
            f"campaign.id = {vendor_id}",
            f"segments.date BETWEEN '{since.isoformat()}' AND '{until.isoformat()}'",
        )
        if not isinstance(rows, list):
            return unread(rows)
        if not rows:
            return AdResults()
        return AdResults(
            spend=Decimal(sum(_whole(row, "costMicros") for row in rows)) / google_search_ad.MICROS,
            currency=within(rows[0], "customer", "currencyCode"),
            impressions=sum(_whole(row, "impressions") for row in rows),
            clicks=sum(_whole(row, "clicks") for row in rows),
            conversions=sum((Decimal(str(within(row, "metrics", "conversions") or 0)) for row in rows), Decimal(0)),
        )

    def _find(self, campaign_id: str) -> str | Failure | None:
        """By our id alone: people may rename the rest."""
        rows = self._client.search(
            "campaign",
            ["campaign.id", "campaign.name"],
            f"campaign.name LIKE '%{campaign_id}%'",
            "campaign.status != 'REMOVED'",
        )
        if not isinstance(rows, list):
            return rows
        ours = (row for row in rows if marker_of(campaign_id) in str(within(row, "campaign", "name")))
        return next((str(within(row, "campaign", "id")) for row in ours), None)

    def _operations(self, campaign: AdCampaign) -> list[Json] | Failure:
        rows = self._client.search("customer", ["customer.currency_code", "customer.time_zone"])
        if not isinstance(rows, list):
            return rows
        account = within(rows[0] if rows else None, "customer")
        currency = within(account, "currencyCode")
        if currency != campaign.currency:
            return Stop("Currency", f"the ad account is in {currency}, the campaign in {campaign.currency}")
        try:
            zone = ZoneInfo(str(within(account, "timeZone")))
        except (ZoneInfoNotFoundError, ValueError):
            return Stop("TimeZone", "the ad account has no time zone")
        places = self._places(campaign)
        if not isinstance(places, list):
            return places
        return list(google_search_ad.operations(self._client.customer, campaign, zone, places))

    def _places(self, campaign: AdCampaign) -> list[str] | Failure:
        """Google's names of the countries."""
        codes = ", ".join(f"'{country}'" for country in campaign.countries)
        rows = self._client.search(
            "geo_target_constant",
            ["geo_target_constant.resource_name", "geo_target_constant.country_code"],
            f"geo_target_constant.country_code IN ({codes})",
            "geo_target_constant.target_type = 'Country'",
        )
        if not isinstance(rows, list):
            return rows
        known = {within(row, "geoTargetConstant", "countryCode") for row in rows}
        missing = sorted(set(campaign.countries) - known)
        if missing:
            return Rejected("Country", f"Google shows no ads in {', '.join(missing)}")
        return [within(row, "geoTargetConstant", "resourceName") for row in rows]


def _campaign_id(made: Json) -> str | None:
    responses = made.get("mutateOperationResponses")
    names = [within(each, "campaignResult", "resourceName") for each in responses or [] if isinstance(responses, list)]
    return next((name.rpartition("/")[2] for name in names if isinstance(name, str)), None)


def _whole(row: Json, metric: str) -> int:
    """64-bit numbers are text in proto3 JSON."""
    told = within(row, "metrics", metric)
    return int(told) if isinstance(told, str | int) and str(told).lstrip("-").isdigit() else 0
