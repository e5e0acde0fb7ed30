"""Analytics, as the API speaks of them."""

from datetime import date
from decimal import Decimal
from typing import Any, Self

from clarion.domain.analytics import CampaignReport, Figures, LinkFigures
from clarion.domain.model import Model

_CENT = Decimal("0.01")


class BouncesView(Model):
    """Messages that came back: for good (``hard``) or for now (``soft``)."""

    hard: int
    soft: int


class HitsView(Model):
    """Opens and clicks of one verdict."""

    opens: int
    clicks: int


class FiguresView(Model):
    """``opens`` and ``clicks`` count what may be a person: those of machines stand apart, those that nobody can tell
    are in both ``opens`` and ``unsure``. ``revenue`` and ``spend`` hold exact decimals as text, by currency. What
    networks and ad vendors have counted are ``views`` to ``spend``: their totals so far, on the day they were read.
    """

    sends: int
    deliveries: int
    opens: int
    unique_opens: int
    clicks: int
    unique_clicks: int
    unsubscribes: int
    bounces: BouncesView
    complaints: int
    replies: int
    conversions: int
    unique_conversions: int
    revenue: dict[str, str]
    views: int
    likes: int
    comments: int
    shares: int
    impressions: int
    vendor_clicks: int
    vendor_conversions: float
    spend: dict[str, str]
    machine: HitsView
    unsure: HitsView
    skipped: dict[str, int]
    failed: int
    rejected: int
    render_failed: int
    unknown: int


class RatesView(Model):
    """Shares between 0 and 1, to six places. ``bounce_rate`` is of sends, ``click_to_open_rate`` of unique opens, the
    others of sends that did not bounce; null where there are none. Opens, clicks and conversions count once a message.
    """

    bounce_rate: float | None
    open_rate: float | None
    click_rate: float | None
    click_to_open_rate: float | None
    unsubscribe_rate: float | None
    complaint_rate: float | None
    conversion_rate: float | None

    @classmethod
    def of(cls, figures: Figures) -> Self:
        arrived = figures.arrived
        bounces = figures.count("bounces_hard") + figures.count("bounces_soft")
        return cls(
            bounce_rate=_rate(bounces, figures.count("sends")),
            open_rate=_rate(figures.count("unique_opens"), arrived),
            click_rate=_rate(figures.count("unique_clicks"), arrived),
            click_to_open_rate=_rate(figures.count("unique_clicks"), figures.count("unique_opens")),
            unsubscribe_rate=_rate(figures.count("unsubscribes"), arrived),
            complaint_rate=_rate(figures.count("complaints"), arrived),
            conversion_rate=_rate(figures.count("unique_conversions"), arrived),
        )


class ChannelReportView(FiguresView):
    """Figures of one channel."""

    rates: RatesView

    @classmethod
    def of(cls, figures: Figures) -> Self:
        return cls(**_fields(figures), rates=RatesView.of(figures))


class VariantReportView(FiguresView):
    """Figures of one variant of a step's A/B test."""

    variant: str
    rates: RatesView

    @classmethod
    def of(cls, variant: str, figures: Figures) -> Self:
        return cls(variant=variant, **_fields(figures), rates=RatesView.of(figures))


class StepReportView(FiguresView):
    """Figures of one step on one channel, all variants of an A/B test added up; ``variants`` shows them one by one."""

    channel: str
    step: str
    rates: RatesView
    variants: list[VariantReportView]

    @classmethod
    def of(cls, report: CampaignReport, channel: str, step: str) -> Self:
        figures = report.steps[channel, step]
        variants = [
            VariantReportView.of(variant, each)
            for (of_channel, of_step, variant), each in report.variants.items()
            if (of_channel, of_step) == (channel, step)
        ]
        rates = RatesView.of(figures)
        return cls(channel=channel, step=step, **_fields(figures), rates=rates, variants=variants)


class DayReportView(FiguresView):
    """What happened on one UTC day; what counts once a message counts on the day of its first."""

    date: date

    @classmethod
    def of(cls, day: str, figures: Figures) -> Self:
        return cls(date=date.fromisoformat(day), **_fields(figures))


class LinkReportView(Model):
    """Clicks on one link; ``unique_clicks`` counts messages. ``url`` is the destination, null where it is not kept."""

    run: int
    step: str
    link: int
    url: str | None
    clicks: int
    unique_clicks: int
    machine_clicks: int

    @classmethod
    def of(cls, link: LinkFigures) -> Self:
        return cls(
            run=link.run,
            step=link.step,
            link=link.link,
            url=link.url,
            clicks=link.figures.clicks,
            unique_clicks=link.figures.count("unique_clicks"),
            machine_clicks=link.figures.count("clicks_machine"),
        )


class CampaignReportView(FiguresView):
    """A campaign's figures in all, and by channel, step (and variant), link and day."""

    campaign_id: str
    rates: RatesView
    channels: dict[str, ChannelReportView]
    steps: list[StepReportView]
    links: list[LinkReportView]
    days: list[DayReportView]

    @classmethod
    def of(cls, report: CampaignReport) -> Self:
        return cls(
            campaign_id=report.campaign,
            **_fields(report.totals),
            rates=RatesView.of(report.totals),
            channels={channel: ChannelReportView.of(figures) for channel, figures in report.channels.items()},
            steps=[StepReportView.of(report, channel, step) for channel, step in report.steps],
            links=[LinkReportView.of(link) for link in report.links],
            days=[DayReportView.of(day, figures) for day, figures in report.days.items()],
        )


def money(amount: Decimal) -> str:
    """``"20.00"``: exact, at least two places. The table keeps no zeros at the end."""
    places = amount.normalize().as_tuple().exponent
    return format(amount.quantize(_CENT) if isinstance(places, int) and places >= -2 else amount.normalize(), "f")


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole > 0 else None


def _fields(figures: Figures) -> dict[str, Any]:
    plain = ("sends", "deliveries", "unique_opens", "unique_clicks", "unsubscribes", "complaints", "replies")
    rest = ("conversions", "unique_conversions", "failed", "rejected", "render_failed", "unknown")
    told = ("views", "likes", "comments", "shares", "impressions", "vendor_clicks")
    return {
        **{name: figures.count(name) for name in (*plain, *rest, *told)},
        "opens": figures.opens,
        "clicks": figures.clicks,
        "bounces": BouncesView(hard=figures.count("bounces_hard"), soft=figures.count("bounces_soft")),
        "revenue": {currency: money(amount) for currency, amount in figures.revenue.items()},
        "vendor_conversions": float(figures.metrics.get("vendor_conversions", 0)),
        "spend": {currency: money(amount) for currency, amount in figures.spend.items()},
        "machine": HitsView(opens=figures.count("opens_machine"), clicks=figures.count("clicks_machine")),
        "unsure": HitsView(opens=figures.count("opens_unsure"), clicks=figures.count("clicks_unsure")),
        "skipped": figures.skipped,
    }
