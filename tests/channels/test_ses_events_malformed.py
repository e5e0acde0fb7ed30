"""Whatever stands where SES documents something else, one event fails alone."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from clarion.channels.ses_events import event_of
from clarion.domain.vendor_events import MalformedEvent, Skipped, VendorEvent
from tests.channels.test_ses_events import sample

WRONG: list[Any] = [None, 7, True, "", "nonsense", [], {}, [None], "0001-01-01T00:00:00+14:00", "\ud800"]


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON value."""
    if path:
        yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from paths(child, (*path, key))


@pytest.mark.parametrize("name", ["bounce", "complaint", "delivery"])
def test_nothing_in_an_event_can_make_it_fail_otherwise_than_as_malformed(name: str) -> None:
    outcomes: set[type] = set()
    for path in paths(sample(name)):
        for wrong in WRONG:
            event = copy.deepcopy(sample(name))
            inner = event
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = wrong
            try:
                outcomes.add(type(event_of(event)))
            except MalformedEvent:
                outcomes.add(MalformedEvent)
    assert outcomes == {VendorEvent, Skipped, MalformedEvent}
