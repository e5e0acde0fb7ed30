"""How fast an organisation's channel may be sent through, shared by all workers.

pk ``ORG#<org>#RATES``   sk ``RATE#<channel>``             e.g. ``ORG#acme#RATES / RATE#email``
                         sk ``DAY#<channel>#<date>``       e.g. ``… / DAY#email#2026-11-21``, a ramp-up's day

``tat`` and ``blocked_until`` are microseconds since 1970: the first is added to, so that workers who meet on the row
need not read it again. What the vendor's throttling changes is under ``version``.
"""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from math import ceil
from typing import Any

from clarion import keys
from clarion.domain.rates import SLACK, RateRules, Throttling, cost, rate_now, throttled, wait
from clarion.storage.table import ConditionFailed, Item, Table, update

_ATTEMPTS = 8  # each fails only because another worker changed the row in that moment
_CONTENDED = (0.05, 0.25)  # seconds to wait after that many
_KEPT, _DAY_KEPT = timedelta(hours=1), timedelta(days=2)
_OBSERVED_WITHIN = timedelta(minutes=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Row:
    """``observed`` is the rate of the last lease, which is worked off at ``tat``."""

    tat: datetime | None = None
    observed: float | None = None
    last: Throttling | None = None
    version: int | None = None

    def unthrottled_since(self) -> tuple[str, dict[str, Any]]:
        """The condition, with its values, that no other throttling was recorded since this was read."""
        if self.version is None:
            return "attribute_not_exists(version)", {}
        return "version = :version", {":version": self.version}


class RateTable:
    def __init__(self, table: Table) -> None:
        self._table = table

    def allowance(self, org_id: str, channel: str, rules: RateRules, now: datetime) -> int | None:
        """How many messages are left of today's ramp-up; None, without asking the table, where there is none."""
        if rules.daily is None:
            return None
        row = self._table.get(_day(org_id, channel, now))
        return max(0, rules.daily - int(row["taken"])) if row else rules.daily

    def lease(self, org_id: str, channel: str, messages: int, rules: RateRules, now: datetime) -> float:
        """Seconds to wait before asking again, nothing being taken; 0.0 when the messages are leased and may go.

        A ramp-up's allowance is given whole or not at all: ask for no more than ``allowance``, or wait until the next
        day of UTC begins. Without a limit, an allowance and a recent throttling, this is one read.
        """
        for _ in range(_ATTEMPTS):
            row = _row(self._table.get(keys.rate(org_id, channel)))
            rate = rate_now(rules.per_second, row.last, now)
            if delay := wait(None if rate is None else row.tat, row.last, now).total_seconds():
                return delay
            if rules.daily is not None and messages > rules.daily:
                return _until_tomorrow(now)
            writes = []
            if rules.daily is not None:
                writes.append((_day(org_id, channel, now), _counted(messages, rules.daily, now)))
            if rate is not None:
                writes.append((keys.rate(org_id, channel), _leased(row, messages, rate, now)))
            try:
                self._write(writes)
            except ConditionFailed as failed:
                if rules.daily is not None and failed.index == 0:
                    return _until_tomorrow(now)
            else:
                return 0.0
        return random.uniform(*_CONTENDED)  # noqa: S311 - jitter, not a secret

    def wait(self, org_id: str, channel: str, rules: RateRules, now: datetime) -> float:
        """Seconds until it is worth asking for a lease, 0.0 when it is now; nothing is taken."""
        row = _row(self._table.get(keys.rate(org_id, channel)))
        if delay := wait(row.tat, row.last, now).total_seconds():
            return delay
        return _until_tomorrow(now) if self.allowance(org_id, channel, rules, now) == 0 else 0.0

    def throttled(self, org_id: str, channel: str, after_seconds: float | None, now: datetime) -> None:
        """The vendor refused a call as too fast; ``after_seconds`` is its Retry-After.

        Nobody sends until that is over (without it: 1 s, doubled by each repeat within a minute, up to 60 s), and the
        rate is halved, from that of the last minute's leases, to one a second at least. Where no lease was counted,
        because there was no limit, 100 a second are assumed to have been too many.
        """
        key = keys.rate(org_id, channel)
        for _ in range(_ATTEMPTS):
            row = _row(self._table.get(key))
            recent = row.tat is not None and now - row.tat <= _OBSERVED_WITHIN
            after = throttled(row.last, row.observed if recent else None, after_seconds, now)
            if after == row.last:
                return
            condition, values = row.unthrottled_since()
            recorded = {
                "throttled_to": Decimal(str(after.to)),
                "blocked_until": _microseconds(after.blocked_until),
                "repeats": after.repeats,
                "expires_at": _expiry(max(after.blocked_until, row.tat or now)),
            }
            try:
                self._table.update(key, set=recorded, add={"version": 1}, condition=condition, values=values)
            except ConditionFailed:
                continue
            return

    def give_back(self, org_id: str, channel: str, messages: int, now: datetime) -> None:
        """These leased messages were not sent: they are free again in the ramp-up's day of ``now``, the lease's time.

        Does nothing where no ramp-up counted them. The pace keeps them: what was not sent then is no reason to hurry.
        """
        try:
            self._table.update(
                _day(org_id, channel, now),
                add={"taken": -messages},
                condition="taken >= :messages",
                values={":messages": messages},
            )
        except ConditionFailed:
            return  # nothing of the day is taken

    def _write(self, writes: list[tuple[keys.Key, dict[str, Any]]]) -> None:
        if len(writes) == 1:
            ((key, expression),) = writes
            self._table.update(key, **expression)
        elif writes:
            self._table.transact([update(key, **expression) for key, expression in writes])


def _counted(messages: int, daily: int, now: datetime) -> dict[str, Any]:
    """The update that takes ``messages`` of the day's allowance, if they are left."""
    return {
        "set": {"expires_at": ceil((_tomorrow(now) + _DAY_KEPT).timestamp())},
        "add": {"taken": messages},
        "condition": "attribute_not_exists(taken) OR taken <= :most",
        "values": {":most": daily - messages},
    }


def _leased(row: _Row, messages: int, rate: float, now: datetime) -> dict[str, Any]:
    """The update that moves ``tat`` on, if it is still within the slack and no throttling came in between."""
    takes = cost(messages, rate)
    condition, values = row.unthrottled_since()
    attributes: dict[str, Any] = {"per_second": Decimal(str(rate))}
    if row.tat is not None and row.tat >= now:
        attributes["expires_at"] = _expiry(row.tat + takes)
        return {
            "set": attributes,
            "add": {"tat": takes // timedelta(microseconds=1)},
            "condition": f"tat <= :latest AND {condition}",
            "values": {":latest": _microseconds(now + SLACK), **values},
        }
    attributes |= {"tat": _microseconds(now + takes), "expires_at": _expiry(now + takes)}
    if row.tat is None:
        return {"set": attributes, "condition": f"attribute_not_exists(tat) AND {condition}", "values": values}
    values |= {":tat": _microseconds(row.tat)}
    return {"set": attributes, "condition": f"tat = :tat AND {condition}", "values": values}


def _row(item: Item | None) -> _Row:
    if item is None:
        return _Row()
    last = None
    if "version" in item:
        last = Throttling(float(item["throttled_to"]), _moment(item["blocked_until"]), int(item["repeats"]))
    tat = _moment(item["tat"]) if "tat" in item else None
    observed = float(item["per_second"]) if "per_second" in item else None
    return _Row(tat, observed, last, int(item["version"]) if "version" in item else None)


def _day(org_id: str, channel: str, now: datetime) -> keys.Key:
    return keys.ramp_up_day(org_id, channel, now.astimezone(UTC).date().isoformat())


def _tomorrow(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)


def _until_tomorrow(now: datetime) -> float:
    return (_tomorrow(now) - now).total_seconds()


def _expiry(used_until: datetime) -> int:
    return ceil((used_until + _KEPT).timestamp())


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _moment(microseconds: Decimal) -> datetime:
    return _EPOCH + timedelta(microseconds=int(microseconds))
