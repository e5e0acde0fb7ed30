"""What runs published, when its figures are read next, and vendors' names of it.

publication pk ``ORG#<org>#CAMPAIGN#<campaign>``  sk ``PUBLICATION#<run>#<step>#<outlet>``
name        pk ``ORG#<org>#PUBLICATIONS``         sk ``<platform>#<vendor id>``
draft       pk ``ORG#<org>#DRAFTS``               sk ``DRAFT#<publication id>``   until it is of no use, or by TTL
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from clarion import keys
from clarion.clock import moment, stamp
from clarion.domain.engagement import MessageRef, metric_name
from clarion.domain.errors import CursorRefused
from clarion.domain.outlet import Outlet
from clarion.domain.publication import Publication, PublicationState
from clarion.storage.engagement import message_ref
from clarion.storage.table import ConditionFailed, Item, Key, Table, delete, put, update

MOST_DUE = 50
"""Publications of one of the eight shards in one look at what is due; the rest is due at the next."""
SOONEST = timedelta(minutes=5)
"""Between two readings of figures, however much a vendor reports."""
DRAFTS_KEPT = timedelta(days=7)
"""Longer than any vendor keeps what was prepared."""

_UNPUBLISHED = "attribute_not_exists(vendor_id)"
_PREFIX = "PUBLICATION#"


class PublicationTable:
    """Every move of a row is conditional on the attempt and the version that were read."""

    def __init__(self, table: Table) -> None:
        self._table = table

    # --- publishing

    def begin(self, publication: Publication) -> Publication | None:
        """Keep it as ``calling`` before the vendor is called; None says that it is kept.

        Else the earlier attempt that stands in its way, which is left alone: one that was published, or ``calling``,
        of which nobody knows yet. An ``absent`` one is replaced.
        """
        begun = publication.begun()
        while True:
            try:
                self._table.update(
                    _key(publication.message),
                    **_row(begun),
                    condition="attribute_not_exists(pk) OR #state = :absent",
                    names={"#state": "state"},
                    values={":absent": PublicationState.ABSENT.value},
                )
            except ConditionFailed:
                standing = self.get(publication.message)
                if standing is None:
                    continue  # it was taken back in between
                # A write whose answer was lost is repeated and then finds what it wrote itself.
                return None if _same(standing, begun) else standing
            return None

    def published(self, publication: Publication, vendor_id: str, at: datetime) -> Publication:
        """The vendor took it and calls it ``vendor_id``: it is ``live``, and found by that name.

        Where that is known already, as by somebody who looked for it meanwhile, the row stays as it is.
        """
        live = publication.begun().live(vendor_id, at)
        message = live.message
        name = {
            **keys.publication_name(message.org, live.outlet.platform, vendor_id),
            "contact": message.contact,
            "msg": keys.message_sk(*message[2:]),
        }
        try:
            self._table.transact([update(_key(message), **_row(live), condition=_UNPUBLISHED), put(name)])
        except ConditionFailed:
            return self.get(message) or live
        return live

    def failed(self, publication: Publication) -> None:
        """Nothing was published: as if it had never begun. What was published, or begun by another attempt, stays."""
        condition, values = f"made_at = :made_at AND {_UNPUBLISHED}", {":made_at": stamp(publication.made_at)}
        try:
            self._table.transact([delete(_key(publication.message), condition, values)])
        except ConditionFailed:
            return

    # --- reading

    def get(self, message: MessageRef) -> Publication | None:
        """What a message published; None for nothing."""
        row = self._table.get(_key(message))
        return _publication(row) if row else None

    def by_vendor_id(self, org_id: str, platform: str, vendor_id: str) -> Publication | None:
        """What the vendor calls so; None for what is not the organisation's, or not ours."""
        name = self._table.get(keys.publication_name(org_id, platform, vendor_id))
        return self.get(message_ref(keys.person_pk(org_id, name["contact"]), name["msg"])) if name else None

    def of_campaign(self, org_id: str, campaign_id: str) -> list[Publication]:
        """All that a campaign's runs published, run by run."""
        return [_publication(row) for row in self._table.query_all(keys.campaign_pk(org_id, campaign_id), _PREFIX)]

    def page(
        self, org_id: str, campaign_id: str, run: int | None, limit: int, position: Mapping[str, Any] | None
    ) -> tuple[list[Publication], Mapping[str, Any] | None]:
        """Likewise, page by page and of one run where it is named; the position to go on from is None at the end.

        Raises CursorRefused.
        """
        pk = keys.campaign_pk(org_id, campaign_id)
        prefix = _PREFIX if run is None else f"{_PREFIX}{run:04d}#"
        after = None
        if position is not None:
            sk = position.get("sk")
            if not isinstance(sk, str) or not sk.startswith(prefix):
                raise CursorRefused
            after = {"pk": pk, "sk": sk}
        rows, last = self._table.query(pk, prefix, after=after, limit=limit)
        return [_publication(row) for row in rows], {"sk": last["sk"]} if last else None

    def due(self, now: datetime) -> list[Publication]:
        """What is to be looked for, or read, by ``now``; oldest first, as many as one poller may have time for."""
        found: list[Item] = []
        for shard in range(keys.DUE_SHARDS):
            found += self._table.query_due(keys.poll_pk(shard), stamp(now), MOST_DUE)
        named: list[Key] = [{"pk": item["pk"], "sk": item["sk"]} for item in found]
        publications = [_publication(row) for row in self._table.batch_get(named)]
        due = [(each.next_poll, each.id, each) for each in publications if each.next_poll and each.next_poll <= now]
        return [each for _, _, each in sorted(due, key=lambda entry: entry[:2])]

    # --- polling

    def add_figures(
        self, publication: Publication, figures: Mapping[str, Decimal], next_poll: datetime | None, now: datetime
    ) -> bool:
        """Keep the vendor's new totals and count what they have gained, both or neither, on the day of ``now``.

        False, counting nothing, where the row has moved since it was read.
        """
        gained = publication.gained(figures)
        message = publication.message
        actions = [_moved(publication, publication.with_figures(figures, now, next_poll))]
        if gained:
            suffix = keys.counter_suffix(message.contact)
            counters = keys.day_counters(message.org, message.campaign, stamp(now)[:10], suffix)
            names = {name: metric_name(message.channel, message.step, "", name) for name in gained}
            actions.append(update(counters, add={names[name]: amount for name, amount in gained.items()}))
        return self._move(actions)

    def move(self, publication: Publication, moved: Publication) -> bool:
        """Keep what became of it (looked for, deleted, put off); False where the row has moved since it was read."""
        return self._move([_moved(publication, moved)])

    def poll_soon(self, publication: Publication, now: datetime) -> None:
        """Something has happened there: read its figures at the next opportunity, unless that was just done."""
        soon = max(now, (publication.polled_at or publication.made_at) + SOONEST)
        if publication.state == PublicationState.LIVE and (
            publication.next_poll is None or soon < publication.next_poll
        ):
            self.move(publication, publication.put_off(soon))  # refused, somebody else has just done it

    def _move(self, actions: list[dict[str, Any]]) -> bool:
        try:
            self._table.transact(actions)
        except ConditionFailed:
            return False
        return True


class DraftTable:
    """The `Drafts` of an organisation."""

    def __init__(self, table: Table, org_id: str, clock: Callable[[], datetime]) -> None:
        self._table, self._org, self._clock = table, org_id, clock

    def kept(self, post_id: str) -> str | None:
        """What was kept last for our post."""
        row = self._table.get(keys.publication_draft(self._org, post_id))
        return row["draft"] if row else None

    def keep(self, post_id: str, draft: str) -> None:
        """Keep ``draft`` before it is published."""
        until = int((self._clock() + DRAFTS_KEPT).timestamp())
        self._table.put({**keys.publication_draft(self._org, post_id), "draft": draft, "expires_at": until})

    def forget(self, post_id: str) -> None:
        """It is of no use any more."""
        self._table.delete(keys.publication_draft(self._org, post_id))


def _key(message: MessageRef) -> keys.Key:
    return keys.publication(message.org, message.campaign, message.run, message.step, message.contact)


def _same(one: Publication, other: Publication) -> bool:
    return (stamp(one.made_at), one.version) == (stamp(other.made_at), other.version)


def _moved(seen: Publication, moved: Publication) -> dict[str, Any]:
    values = {":made_at": stamp(seen.made_at), ":version": seen.version}
    condition = "made_at = :made_at AND version = :version"
    return update(_key(seen.message), **_row(moved), condition=condition, values=values)


def _row(publication: Publication) -> dict[str, Any]:
    """The whole row, as an update that takes away whatever it has not."""
    message, poll_at = publication.message, publication.next_poll
    due = keys.poll(publication.id, stamp(poll_at), message.org) if poll_at else {"due_pk": None, "due_sk": None}
    attributes: dict[str, Any] = {
        "channel": message.channel,
        "state": publication.state.value,
        "outlet": publication.outlet.model_dump(),
        "made_at": stamp(publication.made_at),
        "text": publication.text or None,
        "link": publication.link,
        "vendor_id": publication.vendor_id or None,
        "published_at": _stamp(publication.published_at),
        "ends_at": _stamp(publication.ends_at),
        "figures": dict(publication.figures) or None,
        "polled_at": _stamp(publication.polled_at),
        "looks": publication.looks or None,
        "version": publication.version,
        **due,
    }
    return {
        "set": {name: value for name, value in attributes.items() if value is not None},
        "remove": [name for name, value in attributes.items() if value is None],
    }


def _publication(row: Item) -> Publication:
    _, org, _, campaign = row["pk"].split("#")
    _, run, step, outlet = row["sk"].split("#")
    return Publication(
        message=MessageRef(org, outlet, campaign, int(run), step, row["channel"]),
        outlet=Outlet.model_validate(row["outlet"]),
        made_at=moment(row["made_at"]),
        state=PublicationState(row["state"]),
        text=row.get("text", ""),
        link=row.get("link"),
        vendor_id=row.get("vendor_id", ""),
        published_at=_moment(row.get("published_at")),
        ends_at=_moment(row.get("ends_at")),
        figures=dict(row.get("figures", {})),
        polled_at=_moment(row.get("polled_at")),
        next_poll=moment(row["due_sk"].partition("#")[0]) if "due_sk" in row else None,
        looks=int(row.get("looks", 0)),
        version=int(row["version"]),
    )


def _stamp(at: datetime | None) -> str | None:
    return stamp(at) if at else None


def _moment(text: str | None) -> datetime | None:
    return moment(text) if text else None
