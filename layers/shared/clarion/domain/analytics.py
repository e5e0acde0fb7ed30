"""A campaign's report: counters added up, and the figures people read out of them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from clarion.domain.engagement import CampaignDay, CampaignLink, metric_parts

CounterRow = tuple[CampaignDay | CampaignLink, Mapping[str, Decimal]]
LinkTables = Mapping[tuple[int, str], list[str]]  # (run, step) → destination of each link number

_REVENUE = "revenue."
_SKIPPED = "skipped."
_SPEND = "spend."


@dataclass(frozen=True, slots=True)
class Figures:
    """Metrics of some part of a campaign, by name (docs/analytics.md): ``{"sends": Decimal(3), …}``."""

    metrics: Mapping[str, Decimal] = field(default_factory=dict)

    def count(self, metric: str) -> int:
        """A metric that counts; 0 where nothing happened."""
        return int(self.metrics.get(metric, 0))

    @property
    def opens(self) -> int:
        """Opens that count as a person's."""
        return self.count("opens_human") + self.count("opens_unsure")

    @property
    def clicks(self) -> int:
        """Clicks that count as a person's."""
        return self.count("clicks_human") + self.count("clicks_unsure")

    @property
    def revenue(self) -> dict[str, Decimal]:
        """Exact sums by currency (ISO 4217)."""
        return {name.removeprefix(_REVENUE): sum_ for name, sum_ in self._below(_REVENUE) if sum_}

    @property
    def spend(self) -> dict[str, Decimal]:
        """What ad vendors have charged so far, likewise."""
        return {name.removeprefix(_SPEND): sum_ for name, sum_ in self._below(_SPEND) if sum_}

    @property
    def skipped(self) -> dict[str, int]:
        """Recipients who got nothing, by reason."""
        return {name.removeprefix(_SKIPPED): int(sum_) for name, sum_ in self._below(_SKIPPED) if sum_}

    @property
    def arrived(self) -> int:
        """Sends that did not bounce: what rates are taken of, since not every channel confirms deliveries."""
        return self.count("sends") - self.count("bounces_hard") - self.count("bounces_soft")

    def _below(self, prefix: str) -> list[tuple[str, Decimal]]:
        return sorted((name, sum_) for name, sum_ in self.metrics.items() if name.startswith(prefix))


@dataclass(frozen=True, slots=True)
class LinkFigures:
    """One link of a run's step; ``url`` is missing where the link table is."""

    run: int
    step: str
    link: int
    url: str | None
    figures: Figures


@dataclass(frozen=True, slots=True)
class CampaignReport:
    """Everything counted for a campaign, in order: ``steps`` by (channel, step), ``days`` by UTC date.

    ``variants`` of A/B tests are by (channel, step, variant), and in their steps' figures already.
    """

    campaign: str
    totals: Figures
    channels: dict[str, Figures]
    steps: dict[tuple[str, str], Figures]
    variants: dict[tuple[str, str, str], Figures]
    days: dict[str, Figures]
    links: list[LinkFigures]


def campaign_report(campaign: str, rows: Iterable[CounterRow], link_tables: LinkTables) -> CampaignReport:
    """Add up counter rows; several rows may be about the same day or link."""
    totals: Counter[str] = Counter()
    channels: defaultdict[str, Counter[str]] = defaultdict(Counter)
    steps: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    variants: defaultdict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    days: defaultdict[str, Counter[str]] = defaultdict(Counter)
    links: defaultdict[tuple[int, str, int], Counter[str]] = defaultdict(Counter)
    for run_step, urls in link_tables.items():
        for link in range(len(urls)):
            links[*run_step, link] = Counter()
    for row, metrics in rows:
        for name, amount in metrics.items():
            if isinstance(row, CampaignLink):
                _add(links[row.run, row.step, row.link], name, amount)
                continue
            channel, step, variant, metric = metric_parts(name)
            if variant:
                _add(variants[channel, step, variant], metric, amount)
            for part in (totals, channels[channel], steps[channel, step], days[row.date]):
                _add(part, metric, amount)
    return CampaignReport(
        campaign,
        _figures(totals),
        {channel: _figures(part) for channel, part in sorted(channels.items())},
        {step: _figures(part) for step, part in sorted(steps.items())},
        {variant: _figures(part) for variant, part in sorted(variants.items())},
        {date: _figures(part) for date, part in sorted(days.items())},
        [
            LinkFigures(run, step, link, _url(link_tables.get((run, step), []), link), _figures(part))
            for (run, step, link), part in sorted(links.items())
        ],
    )


def _add(part: Counter[str], metric: str, amount: Decimal) -> None:
    part[metric] += amount  # type: ignore[assignment]  # a Counter of Decimal is none to typeshed


def _figures(part: Counter[str]) -> Figures:
    return Figures({metric: Decimal(amount) for metric, amount in part.items()})


def _url(urls: list[str], link: int) -> str | None:
    return urls[link] if link < len(urls) else None
