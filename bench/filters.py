"""How many contacts a second a compiled filter tests, beside mongoquery where that is installed.

    PYTHONPATH=layers/shared python bench/filters.py [contacts]

mongoquery is no dependency: ``pip install mongoquery==1.4.3`` into an environment of its own to compare with it.
"""

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from random import Random
from time import perf_counter
from typing import Any

from clarion.domain.filters import compile_filter

FILTERS: dict[str, dict[str, Any]] = {
    "equality": {"attributes.segment": "Womens E-Mail"},
    "range": {"attributes.history": {"$gte": 200, "$lt": 500}},
    "membership": {"attributes.zip": {"$in": [f"zip-{n}" for n in range(500)]}},
    "tags": {"tags": {"$all": ["vip", "beta"]}, "attributes.recency": {"$lte": 6}},
    "array": {"orders": {"$elemMatch": {"total": {"$gt": 80}, "items": "shirt"}}},
    "regex": {"email": {"$regex": "@(mail|post)[0-9]+\\.example$"}},
    "mixed": {
        "$or": [{"attributes.mens": 1, "attributes.newbie": 0}, {"tags": "vip", "phone": {"$exists": True}}],
        "attributes.channel": {"$ne": "Phone"},
        "consent.email": "granted",
    },
}


def contacts(count: int) -> Iterator[dict[str, Any]]:
    random = Random(7)  # noqa: S311  # the same contacts in every run, no secret
    for number in range(count):
        yield {
            "id": f"c-{number}",
            "email": f"person{number}@{random.choice(['mail', 'post', 'web'])}{number % 9}.example",
            "tags": random.sample(["vip", "beta", "new", "press"], random.randrange(4)),
            "consent": {"email": random.choice(["granted", "denied"])},
            "attributes": {
                "segment": random.choice(["Womens E-Mail", "Mens E-Mail", "No E-Mail"]),
                "history": random.uniform(30, 900),
                "recency": random.randrange(1, 13),
                "zip": f"zip-{random.randrange(1000)}",
                "channel": random.choice(["Web", "Phone", "Multichannel"]),
                "mens": random.randrange(2),
                "newbie": random.randrange(2),
            },
            "orders": [
                {"total": random.randrange(100), "items": random.sample(["shirt", "hat", "bag"], 2)}
                for _ in range(random.randrange(3))
            ],
        }


def rate(predicate: Callable[[Any], bool], documents: list[dict[str, Any]]) -> tuple[int, float]:
    """Contacts selected, and contacts per second in the best of five rounds."""
    best = float("inf")
    selected = 0
    for _ in range(5):
        started = perf_counter()
        selected = sum(map(predicate, documents))
        best = min(best, perf_counter() - started)
    return selected, len(documents) / best


def main() -> None:
    documents = list(contacts(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000))
    other = None
    with suppress(ModuleNotFoundError):
        other = importlib.import_module("mongoquery")
    print(f"{'filter':<12}{'selected':>10}{'contacts/s':>14}{'× mongoquery':>14}")
    for name, where in FILTERS.items():
        selected, ours = rate(compile_filter(where), documents)
        ratio = ""
        if other:
            their_selection, theirs = rate(other.Query(where).match, documents)
            ratio = f"{ours / theirs:.1f}" if their_selection == selected else "other result"
        print(f"{name:<12}{selected:>10,}{ours:>14,.0f}{ratio:>14}")


if __name__ == "__main__":
    main()
