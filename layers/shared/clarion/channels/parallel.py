"""Several calls at once, for vendors that take one message a call."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Found = TypeVar("Found")


def each_at_once(act: Callable[[Item], Found], items: Sequence[Item]) -> list[Found]:
    """``act`` of every item, a thread for each, in the items' order."""
    if len(items) <= 1:
        return [act(item) for item in items]
    with ThreadPoolExecutor(len(items)) as threads:
        return list(threads.map(act, items))
