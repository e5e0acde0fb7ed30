"""What vendors tell of a delivery's messages, and whether all that says what became of them agrees."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from clarion import keys
from clarion.domain.engagement import MessageRef
from clarion.services.aggregation import Aggregated, AggregationService
from clarion.services.settling import SettlingService
from clarion.storage.engagement import EngagementTable
from clarion.storage.runs import RunTable
from clarion.storage.settlements import SettlementTable
from clarion.storage.table import Item, Table
from tests.fakes.delivery import CAMPAIGN, ORG, Delivery
from tests.services.stream import record

DETAILS: dict[str, dict[str, Any]] = {
    "bounce": {"bounce_type": "hard"},
    "open": {"method": "GET"},
    "click": {"method": "GET", "link": 0},
    "conversion": {"value": 1, "currency": "EUR"},
}


def settling(table: Table) -> SettlingService:
    return SettlingService(RunTable(table), SettlementTable(table))


def message(contact: str, step: str = "1", run: int = 1) -> MessageRef:
    return MessageRef(ORG, contact, CAMPAIGN, run, step, "email")


def event_of(about: MessageRef, kind: str, at: str = "2026-11-21T09:00:30.000Z") -> Item:
    return {
        **keys.event(about.org, about.contact, at, f"01J{kind.upper()}"), "kind": kind, "at": at, "source": "test",
        "msg": keys.message_sk(*about[2:]), **DETAILS.get(kind, {}),
    }  # fmt: skip


def tell(table: Table, events: Sequence[Item]) -> Aggregated:
    """The worker of the stream, as its handler: count, then settle."""
    done = AggregationService(EngagementTable(table)).aggregate([record(each, n) for n, each in enumerate(events)])
    settling(table).left(done.left)
    return done


def outcomes(table: Table, contacts: Sequence[str], step: str = "1") -> list[str]:
    """What the message items say, one by one."""
    items = [table.get(keys.message(*message(contact, step))) or {} for contact in contacts]
    return [str(item.get("state")) for item in items]


def figures(delivery: Delivery, run: int = 1) -> Mapping[str, int]:
    """Outcomes by code, once everything that counts them was found to agree: shards, batches, messages, days."""
    items = delivery.table.items
    shards, batches, states, days = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for (pk, sk), item in items.items():
        if pk == keys.run_pk(ORG, CAMPAIGN, run) and sk.startswith("SHARD#"):
            shards.update({name[2:]: int(n) for name, n in item.items() if name.startswith("n_")})
        elif pk == keys.run_pk(ORG, CAMPAIGN, run) and sk.startswith("BATCH#"):
            batches.update(code for code, _ in json.loads(item.get("results", "{}")).values())
        elif sk.startswith(f"MSG#{CAMPAIGN}#{run:04d}#"):
            states[item["state"]] += 1
        elif sk.startswith("STAT#DAY#"):
            for name, n in item.items():
                code = name.rpartition(".")[2]
                if code in ("sends", "unknown", "failed", "rejected"):
                    assert n >= 0, f"{sk}: nothing is taken from a day that did not count it"
                    days["sent" if code == "sends" else code] += int(n)
    assert +shards == +batches == +days
    assert {code: n for code, n in states.items() if code != "claimed"} == {
        code: n for code, n in batches.items() if code in ("unknown", "failed", "rejected")
    }
    return {code: n for code, n in batches.items() if n}


def before_the_next(table: Any, wanted: Callable[[str], bool], act: Callable[[], object]) -> None:
    """Run ``act`` once, just before the next transaction whose actions, as text, are ``wanted``."""
    really = table.transact

    def transact(actions: Sequence[dict[str, Any]]) -> None:
        if wanted(str(actions)):
            table.transact = really
            act()
        really(actions)

    table.transact = transact
