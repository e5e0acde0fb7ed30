"""An ad campaign as one account gets it."""

from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest

from clarion.domain.publication import publication_id
from tests.fakes.adverts import CAMPAIGN, GOOGLE, META, NOW, SIGNER, ad_for, ad_run


def test_an_account_gets_what_is_advertised_with_a_link_that_is_its_own() -> None:
    ads = [ad_for(outlet) for outlet in (META, GOOGLE)]
    assert len({ad.campaign.url for ad in ads}) == 2
    for outlet, ad in zip((META, GOOGLE), ads, strict=True):
        campaign = ad.campaign
        assert (ad.outlet, ad.message.contact, campaign.name) == (outlet, outlet.id, "Bells")
        assert (campaign.daily_budget, campaign.currency, campaign.start_at) == (Decimal("12.50"), "EUR", NOW)
        assert (campaign.headlines, campaign.countries) == (("Bells", "Whistles", "Horns"), ("DE", "AT"))
        parts = urlsplit(campaign.url)
        assert parts.path == f"/connect/automation/{CAMPAIGN}/1/link/click/"
        ticket = SIGNER.read("click", CAMPAIGN, "1", parse_qs(parts.query)["t"][0])
        assert ticket is not None
        assert (ticket.contact, ticket.channel, ticket.link) == (outlet.id, "ads", 0)


def test_its_id_is_the_same_in_every_attempt_and_another_in_each_run_and_account() -> None:
    first = ad_for()
    assert first.campaign.id == ad_for().campaign.id == publication_id(first.message)
    assert len({ad.campaign.id for ad in (first, ad_for(run=ad_run(2)), ad_for(GOOGLE))}) == 3


def test_an_audience_is_wanted_where_the_advertisement_says_so() -> None:
    assert not ad_for().for_audience
    assert ad_for(uploadAudience=True).for_audience


def test_what_the_platform_could_not_make_is_no_campaign() -> None:
    with pytest.raises(ValueError, match=r"ads\.keywords"):
        ad_for(GOOGLE, keywords=[])
    assert ad_for(META, keywords=[]).campaign.keywords == ()
    with pytest.raises(ValueError, match=r"ads\.dailyBudget"):
        ad_for(dailyBudget=None)


def test_a_campaign_that_would_end_before_it_begins_is_none() -> None:
    with pytest.raises(ValueError, match="the end is after the start"):
        ad_for(run=ad_run(end_at=NOW - timedelta(minutes=1)))
