"""A search campaign as operations of Google's ``googleAds:mutate``.

https://developers.google.com/google-ads/api/docs/mutating/bulk-mutate#use_temporary_resource_names
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from clarion.channels.google_ads_client import Json
from clarion.domain.ad import SEARCH_DESCRIPTIONS, SEARCH_HEADLINES, AdCampaign
from clarion.domain.outcomes import Rejected

MICROS = 1_000_000
"""Google's units of money in one of the currency's."""


def refusal(campaign: AdCampaign) -> Rejected | None:
    """What Google would refuse of it."""
    for what, texts, (least, most, length) in (
        ("headlines", campaign.headlines, SEARCH_HEADLINES),
        ("descriptions", campaign.descriptions, SEARCH_DESCRIPTIONS),
    ):
        if not least <= len(texts) <= most or any(len(text) > length for text in texts):
            return Rejected("AdText", f"a search ad has {least} to {most} {what} of at most {length} characters")
    return None if campaign.keywords else Rejected("Keywords", "a search campaign needs keywords")


def operations(customer: str, campaign: AdCampaign, zone: ZoneInfo, places: Sequence[str]) -> Iterator[Json]:
    """What one atomic call makes, by names below zero that hold within it.

    ``zone`` is the account's, ``places`` are Google's names of the countries.
    """
    budget, top, group = f"{customer}/campaignBudgets/-1", f"{customer}/campaigns/-2", f"{customer}/adGroups/-3"
    political = "politics" in campaign.special_categories
    yield {"campaignBudgetOperation": {"create": {
        "resourceName": budget, "amountMicros": str(int(campaign.daily_budget * MICROS)),
        "deliveryMethod": "STANDARD", "explicitlyShared": False,
    }}}  # fmt: skip
    yield {"campaignOperation": {"create": {
        "resourceName": top, "name": campaign.vendor_name, "status": "PAUSED",
        "advertisingChannelType": "SEARCH", "campaignBudget": budget, "targetSpend": {},
        "networkSettings": {
                "targetGoogleSearch": True, "targetSearchNetwork": False, "targetContentNetwork": False,
            },
        "containsEuPoliticalAdvertising": (
            "CONTAINS_EU_POLITICAL_ADVERTISING" if political else "DOES_NOT_CONTAIN_EU_POLITICAL_ADVERTISING"
        ),
        "startDateTime": f"{_day(campaign.start_at, zone)} 00:00:00",
        **({"endDateTime": f"{_day(campaign.end_at, zone)} 23:59:59"} if campaign.end_at else {}),
    }}}  # fmt: skip
    for place in places:
        yield {"campaignCriterionOperation": {
            "create": {"campaign": top, "location": {"geoTargetConstant": place}},
        }}  # fmt: skip
    if campaign.audience_id:
        audience = {"userList": f"{customer}/userLists/{campaign.audience_id}"}
        yield {"campaignCriterionOperation": {"create": {"campaign": top, "userList": audience}}}
    yield {"adGroupOperation": {"create": {
        "resourceName": group, "name": campaign.vendor_name, "campaign": top, "status": "ENABLED",
        "type": "SEARCH_STANDARD",
    }}}  # fmt: skip
    for keyword in campaign.keywords:
        yield {"adGroupCriterionOperation": {"create": {
            "adGroup": group, "status": "ENABLED", "keyword": {"text": keyword, "matchType": "PHRASE"},
        }}}  # fmt: skip
    words = {
        "headlines": [{"text": text} for text in campaign.headlines],
        "descriptions": [{"text": text} for text in campaign.descriptions],
    }
    yield {"adGroupAdOperation": {"create": {
        "adGroup": group, "status": "ENABLED", "ad": {"finalUrls": [campaign.url], "responsiveSearchAd": words},
    }}}  # fmt: skip


def _day(at: datetime, zone: ZoneInfo) -> str:
    """Search campaigns begin and end with a day of the account's."""
    return at.astimezone(zone).date().isoformat()
