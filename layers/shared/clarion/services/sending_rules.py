"""The rules an organisation sends by: quiet hours, frequency caps, rates, warming up, automatic pause."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from clarion.domain.sending_rules import SendingRules

KEPT_FOR = timedelta(seconds=30)
"""How long a warm worker goes by the rules it read: the longest that a change takes to hold everywhere."""


class SendingRulesStore(Protocol):
    """``versioned`` answers the defaults at version 0 where none were set; ``replace`` raises Stale."""

    def versioned(self, org_id: str) -> tuple[SendingRules, int]: ...
    def replace(self, org_id: str, rules: SendingRules, version: int) -> int: ...


class RulesSource(Protocol):
    """What holds now."""

    def get(self, org_id: str) -> SendingRules: ...


class SendingRulesService:
    """Reads and replaces the whole document."""

    def __init__(self, store: SendingRulesStore) -> None:
        self._store = store

    def get(self, org_id: str) -> tuple[SendingRules, int]:
        """The rules and their version: the defaults and 0 where the organisation never set any."""
        return self._store.versioned(org_id)

    def replace(self, org_id: str, version: int | None, rules: SendingRules) -> tuple[SendingRules, int]:
        """Replace the rules as they were read at ``version`` (None: as they are now), and the new version.

        Raises Stale.
        """
        as_read = self._store.versioned(org_id)[1] if version is None else version
        return rules, self._store.replace(org_id, rules, as_read)


class CachedRules:
    """Rules as a worker needs them, batch after batch: read again once they are ``lifetime`` old."""

    def __init__(self, source: RulesSource, clock: Callable[[], datetime], lifetime: timedelta = KEPT_FOR) -> None:
        self._source, self._clock, self._lifetime = source, clock, lifetime
        self._known: dict[str, tuple[datetime, SendingRules]] = {}

    def get(self, org_id: str) -> SendingRules:
        """The organisation's rules, at most ``lifetime`` old."""
        now = self._clock()
        if org_id not in self._known or now - self._known[org_id][0] >= self._lifetime:
            # Whatever is too old goes with it, so that a worker of many organisations does not grow.
            fresh = {org: known for org, known in self._known.items() if now - known[0] < self._lifetime}
            self._known = {**fresh, org_id: (now, self._source.get(org_id))}
        return self._known[org_id][1]
