"""What a campaign advertises, and through which accounts."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from clarion.domain.ad import MAX_NAME, SpecialCategory
from clarion.domain.budget import Budget
from clarion.domain.model import Model
from clarion.domain.outlet import ProfileRef
from clarion.domain.web_address import WebAddress, https_address

MOST_ACCOUNTS = 20

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


def _spendable(budget: Budget) -> Budget:
    if budget.amount <= 0 or budget.amount != round(budget.amount, 2):
        raise ValueError("a daily budget is more than nothing, in whole cents")
    return budget


class Advertisement(Model):
    """One campaign at each of the ``accounts``, made paused. ``daily_budget`` is each account's own.

    ``url`` is tracked. ``countries`` are ISO 3166-1 alpha-2; ``keywords`` are for search, ``image_url`` for feeds;
    ``advertiser`` is who pays. ``upload_audience`` shows the ads to the campaign's audience, as far as the vendor knows
    its addresses and numbers by their hashes; without it they are shown to everybody in the countries.
    """

    accounts: tuple[ProfileRef, ...] = Field(default=(), max_length=MOST_ACCOUNTS)
    url: WebAddress | None = None
    headlines: tuple[Line, ...] = Field(default=(), max_length=15)
    descriptions: tuple[Line, ...] = Field(default=(), max_length=5)
    countries: tuple[Country, ...] = Field(default=(), max_length=50)
    advertiser: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] = ""
    daily_budget: Annotated[Budget, AfterValidator(_spendable)] | None = None
    keywords: tuple[Line, ...] = Field(default=(), max_length=100)
    image_url: Annotated[WebAddress, AfterValidator(https_address)] | None = None
    special_categories: frozenset[SpecialCategory] = frozenset()
    upload_audience: bool = False


class FrozenAdvertisement(Model):
    """What a run advertises: the content that its launch freezes. ``name`` is the campaign's, shown at the vendor."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME)]
    advertisement: Advertisement
