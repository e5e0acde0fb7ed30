"""Runs: what they froze, and how far planning has come.

pk ``ORG#<org>#CAMPAIGN#<id>#RUN#<run>``   sk ``RUN`` · ``SHARD#<shard>`` · ``ZONE#<shard>#<zone>``
"""

import gzip
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from clarion import keys
from clarion.clock import stamp
from clarion.domain.campaign import ENDED, Campaign
from clarion.domain.errors import NotFound, RuleBroken, Stale
from clarion.domain.run import Progress, Run, RunId, RunStatus, ShardProgress, TakenOver, ZoneProgress
from clarion.domain.run_plan import RunPlan
from clarion.storage.run_rows import (
    DUE,
    campaign_action,
    plan_item,
    plan_of,
    run_item,
    run_key,
    run_of,
    shard_of,
    zone_of,
)
from clarion.storage.table import ConditionFailed, Table, delete, put, update

SWEEP_EVERY = timedelta(minutes=1)
MOST_PLANS = 64  # plans a worker keeps; a long fixed audience makes one of 300 KB
_ITEM_LIMIT = 380_000  # bytes of compressed content; DynamoDB's item limit is 400 KB
_LINKS_LIMIT = 3_000_000  # bytes of all link tables; a transaction takes 4 MB, campaign and plan included


class RunTable:
    """Runs move together with their campaign, in one transaction."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._plans: dict[RunId, RunPlan] = {}

    def keep_contents(self, org: str, campaign_id: str, contents: Mapping[str, str]) -> None:
        """Keep compiled contents under their digests; what is there already is the same."""
        for digest, content in contents.items():
            packed = gzip.compress(content.encode(), mtime=0)
            if len(packed) > _ITEM_LIMIT:
                raise RuleBroken("the template is too large to send", "body.templateId")
            self._table.put({**keys.content(org, campaign_id, digest), "content": packed})

    def content(self, run_id: RunId, digest: str) -> str:
        """A compiled content, as it was frozen at launch. Raises NotFound."""
        item = self._table.get(keys.content(run_id.org, run_id.campaign, digest))
        if item is None:
            raise NotFound("content", digest)
        return gzip.decompress(item["content"]).decode()

    def launch(self, campaign: Campaign, runs: Sequence[tuple[Run, Mapping[str, Sequence[str]]]]) -> None:
        """Write runs, each with its link tables by step, and set the campaign running: all or nothing. Raises Stale."""
        sizes = [sum(len(url.encode()) for url in urls) for _, links in runs for urls in links.values()]
        if max(sizes, default=0) > _ITEM_LIMIT or sum(sizes) > _LINKS_LIMIT:
            raise RuleBroken("the templates hold too many or too long links to send", "body.templateId")
        [org] = {run.id.org for run, _ in runs}
        actions = [campaign_action(org, campaign)]
        for run, links in runs:
            actions += _launched(run, links)
        self._transact(actions, campaign)

    def follow_up(self, campaign: Campaign, run: Run) -> None:
        """Start a further run of a journey, for those who enter again, with the links of its first. Raises Stale."""
        org = run.id.org
        due = _due(run.id, run.started_at + SWEEP_EVERY) if run.status == RunStatus.RUNNING else {}
        item = {**run_key(run.id), **run_item(run), **due}
        actions = [
            campaign_action(org, campaign),
            put(item, if_absent=True),
            put(plan_item(run), if_absent=True),
        ]
        for step in run.plan.steps:
            first = self._table.get(keys.links(org, campaign.id, 1, step.id)) or {"urls": []}
            key = keys.links(org, campaign.id, run.id.run, step.id)
            actions.append(put({**key, "urls": first["urls"]}, if_absent=True))
        # It has no audience to walk: every shard is planned from the beginning.
        shards = (keys.run_shard(org, campaign.id, run.id.run, shard) for shard in range(keys.CONTACT_SHARDS))
        actions += [put({**key, "planned": True}, if_absent=True) for key in shards]
        self._transact(actions, campaign)

    def get(self, run_id: RunId) -> Run:
        """Raises NotFound."""
        item = self._table.get(run_key(run_id))
        if item is None:
            raise NotFound("run", f"{run_id.campaign}/{run_id.run}")
        return run_of(run_id, item, self._plan(run_id))

    def _plan(self, run_id: RunId) -> RunPlan:
        """Written once, with the run; a warm worker keeps those it was asked for last."""
        if run_id not in self._plans:
            item = self._table.get(keys.run_plan(run_id.org, run_id.campaign, run_id.run))
            if item is None:
                raise NotFound("plan", f"{run_id.campaign}/{run_id.run}")
            while len(self._plans) >= MOST_PLANS:
                del self._plans[next(iter(self._plans))]
            self._plans[run_id] = plan_of(item)
        return self._plans[run_id]

    def move(self, org: str, campaign: Campaign, runs: Mapping[int, RunStatus]) -> None:
        """Move the campaign, and runs with it, out of (or, for ``running``, back into) the due index. Raises Stale.

        A run that goes on is due at once, and its waiting batches are woken.
        """
        actions = [campaign_action(org, campaign)]
        for number, status in runs.items():
            changed: dict[str, Any] = {"set": {"status": status.value}, "remove": DUE}
            if status == RunStatus.RUNNING:
                due = _due(RunId(org, campaign.id, number), campaign.updated_at)
                changed = {"set": {"status": status.value, "sign": "", **due}, "add": {"wakes": 1}}
            actions.append(update(keys.run(org, campaign.id, number), **changed))
        if campaign.status in ENDED:
            actions.append(delete(keys.entrance(org, campaign.id)))
        self._transact(actions, campaign)

    def close(self, campaign: Campaign, run_id: RunId) -> None:
        """Nobody enters any more; what still waits is woken, to see that its time is over. Raises Stale."""
        closed = update(run_key(run_id), set={"open": False, "sign": ""}, add={"wakes": 1})
        self._transact(
            [campaign_action(run_id.org, campaign), closed, delete(keys.entrance(run_id.org, campaign.id))], campaign
        )

    def retry(self, campaign: Campaign, run_id: RunId) -> None:
        """Set a run going again for those whose message failed. Raises Stale."""
        again = {"status": RunStatus.RUNNING.value, "sign": "", **_due(run_id, campaign.updated_at)}
        self._transact(
            [campaign_action(run_id.org, campaign), update(run_key(run_id), set=again, add={"retries": 1})], campaign
        )

    def postpone(self, run_id: RunId, until: datetime, sign: str) -> None:
        """Come back to a running run at ``until``, remembering its ``sign`` of life; TakenOver when it ended."""
        self._update_running(run_id, {**_due(run_id, until), "sign": sign})

    def decide(self, run_id: RunId, winner: str, now: datetime) -> None:
        """Name the experiment's winner; TakenOver when the run ended."""
        self._update_running(run_id, {"winner": winner, "decided_at": stamp(now)})

    def shard(self, run_id: RunId, shard: int) -> ShardProgress:
        """Planning state of a shard; a fresh one where planning has not begun."""
        item = self._table.get(keys.run_shard(run_id.org, run_id.campaign, run_id.run, shard))
        return shard_of(shard, item or {})

    def shards(self, run_id: RunId) -> list[ShardProgress]:
        """The shards in which planning has begun."""
        return [shard_of(int(item["sk"][6:]), item) for item in self._rows(run_id, "SHARD#")]

    def progress(self, run_id: RunId) -> Progress:
        """Where the run stands: one Query."""
        return Progress.of(self.shards(run_id), keys.CONTACT_SHARDS)

    def zones(self, run_id: RunId) -> list[ZoneProgress]:
        """Where each zone stands, of a run at the recipients' own hour; a zone has a row in each shard."""
        return [zone_of(item) for item in self._rows(run_id, "ZONE#")]

    def tasks_done(self, run_id: RunId, shard: int, **done: int) -> None:
        """Remember that a shard is ``woken`` or ``retried`` so many times."""
        self._table.update(keys.run_shard(run_id.org, run_id.campaign, run_id.run, shard), set=done)

    def _rows(self, run_id: RunId, prefix: str) -> Any:
        return self._table.query_all(keys.run_pk(run_id.org, run_id.campaign, run_id.run), prefix)

    def _update_running(self, run_id: RunId, changed: Mapping[str, Any]) -> None:
        running = {":running": RunStatus.RUNNING.value}
        names = {"#status": "status"}
        try:
            self._table.update(
                run_key(run_id), set=changed, condition="#status = :running", names=names, values=running
            )
        except ConditionFailed:
            raise TakenOver from None

    def _transact(self, actions: Sequence[dict[str, Any]], campaign: Campaign) -> None:
        try:
            self._table.transact(actions)
        except ConditionFailed:
            raise Stale("campaign", campaign.id) from None


def _due(run_id: RunId, at: datetime) -> dict[str, str]:
    return keys.due(f"{run_id.campaign}.{run_id.run}", stamp(at), run_id.org)


def _launched(run: Run, links: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    org, campaign, number = run.id.org, run.id.campaign, run.id.run
    plan = plan_item(run)
    if len(plan["plan"].encode()) > _ITEM_LIMIT:
        raise RuleBroken("audience, goal and steps are too large to launch", "body.audience")
    item = {**run_key(run.id), **run_item(run), **_due(run.id, run.started_at + SWEEP_EVERY)}
    actions = [put(item, if_absent=True), put(plan, if_absent=True)]
    actions += [
        put({**keys.links(org, campaign, number, step), "urls": list(urls)}, if_absent=True)
        for step, urls in links.items()
    ]
    if run.open:
        actions.append(put({**keys.entrance(org, campaign), "run": number}))
    return actions
