"""Reading the figures of what was published."""

from functools import cache
from typing import TYPE_CHECKING

from clarion.clock import now
from clarion.wiring.adverts import ad_reports
from clarion.wiring.engagement import settling
from clarion.wiring.posts import note_use, post_channel, publications

if TYPE_CHECKING:
    from clarion.services.polling import PollService, Reader

WORKERS = 4
"""Vendors asked at once: each takes seconds, and little of a small function's processor."""


@cache
def polling() -> "PollService":
    from clarion.services.polling import PollService
    from clarion.services.post_reading import PostReader

    readers: dict[str, Reader] = {"social": PostReader(post_channel), "ads": ad_reports()}
    return PollService(publications(), readers, settling(), note_use, now, WORKERS)
