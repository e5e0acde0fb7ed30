"""Tables on which workers get in each other's way, just between what one reads and what it then writes."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from clarion.storage.table import ConditionFailed, Item, Key
from tests.fakes.table import TableInMemory


class TableWithInterruptions(TableInMemory):
    """Before each write the next of ``acts`` runs, once; its own writes are interrupted by those that follow.

    ``reads``, ``writes`` and ``refused`` (writes whose condition failed) count calls.
    """

    def __init__(self) -> None:
        super().__init__()
        self.acts: list[Callable[[], object]] = []
        self.reads = self.writes = self.refused = 0

    def get(self, key: Key) -> Item | None:
        self.reads += 1
        return super().get(key)

    def batch_get(self, keys: Iterable[Key]) -> Iterator[Item]:
        self.reads += 1
        return super().batch_get(keys)

    def _run(self, actions: Sequence[dict[str, Any]]) -> None:
        if self.acts:
            self.acts.pop(0)()
        self.writes += 1
        try:
            super()._run(actions)
        except ConditionFailed:
            self.refused += 1
            raise


class TableOfThreads(TableInMemory):
    """One call at a time, as DynamoDB takes those that meet on an item.

    The first read of each of the ``workers`` threads is answered when all have been read, so that all of them act on
    what they saw before anybody wrote. ``refused`` counts writes whose condition failed.
    """

    def __init__(self, workers: int) -> None:
        super().__init__()
        self.refused = 0
        self._met, self._lock, self._seen = threading.Barrier(workers), threading.Lock(), threading.local()
        self._awaited = workers

    def get(self, key: Key) -> Item | None:
        with self._lock:
            found = super().get(key)
        self._meet()
        return found

    def batch_get(self, keys: Iterable[Key]) -> Iterator[Item]:
        with self._lock:
            found = list(super().batch_get(keys))
        self._meet()
        return iter(found)

    def _meet(self) -> None:
        with self._lock:
            first = self._awaited > 0 and not hasattr(self._seen, "read")
            self._awaited -= first
        if first:
            self._seen.read = True
            self._met.wait(30)

    def _run(self, actions: Sequence[dict[str, Any]]) -> None:
        with self._lock:
            try:
                super()._run(actions)
            except ConditionFailed:
                self.refused += 1
                raise
