"""What an advertising campaign and an uploaded audience may hold."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from clarion.domain.ad import AdResults, soonest_start
from clarion.domain.ad_audience import AudienceMember, UploadedAudience, sha256_hex, trimmed_email
from tests.channels.adverts import an_advert


@pytest.mark.parametrize(("changes", "complaint"), [
    ({"id": "a_b"}, "not an id"), ({"name": " "}, "the name"), ({"name": "x" * 201}, "the name"),
    ({"daily_budget": Decimal(0)}, "daily budget"), ({"daily_budget": Decimal("0.005")}, "daily budget"),
    ({"daily_budget": Decimal("NaN")}, "daily budget"), ({"currency": "€"}, "currency"),
    ({"url": "http://a.example"}, "https"), ({"image_url": "https://ü.example"}, "https"),
    ({"headlines": ()}, "headline"), ({"descriptions": ()}, "description"), ({"advertiser": ""}, "advertiser"),
    ({"countries": ()}, "countries"), ({"countries": ("Germany",)}, "countries"),
    ({"start_at": datetime(2026, 12, 1)}, "time zone"),  # noqa: DTZ001  # that is the fault
    ({"end_at": an_advert().start_at}, "the end is after"), ({"audience_id": "x"}, "number"),
])  # fmt: skip
def test_what_cannot_be_advertised_is_refused(changes, complaint):
    with pytest.raises(ValueError, match=complaint):
        an_advert(**changes)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/connect/x", "http://localhost/x", "http://[::1]:80/x"])
def test_in_development_an_ad_leads_to_this_machine(url):
    assert an_advert(url=url).url == url
    with pytest.raises(ValueError, match="https"):
        an_advert(image_url=url)


def test_our_id_is_part_of_the_vendors_name():
    assert an_advert().vendor_name == "Bells & whistles [01JDXYZ]"
    assert replace(an_advert(), name="x").marker == "[01JDXYZ]"
    assert UploadedAudience("01JA", "Bell\tringers").vendor_name == "Bell ringers [01JA]"


@pytest.mark.parametrize(("email", "phone"), [(None, None), ("", ""), (None, "0301234"), ("a@b.example", "+49 30")])
def test_a_member_has_an_address_or_a_number(email, phone):
    with pytest.raises(ValueError, match=r"a member|a number"):
        AudienceMember(email, phone)


@pytest.mark.parametrize(("ident", "name"), [("a b", "x"), ("a", " "), ("a", "x" * 201)])
def test_an_audience_has_an_id_and_a_name(ident, name):
    with pytest.raises(ValueError, match="an audience"):
        UploadedAudience(ident, name)


def test_an_address_is_hashed_without_blanks_in_lower_case():
    assert trimmed_email(" Zoë@Example.COM\n") == "zoë@example.com"
    assert sha256_hex("a") == "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"


def test_a_campaign_begins_when_it_was_planned_or_soon_after_it_is_made():
    start = an_advert().start_at
    assert soonest_start(start, start - timedelta(days=1)) == start
    assert soonest_start(start, start) == start + timedelta(minutes=10)


def test_results_are_counted_by_metric_and_spend_by_currency():
    assert AdResults(impressions=3).figures() == {
        "impressions": 3, "vendor_clicks": 0, "vendor_conversions": 0,
    }  # fmt: skip
    assert AdResults(Decimal("1.25"), "EUR", 3, 2, Decimal("0.5")).figures() == {
        "impressions": 3, "vendor_clicks": 2, "vendor_conversions": Decimal("0.5"), "spend.EUR": Decimal("1.25"),
    }  # fmt: skip
