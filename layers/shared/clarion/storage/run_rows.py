"""The rows of a run as items of the table, and back; storage/runs.py moves them."""

import json
from datetime import datetime
from typing import Any

from clarion import keys
from clarion.clock import moment, stamp
from clarion.domain.campaign import Campaign
from clarion.domain.run import Batch, BatchId, BatchState, Result, Run, RunId, RunStatus, ShardProgress
from clarion.storage.table import Item, update

OUTCOME = "n_"  # a shard row counts outcome ``sent`` in the attribute ``n_sent``


def move_of(batch: Batch, seen: Batch) -> dict[str, Any]:
    """An update that writes ``batch`` where the row still is as ``seen``."""
    return {
        "set": {
            "state": batch.state.value,
            "owner": batch.owner,
            "lease_until": batch.lease_until,
            "attempts": batch.attempts,
            "postponed": batch.postponed,
            "moves": batch.moves,
            "call": json.dumps(batch.call),
            "results": json.dumps({i: [r.code, r.detail] for i, r in batch.results.items()}),
        },
        "condition": "moves = :seen",
        "values": {":seen": seen.moves},
    }


def campaign_action(org: str, campaign: Campaign) -> dict[str, Any]:
    return update(
        keys.record(org, "CAMPAIGN", campaign.id),
        set={"body": campaign.model_dump_json(by_alias=True), "version": campaign.version + 1},
        remove=["due_pk", "due_sk"],
        condition="version = :version",
        values={":version": campaign.version},
    )


def due_of(run_id: RunId, at: datetime) -> dict[str, str]:
    return keys.due(run_id.campaign, stamp(at), run_id.org)


def run_key(run_id: RunId) -> keys.Key:
    return keys.run(run_id.org, run_id.campaign, run_id.run)


def batch_key(batch_id: BatchId) -> keys.Key:
    run = batch_id.run
    return keys.batch(run.org, run.campaign, run.run, batch_id.shard, batch_id.sequence)


def run_item(run: Run) -> Item:
    return {
        "status": run.status.value,
        "started_at": stamp(run.started_at),
        "definition": run.definition,
        "channel": run.channel,
        "step": run.step,
        "sender": run.sender,
        "sender_name": run.sender_name,
        "reply_to": run.reply_to,
        "end_at": stamp(run.end_at) if run.end_at else None,
    }


def run_of(run_id: RunId, item: Item) -> Run:
    return Run(
        id=run_id,
        status=RunStatus(item["status"]),
        started_at=moment(item["started_at"]),
        definition=item["definition"],
        channel=item["channel"],
        step=item["step"],
        sender=item["sender"],
        sender_name=item.get("sender_name"),
        reply_to=item.get("reply_to"),
        end_at=moment(item["end_at"]) if item.get("end_at") else None,
        swept_done=int(item.get("swept_done", -1)),
    )


def shard_of(shard: int, item: Item) -> ShardProgress:
    return ShardProgress(
        shard=shard,
        audience=int(item.get("audience", 0)),
        batches=int(item.get("batches", 0)),
        batches_done=int(item.get("batches_done", 0)),
        planned=bool(item.get("planned", False)),
        after=item.get("after"),
        outcomes={name[len(OUTCOME) :]: int(n) for name, n in item.items() if name.startswith(OUTCOME)},
    )


def batch_of(batch_id: BatchId, item: Item) -> Batch:
    return Batch(
        id=batch_id,
        state=BatchState(item["state"]),
        contacts=tuple(item["contacts"]),
        results={int(i): Result(*r) for i, r in json.loads(item.get("results", "{}")).items()},
        call=tuple(json.loads(item.get("call", "[]"))),
        owner=item.get("owner", ""),
        lease_until=item.get("lease_until", ""),
        attempts=int(item["attempts"]),
        postponed=int(item.get("postponed", 0)),
        moves=int(item["moves"]),
    )
