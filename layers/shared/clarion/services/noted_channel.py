"""How vendors' calls on behalf of campaigns went, noted as the health of an organisation's platform.

A note is a courtesy: it neither changes what came of a message nor fails with it.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from clarion.domain.outcomes import Accepted, Outcome, Stop

EVERY = timedelta(minutes=1)
"""How often one worker notes that a platform goes on working."""
_LONGEST = 300

Message = TypeVar("Message", contravariant=True)

log = logging.getLogger(__name__)


class UseNotes(Protocol):
    def used(self, org_id: str, platform: str, now: datetime, error: str = "") -> None:
        """Note how a call went; ``error`` is empty where it went well."""
        ...


class PlatformUse:
    """One for a whole worker, which notes a success at most once a minute for each organisation and platform.

    What stands in the way of all messages is noted at once, and so is the first success after it.
    """

    def __init__(self, notes: UseNotes, clock: Callable[[], datetime]) -> None:
        self._notes, self._clock = notes, clock
        self._well_at: dict[tuple[str, str], datetime] = {}

    def note(self, org_id: str, platform: str, outcomes: Sequence[Outcome]) -> None:
        """Note what a vendor made of messages; never raises. Outcomes that tell nothing of the platform (a refused
        recipient, a call without an answer) are not noted."""
        stopped = next((outcome for outcome in outcomes if isinstance(outcome, Stop)), None)
        if stopped is not None:
            self._write(org_id, platform, stopped.reason or stopped.code)
        elif any(isinstance(outcome, Accepted) for outcome in outcomes):
            self._write(org_id, platform, "")

    def _write(self, org_id: str, platform: str, error: str) -> None:
        now = self._clock()
        if error:
            self._well_at.pop((org_id, platform), None)
        elif (org_id, platform) in self._well_at and now - self._well_at[org_id, platform] < EVERY:
            return
        else:
            # Remembered before it is written: a table that refuses writes is not asked again at once.
            recent = {each: at for each, at in self._well_at.items() if now - at < EVERY}
            self._well_at = {**recent, (org_id, platform): now}
        try:
            self._notes.used(org_id, platform, now, error[:_LONGEST])
        except Exception:
            log.warning("the use of %s by %s was not noted", platform, org_id, exc_info=True)


class Channel(Protocol[Message]):
    """A way for messages of any kind to leave: `MailChannel`, `TextChannel` and their like."""

    @property
    def max_batch(self) -> int: ...
    def send(self, messages: Sequence[Message], /) -> list[Outcome]: ...


class NotedChannel(Generic[Message]):
    """``channel``, with a note of each call on an organisation's platform."""

    def __init__(self, channel: Channel[Message], use: PlatformUse, org_id: str, platform: str) -> None:
        self._channel, self._use, self._org_id, self._platform = channel, use, org_id, platform

    @property
    def max_batch(self) -> int:
        """As the channel's."""
        return self._channel.max_batch

    def send(self, messages: Sequence[Message]) -> list[Outcome]:
        """What the channel makes of the messages, whether or not it could be noted."""
        outcomes = self._channel.send(messages)
        self._use.note(self._org_id, self._platform, outcomes)
        return outcomes
