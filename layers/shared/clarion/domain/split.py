"""Splitting an audience for an A/B test, by hash: the same person is drawn alike by every worker, whenever it asks."""

from collections.abc import Mapping
from fractions import Fraction
from hashlib import blake2b

from clarion.domain.analytics import Figures
from clarion.domain.experiment import Experiment

HOLD_OUT = "hold_out"
WINNER = "winner"

_RESOLUTION = 2**48
_ROUNDING = 0.000001  # what shares such as 33.333333 may miss of 100 and still leave nobody (Experiment's tolerance)


def held_out(campaign_id: str, contact_id: str, percent: float) -> bool:
    """Whether a contact is among the ``percent`` (0 to 100) who get nothing of a campaign, in whatever run and step.

    Raising the percentage only adds contacts.
    """
    return _percentile(HOLD_OUT, campaign_id, contact_id) < percent


def arm_of(campaign_id: str, run: int, contact_id: str, experiment: Experiment) -> str:
    """The id of the variant a contact gets in a run, or ``WINNER`` for whoever the shares leave over.

    Every run draws anew, and independently of who is held out.
    """
    drawn = _percentile("arm", campaign_id, str(run), contact_id)
    upto = 0.0
    for variant in experiment.variants:
        upto += variant.share
        if drawn < upto:
            return variant.id
    return experiment.variants[-1].id if upto >= 100 - _ROUNDING else WINNER


def winner_of(experiment: Experiment, figures: Mapping[str, Figures]) -> str:
    """The id of the variant with the highest rate of the metric, given the figures by variant id.

    A rate is per send that did not bounce (0 where there is none); opens, clicks and conversions count once a message,
    as in reports. Revenue in several currencies can be neither added up nor compared: conversions decide then. Of
    equals, the variant listed first wins.
    """
    arms = {variant.id: figures.get(variant.id, Figures()) for variant in experiment.variants}
    metric: str = experiment.metric if experiment.metric.startswith("unique_") else "unique_conversions"
    if experiment.metric == "revenue":
        currencies = {currency for arm in arms.values() for currency in arm.revenue}
        metric = f"revenue.{currencies.pop()}" if len(currencies) == 1 else metric
    return max(arms, key=lambda arm: _rate(arms[arm], metric))


def _rate(figures: Figures, metric: str) -> Fraction:
    return Fraction(figures.metrics.get(metric, 0)) / figures.arrived if figures.arrived > 0 else Fraction(0)


def _percentile(purpose: str, *ids: str) -> float:
    """A number from 0 to below 100, evenly spread over ids; another purpose draws another number."""
    digest = blake2b("#".join(ids).encode(), digest_size=6, person=purpose.encode()).digest()
    return int.from_bytes(digest) * 100 / _RESOLUTION
