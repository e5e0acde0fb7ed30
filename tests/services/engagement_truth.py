"""What the counters must say: each figure counted word by word from its definition, slowly and without state."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from clarion import clock
from clarion.domain.verdict import judge
from clarion.storage.table import Item
from tests.fakes.table import TableInMemory

Figures = dict[tuple[str, str, str], Decimal]  # (pk, sk without the suffix, metric) → figure

_ONCE = {
    "delivery": "deliveries",
    "complaint": "complaints",
    "unsubscribe": "unsubscribes",
    "reply": "replies",
    "conversion": "unique_conversions",
}


def truth(events: Iterable[Item], messages: Mapping[tuple[str, str], str]) -> Figures:
    """Figures from the event items and the keys of the messages that exist, each with its variant (or ``""``)."""
    figures: Figures = defaultdict(Decimal)
    by_message: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for event in events:
        if "msg" in event:
            by_message[event["pk"], event["msg"]].append(event)
        else:
            day = (f"ORG#{event['pk'].split('#')[1]}#STATS", f"STAT#DAY#{event['at'][:10]}")
            figures[*day, "conversions"] += 1
            figures[*day, f"revenue.{event['currency']}"] += event["value"]
    for message in messages.keys() & by_message.keys():
        _count_message(message, messages[message], by_message[message], figures)
    return {key: figure for key, figure in figures.items() if figure}


def stored(table: TableInMemory) -> Figures:
    """The figures in the table, suffixes added up."""
    figures: Figures = defaultdict(Decimal)
    for (pk, sk), item in table.items.items():
        if sk.startswith("STAT#"):
            for metric, figure in item.items():
                if metric not in ("pk", "sk"):
                    figures[pk, sk.rpartition("#")[0], metric] += figure
    return {key: figure for key, figure in figures.items() if figure}


def _count_message(message: tuple[str, str], variant: str, events: list[Item], figures: Figures) -> None:
    _, org, _, _contact = message[0].split("#")
    _, campaign, run, step, channel = message[1].split("#")
    place = f"{channel}.{step}:{variant}" if variant else f"{channel}.{step}"

    def count(at: str, metric: str, amount: Any = 1) -> None:
        row = (f"ORG#{org}#CAMPAIGN#{campaign}", f"STAT#DAY#{at[:10]}")
        figures[*row, f"{place}.{metric}"] += amount

    def count_link(link: int, metric: str) -> None:
        figures[f"ORG#{org}#CAMPAIGN#{campaign}", f"STAT#LINK#{run}#{step}#{int(link):04d}", metric] += 1

    for kind, metric in _ONCE.items():
        if times := [e["at"] for e in events if e["kind"] == kind]:
            count(min(times), metric)
    bounces = [e for e in events if e["kind"] == "bounce"]
    hard = [e["at"] for e in bounces if e["bounce_type"] == "hard"]
    if bounces:
        count(min(hard or [e["at"] for e in bounces]), "bounces_hard" if hard else "bounces_soft")
    for event in events:
        if event["kind"] == "conversion":
            count(event["at"], "conversions")
            count(event["at"], f"revenue.{event['currency']}", event["value"])
    persons = []
    for event in [e for e in events if e["kind"] == "open"]:
        verdict = "machine" if event.get("counted") else judge("open", event.get("ua", ""), event["method"]).verdict
        count(event["at"], f"opens_{verdict}")
        if verdict != "machine":
            persons.append(event["at"])
    if persons:
        count(min(persons), "unique_opens")
    clicks = [e for e in events if e["kind"] == "click"]
    remembered = [e for e in clicks if not e.get("counted")]
    clicked: list[Item] = []
    for event in clicks:
        machine = event.get("counted") or _in_burst(event, remembered)
        verdict = "machine" if machine else judge("click", event.get("ua", ""), event["method"]).verdict
        count(event["at"], f"clicks_{verdict}")
        count_link(event["link"], f"clicks_{verdict}")
        if verdict != "machine":
            clicked.append(event)
    if clicked:
        count(min(e["at"] for e in clicked), "unique_clicks")
    for link in {e["link"] for e in clicked}:
        count_link(link, "unique_clicks")


def _in_burst(click: Item, clicks: list[Item]) -> bool:
    def within(first: Item, other: Item) -> bool:
        return timedelta(0) <= clock.moment(other["at"]) - clock.moment(first["at"]) <= timedelta(seconds=5)

    return any(
        within(first, click) and len({other["link"] for other in clicks if within(first, other)}) >= 3
        for first in clicks
    )
