"""Campaigns on Facebook and Instagram through Meta's Marketing API (https://developers.facebook.com/docs/marketing-api).

Campaign, ad set, creative and ad are made one after the other, all paused. Each is looked for by our id in its name
first; a creative that no ad uses costs nothing.
"""

from datetime import date
from decimal import Decimal, InvalidOperation

from clarion.channels.graph import Graph, Json, listed, name_of
from clarion.channels.graph_outcomes import GONE
from clarion.channels.steps import Failure, unpublished, unread
from clarion.domain.ad import WHOLE_UNIT_CURRENCIES, AdCampaign, AdResults, SpecialCategory, marker_of
from clarion.domain.outcomes import Accepted, Rejected, Retry, Stop, Unknown
from clarion.domain.post import Absent

SETTLING_SECONDS = 60.0
"""After this Meta lists what it has made: a repeated attempt must not miss it."""

_CATEGORIES: dict[SpecialCategory, str] = {
    "employment": "EMPLOYMENT",
    "financial": "FINANCIAL_PRODUCTS_SERVICES",
    "gambling": "ONLINE_GAMBLING_AND_GAMING",
    "housing": "HOUSING",
    "politics": "ISSUES_ELECTIONS_POLITICS",
}
_CONVERSIONS = {"omni_purchase", "lead", "omni_complete_registration"}
_PAGES = 20
_PER_PAGE = 100


class MetaAds:
    """``graph`` holds a token with ``ads_management``; ``account`` is ``act_…``; ads are published as ``page_id``."""

    def __init__(self, graph: Graph, account: str, page_id: str) -> None:
        self._graph, self._account, self._page_id = graph, account, page_id

    def create(self, campaign: AdCampaign) -> Accepted | Rejected | Retry | Stop:
        """As `clarion.domain.ad.AdPlatform` says."""
        budget = campaign.daily_budget * (1 if campaign.currency in WHOLE_UNIT_CURRENCIES else 100)
        if budget != int(budget):
            return Rejected("Budget", f"a budget in {campaign.currency} has no fractions")
        made = self._create(campaign, int(budget))
        return Accepted(made) if isinstance(made, str) else unpublished(made, SETTLING_SECONDS)

    def find(self, campaign_id: str) -> Accepted | Absent | Retry | Stop:
        """As `clarion.domain.ad.AdPlatform` says: the ad is what is made last."""
        marker = marker_of(campaign_id)
        top = self._find(f"{self._account}/campaigns", marker)
        ad = self._find(f"{top}/ads", marker) if isinstance(top, str) else top
        if ad is None:
            return Absent()
        return Accepted(str(top)) if isinstance(ad, str) else unread(ad)

    def results(self, vendor_id: str, since: date, until: date) -> AdResults | Absent | Retry | Stop:
        """Conversions are purchases, leads and registrations that Meta attributes."""
        found = self._graph.get(
            f"{vendor_id}/insights",
            fields="spend,account_currency,impressions,inline_link_clicks,actions",
            time_range={"since": since.isoformat(), "until": until.isoformat()},
        )
        if isinstance(found, Rejected) and found.code == GONE:
            return Absent()
        if not isinstance(found, dict):
            return unread(found)
        rows = listed(found)
        return _results(rows[0]) if rows else AdResults()

    def _create(self, campaign: AdCampaign, budget: int) -> str | Failure:
        account = self._graph.get(self._account, fields="currency")
        if not isinstance(account, dict):
            return account
        if account.get("currency") != campaign.currency:
            return Stop(
                "Currency", f"the ad account is in {account.get('currency')}, the campaign in {campaign.currency}"
            )
        name = {"name": campaign.vendor_name, "status": "PAUSED"}
        top = self._found_or_made(f"{self._account}/campaigns", campaign, {**name, **_campaign(campaign)})
        if not isinstance(top, str):
            return top
        group = {**name, "campaign_id": top, "daily_budget": budget, **_ad_set(campaign)}
        ad_set = self._found_or_made(f"{self._account}/adsets", campaign, group, below=f"{top}/adsets")
        if not isinstance(ad_set, str):
            return ad_set
        ad = self._find(f"{top}/ads", campaign.marker)
        if ad is None:
            creative = self._make(f"{self._account}/adcreatives", self._creative(campaign))
            if not isinstance(creative, str):
                return creative
            ad = self._make(f"{self._account}/ads", {**name, "adset_id": ad_set, "creative": {"creative_id": creative}})
        return top if isinstance(ad, str) else ad

    def _found_or_made(self, edge: str, campaign: AdCampaign, fields: Json, below: str | None = None) -> str | Failure:
        found = self._find(below or edge, campaign.marker)
        return self._make(edge, fields) if found is None else found

    def _find(self, edge: str, marker: str) -> str | Failure | None:
        """Among what the edge lists, page by page; Meta's own filter shortens the list of an account's campaigns."""
        filtering = [{"field": "name", "operator": "CONTAIN", "value": marker}] if edge.startswith("act_") else None
        after: str | None = None
        for _ in range(_PAGES):
            found = self._graph.get(edge, fields="id,name", limit=_PER_PAGE, filtering=filtering, after=after)
            if not isinstance(found, dict):
                return found
            for each in listed(found):
                if marker in str(each.get("name")):
                    return name_of(each)
            after = _next_page(found)
            if after is None:
                return None
        return Retry(None, "Meta lists more than can be looked through")

    def _make(self, edge: str, fields: Json) -> str | Failure:
        made = self._graph.post(edge, **fields)
        if not isinstance(made, dict):
            return made
        return name_of(made) or Unknown("Meta answered without an id")

    def _creative(self, campaign: AdCampaign) -> Json:
        link: Json = {
            "link": campaign.url,
            "message": campaign.descriptions[0],
            "name": campaign.headlines[0],
            "call_to_action": {"type": "LEARN_MORE", "value": {"link": campaign.url}},
        }
        if campaign.image_url:
            link["picture"] = campaign.image_url
        return {"name": campaign.vendor_name, "object_story_spec": {"page_id": self._page_id, "link_data": link}}


def _campaign(campaign: AdCampaign) -> Json:
    categories = sorted(_CATEGORIES[category] for category in campaign.special_categories)
    return {
        "objective": "OUTCOME_TRAFFIC",
        "buying_type": "AUCTION",
        "is_adset_budget_sharing_enabled": False,
        "special_ad_categories": categories,
        "special_ad_category_country": list(campaign.countries) if categories else None,
    }


def _ad_set(campaign: AdCampaign) -> Json:
    targeting: Json = {
        "geo_locations": {"countries": list(campaign.countries)},
        "targeting_automation": {"advantage_audience": 0},
    }
    if campaign.audience_id:
        targeting["custom_audiences"] = [{"id": campaign.audience_id}]
    return {
        "billing_event": "IMPRESSIONS",
        "optimization_goal": "LINK_CLICKS",
        "bid_strategy": "LOWEST_COST_WITHOUT_CAP",
        "targeting": targeting,
        "start_time": campaign.start_at.isoformat(timespec="seconds"),
        "end_time": campaign.end_at.isoformat(timespec="seconds") if campaign.end_at else None,
        "dsa_beneficiary": campaign.advertiser,
        "dsa_payor": campaign.advertiser,
    }


def _next_page(found: Json) -> str | None:
    paging = found.get("paging")
    if not isinstance(paging, dict) or not paging.get("next"):
        return None
    cursors = paging.get("cursors")
    after = cursors.get("after") if isinstance(cursors, dict) else None
    return after if isinstance(after, str) else None


def _results(row: Json) -> AdResults:
    actions = row.get("actions")
    told = [each for each in actions if isinstance(each, dict)] if isinstance(actions, list) else []
    wanted = [_decimal(each.get("value")) for each in told if each.get("action_type") in _CONVERSIONS]
    currency = row.get("account_currency")
    return AdResults(
        spend=_decimal(row.get("spend")),
        currency=currency if isinstance(currency, str) else None,
        impressions=int(_decimal(row.get("impressions"))),
        clicks=int(_decimal(row.get("inline_link_clicks"))),
        conversions=sum(wanted, Decimal(0)),
    )


def _decimal(told: object) -> Decimal:
    """Meta writes numbers as text, and leaves out those that are nothing."""
    try:
        found = Decimal(str(told))
    except InvalidOperation:
        return Decimal(0)
    return found if found.is_finite() else Decimal(0)
