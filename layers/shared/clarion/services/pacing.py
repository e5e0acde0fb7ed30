"""How long a batch waits after the vendor said *later*."""

import random
from collections.abc import Sequence

from clarion.domain.outcomes import Retry

FIRST_DELAY_S = 5
LONGEST_SPREAD_S = 300
LONGEST_DELAY_S = 900  # SQS DelaySeconds, AWS quota page


def turn_seconds(postponed: int, wait: float) -> int:
    """Seconds until a batch asks again for its turn, of which there is none for ``wait`` seconds.

    Everybody who waits would come at that moment: they are spread, the more the longer they have waited already.
    """
    spread = min(LONGEST_SPREAD_S, FIRST_DELAY_S * 2 ** min(postponed, 8))
    return round(wait + 0.5 + random.uniform(0, spread))  # noqa: S311 - jitter, not a secret


def delay_seconds(postponed: int, retries: Sequence[Retry]) -> int:
    """Seconds until the next attempt: what the vendor asked for, else up to FIRST_DELAY_S doubled each time.

    The time is drawn, so that batches which were refused together do not come back together.
    """
    asked = max((retry.after_seconds or 0 for retry in retries), default=0)
    if asked:
        return int(min(LONGEST_DELAY_S, asked * random.uniform(1, 1.25) + 1))  # noqa: S311 - jitter, not a secret
    longest = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** min(postponed, 8))
    return random.randint(1, longest)  # noqa: S311 - jitter, not a secret
