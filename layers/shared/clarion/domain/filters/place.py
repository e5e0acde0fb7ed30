"""Where the compiler stands inside a filter: names the spot in a refusal and keeps the filter's size in bounds."""

from dataclasses import dataclass, field
from typing import Any

from clarion.domain.errors import Invalid

MAX_DEPTH = 40
MAX_NODES = 20_000
MAX_PATH_PARTS = 20  # arrays of objects with numeric keys fork at every part
MAX_REGEXES = 50
MAX_REGEX_LENGTH = 1_000


class FilterRejected(Invalid):
    """A filter the language does not allow; its one error's field is the path inside it: ``where.age.$foo``.

    ``path`` holds the same path without its root, one item per key: ``("age", "$foo")``.
    """

    def __init__(self, path: tuple[str, ...], message: str) -> None:
        super().__init__([{"field": ".".join(("where", *path)), "message": message}])
        self.path, self.message = path, message


@dataclass(slots=True)
class Tally:
    """What one filter has used up so far."""

    nodes: int = 0
    regexes: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in the filter being compiled; all places of one filter share its tally."""

    path: tuple[str, ...] = ()
    tally: Tally = field(default_factory=Tally)

    def at(self, key: Any) -> "Place":
        """Step into an object's key; raises ``FilterRejected`` as ``item`` does and for a key that is no text."""
        if not isinstance(key, str):
            raise self.refuse("field names and operators are strings")
        return self._step(key)

    def item(self, index: int) -> "Place":
        """Step into an array; raises ``FilterRejected`` where the filter gets too deep or too large."""
        return self._step(str(index))

    def _step(self, key: str) -> "Place":
        inner = Place((*self.path, key), self.tally)
        if len(inner.path) > MAX_DEPTH:
            raise FilterRejected(self.path[:3], f"the filter is nested deeper than {MAX_DEPTH} levels")
        self.tally.nodes += 1
        if self.tally.nodes > MAX_NODES:
            raise FilterRejected((), f"the filter has more than {MAX_NODES} parts")
        return inner

    def count_regex(self) -> None:
        """Each compiled expression holds memory for as long as the predicate lives, so they are counted."""
        self.tally.regexes += 1
        if self.tally.regexes > MAX_REGEXES:
            raise self.refuse(f"the filter has more than {MAX_REGEXES} regular expressions")

    def refuse(self, message: str) -> FilterRejected:
        return FilterRejected(self.path, message)
