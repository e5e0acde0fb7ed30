"""What a platform needs of an advertisement to make a campaign of it: said at launch, before anything is made."""

from collections.abc import Iterator

from clarion.domain.ad import (
    KEYWORD_LENGTH,
    KEYWORD_WORDS,
    SEARCH_DESCRIPTIONS,
    SEARCH_HEADLINES,
    WHOLE_UNIT_CURRENCIES,
)
from clarion.domain.advertisement import Advertisement

Fault = tuple[str, str]
"""A field by its JSON name, and the reason."""


def missing(advertisement: Advertisement, platform: str) -> Fault | None:
    """What is missing, or cannot be taken as it is; None where ``platform`` can make the campaign."""
    faults = _everywhere(advertisement)
    found = next(faults, None)
    if found is None and platform == "google-ads":
        found = next(_of_search(advertisement), None)
    if found is None and platform == "meta-ads":
        found = next(_of_feeds(advertisement), None)
    return found


def _everywhere(advertisement: Advertisement) -> Iterator[Fault]:
    if advertisement.url is None:
        yield "url", "say where the ads lead"
    if not advertisement.headlines:
        yield "headlines", "an ad has a headline"
    if not advertisement.descriptions:
        yield "descriptions", "an ad has a description"
    if not advertisement.countries:
        yield "countries", "say in which countries the ads are shown"
    if not advertisement.advertiser:
        yield "advertiser", "say who pays: the European Union has it shown with the ads"
    if advertisement.daily_budget is None:
        yield "dailyBudget", "say what may be spent a day, in the ad account's currency"


def _of_search(advertisement: Advertisement) -> Iterator[Fault]:
    for field, texts, rule in (
        ("headlines", advertisement.headlines, SEARCH_HEADLINES),
        ("descriptions", advertisement.descriptions, SEARCH_DESCRIPTIONS),
    ):
        if not rule.least <= len(texts) <= rule.most or any(len(text) > rule.length for text in texts):
            yield field, f"Google takes {rule.least} to {rule.most} {field} of at most {rule.length} characters"
    keywords = advertisement.keywords
    if not keywords:
        yield "keywords", "Google shows a search ad to who looks for a keyword: give at least one"
    if any(len(keyword) > KEYWORD_LENGTH or len(keyword.split()) > KEYWORD_WORDS for keyword in keywords):
        yield "keywords", f"Google takes keywords of at most {KEYWORD_LENGTH} characters and {KEYWORD_WORDS} words"


def _of_feeds(advertisement: Advertisement) -> Iterator[Fault]:
    budget = advertisement.daily_budget
    if budget is not None and budget.currency in WHOLE_UNIT_CURRENCIES and budget.amount % 1:
        yield "dailyBudget", f"Meta takes a budget in {budget.currency} in whole units"
