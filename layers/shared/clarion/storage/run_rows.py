"""The rows of a run as items of the table, and back; storage/runs.py and storage/batches.py move them."""

import json
from typing import Any

from clarion import keys
from clarion.clock import moment, stamp
from clarion.domain.campaign import Campaign, Status
from clarion.domain.run import Batch, BatchId, BatchState, Result, Run, RunId, RunStatus, ShardProgress, ZoneProgress
from clarion.domain.run_plan import RunPlan
from clarion.storage.table import Item, update

OUTCOME = "n_"  # a shard row counts outcome ``sent`` in the attribute ``n_sent``
LONGEST_DETAIL = 500  # characters kept of a reason; fifty of them have to fit an item
DUE = ("due_pk", "due_sk")


def move_of(batch: Batch, seen: Batch) -> dict[str, Any]:
    """An update that writes ``batch`` where the row still is as ``seen``."""
    changed = {
        "state": batch.state.value,
        "owner": batch.owner,
        "due_at": batch.due_at,
        "lease_until": batch.lease_until,
        "look_at": batch.look_at,
        "attempts": batch.attempts,
        "postponed": batch.postponed,
        "refused_since": batch.refused_since,
        "moves": batch.moves,
        "closed_at": batch.closed_at,
        "reopened": batch.reopened,
        "settled": json.dumps(batch.settled),
        "call": json.dumps(batch.call),
        "results": json.dumps({i: [r.code, r.detail[:LONGEST_DETAIL]] for i, r in batch.results.items()}),
    }
    due = due_of_batch(batch)
    return {
        "set": changed | due,
        "remove": [] if due else DUE,
        "condition": "moves = :seen",
        "values": {":seen": seen.moves},
    }


def campaign_action(org: str, campaign: Campaign) -> dict[str, Any]:
    due = due_of_campaign(org, campaign)
    return update(
        keys.record(org, "CAMPAIGN", campaign.id),
        set={"body": campaign.model_dump_json(by_alias=True), "version": campaign.version + 1, **due},
        remove=[] if due else DUE,
        condition="version = :version",
        values={":version": campaign.version},
    )


def due_of_campaign(org: str, campaign: Campaign) -> dict[str, str]:
    """Where the scheduler finds a campaign that it has an appointment with."""
    if campaign.next_at is None or campaign.status not in (Status.SCHEDULED, Status.RUNNING):
        return {}
    return keys.due(campaign.id, stamp(campaign.next_at), org)


def due_of_batch(batch: Batch, looks: int = 0) -> dict[str, str]:
    if not batch.look_at or batch.state == BatchState.DONE:
        return {}
    run = batch.id.run
    name = f"{run.campaign}.{run.run}.{batch.id.shard}.{batch.id.sequence}.{batch.id.step}"
    return keys.due(name, batch.look_at, run.org, looks)


def run_key(run_id: RunId) -> keys.Key:
    return keys.run(run_id.org, run_id.campaign, run_id.run)


def batch_key(batch_id: BatchId) -> keys.Key:
    run = batch_id.run
    return keys.batch(run.org, run.campaign, run.run, batch_id.shard, batch_id.sequence, batch_id.step)


def message_key(run: Run, batch: Batch, index: int) -> keys.Key:
    """Of the message to one of a batch's contacts."""
    return keys.message(
        run.id.org, batch.contacts[index], run.id.campaign, run.id.run, run.step(batch.id).id, run.channel
    )


def run_item(run: Run) -> Item:
    return {
        "status": run.status.value,
        "started_at": stamp(run.started_at),
        "open": run.open,
        "wakes": run.wakes,
        "retries": run.retries,
    }


def plan_item(run: Run) -> Item:
    key = keys.run_plan(run.id.org, run.id.campaign, run.id.run)
    return {**key, "plan": run.plan.model_dump_json(by_alias=True)}


def plan_of(item: Item) -> RunPlan:
    return RunPlan.model_validate_json(item["plan"])


def run_of(run_id: RunId, item: Item, plan: RunPlan) -> Run:
    return Run(
        id=run_id,
        status=RunStatus(item["status"]),
        started_at=moment(item["started_at"]),
        plan=plan,
        open=bool(item.get("open")),
        winner=item.get("winner", ""),
        decided_at=moment(item["decided_at"]) if item.get("decided_at") else None,
        wakes=int(item.get("wakes", 0)),
        retries=int(item.get("retries", 0)),
        sign=item.get("sign", ""),
    )


def shard_of(shard: int, item: Item) -> ShardProgress:
    return ShardProgress(
        shard=shard,
        audience=int(item.get("audience", 0)),
        sequence=int(item.get("sequence", 0)),
        batches=int(item.get("batches", 0)),
        batches_done=int(item.get("batches_done", 0)),
        planned=bool(item.get("planned", False)),
        after=item.get("after"),
        woken=int(item.get("woken", 0)),
        retried=int(item.get("retried", 0)),
        outcomes={name[len(OUTCOME) :]: int(n) for name, n in item.items() if name.startswith(OUTCOME)},
    )


def zone_of(item: Item) -> ZoneProgress:
    return ZoneProgress(
        zone=item["sk"].split("#", 2)[2],
        due_at=moment(item["due_at"]),
        audience=int(item.get("audience", 0)),
        fallback=int(item.get("fallback", 0)),
        done=int(item.get("done", 0)),
        sent=int(item.get("sent", 0)),
    )


def new_batch_item(batch: Batch) -> Item:
    """A batch as it is planned; a field that says nothing takes no room."""
    return {
        **batch_key(batch.id),
        "state": batch.state.value,
        "contacts": list(batch.contacts),
        "due_at": batch.due_at,
        "variant": batch.variant or None,
        "zone": batch.zone or None,
        "key": batch.key or None,
        "lease_until": batch.lease_until or None,
        "closed_at": batch.closed_at or None,
        "look_at": batch.look_at or None,
        "results": json.dumps({i: [r.code, r.detail] for i, r in batch.results.items()}) if batch.results else None,
        "attempts": 0,
        "moves": 0,
        **due_of_batch(batch),
    }


def batch_of(batch_id: BatchId, item: Item) -> Batch:
    return Batch(
        id=batch_id,
        state=BatchState(item["state"]),
        contacts=tuple(item["contacts"]),
        due_at=item["due_at"],
        variant=item.get("variant", ""),
        zone=item.get("zone", ""),
        key=item.get("key", ""),
        results={int(i): Result(*r) for i, r in json.loads(item.get("results", "{}")).items()},
        call=tuple(json.loads(item.get("call", "[]"))),
        owner=item.get("owner", ""),
        lease_until=item.get("lease_until", ""),
        look_at=item.get("look_at", ""),
        attempts=int(item["attempts"]),
        postponed=int(item.get("postponed", 0)),
        refused_since=item.get("refused_since", ""),
        moves=int(item["moves"]),
        closed_at=item.get("closed_at", ""),
        reopened=int(item.get("reopened", 0)),
        settled=tuple(json.loads(item.get("settled", "[]"))),
    )


def batch_id_of(run_id: RunId, sk: str) -> BatchId:
    """The batch whose row has the sort key ``BATCH#07#000012#00``."""
    _, shard, sequence, step = sk.split("#")
    return BatchId(run_id, int(shard), int(sequence), int(step))
