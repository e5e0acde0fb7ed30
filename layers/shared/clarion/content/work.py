"""What a template may still do: rounds and calls are counted, and every text by its characters."""

from collections.abc import Collection
from types import GeneratorType
from typing import Any

from jinja2 import Undefined
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from markupsafe import Markup

STEPS = 10_000
"""Rounds of all loops plus calls, per part of a mail; real mails loop over a few products."""
WORK = 10_000_000
"""Characters and members that all filters, calls, operators and expressions of a part read or write together."""
LONGEST_VALUE = 250_000
"""Characters of a text, members of a collection, bits of a whole number."""

_SMALL = frozenset({int, float, bool, type(None)})
# No template can name a variable with a space in it.
_STEPS, _WORK, _MISSING = "steps left", "work left", "values missed"


def budget() -> dict[str, list[Any]]:
    """A fresh allowance, to be given among the variables of each rendering."""
    return {_STEPS: [STEPS], _WORK: [WORK], _MISSING: []}


def missed(variables: dict[str, Any]) -> str | None:
    """The last value that a filter was asked for and did not find, by name."""
    return variables[_MISSING][-1] if variables.get(_MISSING) else None


def miss(context: Context, value: Undefined) -> None:
    """Remember what is missing: a later failure may be its consequence."""
    # Jinja2 documents these names for those who extend its undefined types.
    owner, name = value._undefined_obj, value._undefined_name  # noqa: SLF001
    owners = (known for known in ("attributes", "contact") if context.parent.get(known) is owner)
    place = next(owners, None)
    context.parent[_MISSING].append(f"{place}.{name}" if place else str(name))


def spend_steps(context: Context, steps: int) -> None:
    left = context.parent[_STEPS]
    left[0] -= steps
    if left[0] < 0:
        raise SecurityError(f"more than {STEPS} loop rounds and calls")


def spend(context: Context, value: Any, times: int = 1) -> None:
    """Pay for reading or writing ``value`` so many times."""
    left = context.parent[_WORK]
    kind = type(value)
    if kind is str or kind is Markup:
        left[0] -= len(value) * times
    else:
        left[0] -= times if kind in _SMALL else weight(value) * times
    if left[0] < 0:
        raise SecurityError(f"more than {WORK} characters of work")


def weight(value: Any) -> int:
    """Characters and members of a value, however deep; counting stops beyond ``WORK``."""
    total, waiting = 1, [value]
    while waiting and total <= WORK:
        each = waiting.pop()
        if isinstance(each, (str, bytes)):
            total += len(each)
        elif isinstance(each, Collection):
            total += len(each)
            if total > WORK:
                break
            members = (*each.keys(), *each.values()) if isinstance(each, dict) else each
            waiting += [member for member in members if type(member) not in _SMALL]
    return total


def settled(value: Any) -> Any:
    """A generator's members as a list, which can be weighed; any other value itself."""
    if isinstance(value, GeneratorType):
        members = []
        for member in value:
            members.append(member)
            if len(members) > LONGEST_VALUE:
                raise SecurityError("a value grows too large")
        return members
    return value
