"""From one step of a journey to the next."""

from datetime import datetime, timedelta

from clarion.clock import stamp
from clarion.domain.run import FAILED, FIRST_LOOK, RENDER_FAILED, SENT, UNKNOWN, Batch, BatchId, BatchState, Run

GOES_ON = frozenset({SENT, UNKNOWN, FAILED, RENDER_FAILED, "skipped.capped", "skipped.outside_window"})
"""Outcomes after which a contact is taken to the next step: a message missed by a rule or a mishap ends no journey."""
QUEUE_HOLDS = timedelta(minutes=15)
"""How long a queue can hold a message back (SQS DelaySeconds, AWS quota page); the scheduler finds what waits on."""


def successor_of(run: Run, batch: Batch, now: datetime) -> Batch | None:
    """The batch of the next step, for those who go on; None where the journey ends for all."""
    position = batch.id.step + 1
    if batch.reopened:  # to retry what failed: whoever goes on went on before
        return None
    if not run.plan.journey or position >= len(run.plan.steps):
        return None
    contacts = tuple(batch.contacts[i] for i in sorted(batch.results) if batch.results[i].code in GOES_ON)
    due = now + run.plan.steps[position].delay
    if not contacts or (run.plan.end_at is not None and due >= run.plan.end_at):
        return None
    at = stamp(due)
    return Batch(
        BatchId(batch.id.run, batch.id.shard, batch.id.sequence, position),
        BatchState.PLANNED,
        contacts,
        at,
        zone=batch.zone,
        key=batch.key,
        lease_until=at,
        look_at=stamp(due + FIRST_LOOK) if due <= now + QUEUE_HOLDS else at,
    )
