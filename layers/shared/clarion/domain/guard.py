"""The automatic pause: when a campaign's complaints or hard bounces are too many to go on."""

from decimal import Context, Decimal

from clarion.domain.sending_rules import Guard

_SHOWN = Context(prec=3)


def breach(guard: Guard, sends: int, complaints: int, hard_bounces: int) -> str | None:
    """Why to pause, in words, or None: ``complaints reached 0.12 % (limit 0.1 %) of 5,000 sends``.

    A share that equals its limit has reached it.
    """
    if not guard.enabled or sends < guard.minimum_sends:
        return None
    reasons = [
        f"{name} reached {_percent(Decimal(count) / sends)} (limit {_percent(limit)}) of {sends:,} sends"
        for name, count, limit in (
            ("complaints", complaints, _exact(guard.complaints)),
            ("hard bounces", hard_bounces, _exact(guard.hard_bounces)),
        )
        if count >= limit * sends
    ]
    return "; ".join(reasons) or None


def _exact(limit: float) -> Decimal:
    """The limit as it was written: 0.001 is a little more than a thousandth in binary, and would be missed."""
    return Decimal(str(limit))


def _percent(share: Decimal) -> str:
    return f"{_SHOWN.create_decimal(share * 100).normalize():f} %"
