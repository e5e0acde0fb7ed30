"""The worker of the queue that Amazon SES's events come through."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from clarion import wiring
from clarion.storage.table import Table
from tests.channels.test_ses_events import sample
from tests.fakes.moto_partiql import run_inserts
from tests.routes.conftest import load_handler

CONTEXT = SimpleNamespace(get_remaining_time_in_millis=lambda: 10_000)


@pytest.fixture
def handler(table: Table, monkeypatch: pytest.MonkeyPatch) -> Any:
    run_inserts(monkeypatch)
    wiring.ses_events.cache_clear()
    return load_handler("webhooks", "record_ses_events")


def queued(*bodies: str) -> dict[str, Any]:
    return {"Records": [{"messageId": f"m{number}", "body": body} for number, body in enumerate(bodies)]}


def kept(table: Table) -> list[str]:
    return [str(item["kind"]) for item in table.query_all("ORG#acme#CONTACT#ann", "EVENT#")]


def test_events_are_kept_once_however_often_they_come(handler: Any, table: Table) -> None:
    batch = queued(json.dumps(sample("bounce")), json.dumps(sample("delivery")), json.dumps(sample("send")))
    for _ in range(2):
        assert handler(batch, CONTEXT) == {"batchItemFailures": []}
    assert kept(table) == ["delivery", "bounce"]


def test_a_broken_message_goes_back_alone(handler: Any, table: Table) -> None:
    broken = sample("complaint")
    del broken["complaint"]["timestamp"]
    answer = handler(queued("no JSON", json.dumps(broken), json.dumps(sample("bounce"))), CONTEXT)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m0"}, {"itemIdentifier": "m1"}]}
    assert kept(table) == ["bounce"]
