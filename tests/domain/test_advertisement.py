"""What a campaign advertises, and what each platform needs of it."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from clarion.domain.ad_requirements import missing
from clarion.domain.advertisement import Advertisement, FrozenAdvertisement

WHOLE: dict[str, Any] = {
    "url": "https://shop.example/sale", "headlines": ["Bells", "Whistles", "Horns"],
    "descriptions": ["All that rings.", "And all that does not."], "countries": ["DE"], "advertiser": "Acme GmbH",
    "dailyBudget": {"amount": "12.50", "currency": "EUR"}, "keywords": ["brass bell"],
}  # fmt: skip
PLATFORMS = ["meta-ads", "google-ads", "console"]


def advertised(**changes: Any) -> Advertisement:
    return Advertisement.model_validate(WHOLE | changes)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_whole_advertisement_lacks_nothing(platform: str) -> None:
    assert missing(advertised(), platform) is None


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("field", ["url", "headlines", "descriptions", "countries", "advertiser", "dailyBudget"])
def test_what_every_platform_needs_is_named_by_its_field(platform: str, field: str) -> None:
    fault = missing(Advertisement.model_validate({k: v for k, v in WHOLE.items() if k != field}), platform)
    assert fault is not None
    assert fault[0] == field


@pytest.mark.parametrize(("field", "given"), [
    ("headlines", ["Bells", "Whistles"]), ("headlines", ["Bells", "Whistles", "x" * 31]), ("descriptions", ["One."]),
    ("descriptions", ["a", "b", "c", "d", "e"]), ("descriptions", ["a", "x" * 91]), ("keywords", []),
    ("keywords", ["x" * 81]), ("keywords", ["bell"] * 3 + ["a b c d e f g h i j k"]),
])  # fmt: skip
def test_search_ads_have_limits_that_ads_in_feeds_do_not_have(field: str, given: list[str]) -> None:
    fault = missing(advertised(**{field: given}), "google-ads")
    assert fault is not None
    assert fault[0] == field
    assert missing(advertised(**{field: given}), "meta-ads") is None


def test_meta_takes_no_fractions_of_a_currency_that_it_counts_whole() -> None:
    yen = {"amount": "1500.50", "currency": "JPY"}
    assert missing(advertised(dailyBudget=yen), "meta-ads") == (
        "dailyBudget",
        "Meta takes a budget in JPY in whole units",
    )
    assert missing(advertised(dailyBudget=yen), "google-ads") is None
    assert missing(advertised(dailyBudget={**yen, "amount": "1500"}), "meta-ads") is None


@pytest.mark.parametrize("amount", ["0", "0.005", "-1"])
def test_a_budget_that_nobody_can_spend_is_refused_when_it_is_written(amount: str) -> None:
    with pytest.raises(ValidationError) as refused:
        advertised(dailyBudget={"amount": amount, "currency": "EUR"})
    assert refused.value.errors()[0]["loc"][0] == "dailyBudget"


def test_what_is_frozen_reads_back_as_it_was() -> None:
    frozen = FrozenAdvertisement(name="Bells & whistles", advertisement=advertised(specialCategories=["housing"]))
    found = FrozenAdvertisement.model_validate_json(frozen.model_dump_json(by_alias=True))
    assert found == frozen
    assert found.advertisement.daily_budget is not None
    assert found.advertisement.daily_budget.amount == Decimal("12.50")
