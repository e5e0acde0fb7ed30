"""What batches add to the rows that count: of their run's shards and zones, and of the campaign's days."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from clarion import keys
from clarion.clock import stamp
from clarion.domain.engagement import metric_name
from clarion.domain.run import SENT, Batch, BatchState, Run
from clarion.storage.table import update


def shard_key(batch: Batch) -> keys.Key:
    """Of the row that counts a batch."""
    run = batch.id.run
    return keys.run_shard(run.org, run.campaign, run.run, batch.id.shard)


def day_counters(
    run: Run, shard: int, step: int, variant: str, outcomes: Mapping[str, int], date: str
) -> dict[str, Any]:
    """Outcomes of one day (``2026-11-21``)."""
    name = run.plan.steps[step].id
    metrics = {
        metric_name(run.channel, name, variant, "sends" if code == SENT else code): n for code, n in outcomes.items()
    }
    suffix = shard % keys.COUNTER_SUFFIXES
    return update(keys.day_counters(run.id.org, run.id.campaign, date, suffix), add=metrics)


def zone_planned(run: Run, batches: Sequence[Batch], fallbacks: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """Whom the zones of a run at the recipients' own hour wait for."""
    if not run.plan.wall:
        return
    zones = Counter[tuple[int, str]]()
    for batch in batches:
        if batch.state != BatchState.DONE:
            zones[batch.id.shard, batch.zone] += len(batch.contacts)
    for (shard, zone), audience in zones.items():
        yield update(
            keys.run_zone(run.id.org, run.id.campaign, run.id.run, shard, zone),
            set={"due_at": stamp(run.plan.due(zone, ""))},
            add={"audience": audience, "fallback": fallbacks.get(zone, 0)},
        )


def zone_counters(run: Run, batch: Batch, outcomes: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """Outcomes in the row of the batch's zone, where its run has such rows."""
    if run.plan.wall:
        key = keys.run_zone(run.id.org, run.id.campaign, run.id.run, batch.id.shard, batch.zone)
        yield update(key, add={"done": sum(outcomes.values()), "sent": outcomes.get(SENT, 0)})


def entries_ended(batch: Batch, successor: Batch | None, now: datetime) -> Iterator[dict[str, Any]]:
    """The places of a journey's contacts that come to their end with this batch."""
    going_on = set(successor.contacts) if successor else set()
    run = batch.id.run
    for i, result in batch.results.items():
        if batch.contacts[i] not in going_on:
            key = keys.entry(run.org, batch.contacts[i], run.campaign, batch.key)
            yield update(key, set={"ended_at": stamp(now), "outcome": result.code})
