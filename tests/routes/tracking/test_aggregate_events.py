"""The stream's function on the real table."""

import json
import os
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from clarion import keys, settings, wiring
from clarion.domain.outcomes import Unknown
from clarion.storage.runs import RunTable
from clarion.storage.table import Table
from tests.fakes.delivery import Delivery
from tests.routes.conftest import load_handler
from tests.services.settled import event_of
from tests.services.settled import message as message_to
from tests.services.stream import record

MESSAGE = keys.message("acme", "ann", "k", 1, "1", "email")


@pytest.fixture
def handler(table: Table) -> Any:
    wiring.aggregation.cache_clear()
    table.put({**MESSAGE, "state": "claimed"})
    return load_handler("tracking", "aggregate_events")


def opened(number: int, **more: Any) -> dict[str, Any]:
    at = f"2026-11-21T09:00:0{number}.000Z"
    item = {
        **keys.event("acme", "ann", at, str(number)),
        "kind": "open",
        "at": at,
        "method": "GET",
        "msg": MESSAGE["sk"],
    }
    return record({**item, "ua": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"} | more, number)


def opens(table: Table) -> int:
    rows = table.query_all("ORG#acme#CAMPAIGN#k", "STAT#")
    return sum(int(row["email.1.opens_human"]) for row in rows)


def test_a_batch_delivered_twice_counts_once(handler: Any, table: Table) -> None:
    for _ in range(2):
        assert handler({"Records": [opened(1), opened(2)]}, None) == {"batchItemFailures": []}
    assert opens(table) == 2


def test_a_broken_record_is_given_back_and_the_rest_is_counted(handler: Any, table: Table) -> None:
    answer = handler({"Records": [opened(1), opened(2, kind="frown"), opened(3)]}, None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "2"}]}
    assert opens(table) == 2


def written(change: dict[str, Any], at: Any) -> dict[str, Any]:
    """The record as Lambda gives it: with the time at which its item was written."""
    return {**change, "dynamodb": {**change["dynamodb"], "ApproximateCreationDateTime": at}}


def test_the_newest_event_counted_is_noted(handler: Any, table: Table) -> None:
    handler({"Records": [written(opened(1), 1763715600.0), written(opened(2), 1763715660), opened(3)]}, None)
    noted = table.get(keys.counted())
    assert noted is not None
    assert noted["event_at"] == "2025-11-21T09:01:00.000Z"
    assert noted["at"] > noted["event_at"]


@pytest.mark.parametrize("at", [None, "2025-11-21T09:00:00Z"])
def test_records_fed_in_by_hand_are_counted_and_note_nothing(handler: Any, table: Table, at: Any) -> None:
    assert handler({"Records": [written(opened(1), at)]}, None) == {"batchItemFailures": []}
    assert opens(table) == 1
    assert table.get(keys.counted()) is None


def test_a_batch_of_which_nothing_can_be_counted_notes_nothing(handler: Any, table: Table) -> None:
    handler({"Records": [written(opened(1, kind="frown"), 1763715600)]}, None)
    assert table.get(keys.counted()) is None


@pytest.fixture
def waiting(handler: Any, table: Table, server: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[Any]]:
    """Acme has a journey that contacts may enter; calling it takes the messages from its queue."""
    table.put({**keys.entrance("acme", "drip"), "run": 1})
    sqs = boto3.client("sqs", endpoint_url=server)
    url = sqs.create_queue(QueueName="entry")["QueueUrl"]
    monkeypatch.setenv("ENTRY_QUEUE_URL", url)

    def take() -> list[Any]:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in found:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in found]

    return take


def joined(contact: str, number: int) -> dict[str, Any]:
    body = json.dumps({"id": contact, "attributes": {"leadStatus": "won"}})
    return record({**keys.contact("acme", contact), "body": body}, number)


def test_contacts_and_what_they_did_are_handed_on_to_journeys(
    handler: Any, table: Table, waiting: Callable[[], list[Any]]
) -> None:
    assert handler({"Records": [opened(1), joined("bob", 2)]}, None) == {"batchItemFailures": []}
    assert opens(table) == 1
    assert waiting() == [
        {
            "org": "acme",
            "contacts": [{"id": "bob", "leadStatus": "won"}],
            "events": [{"contact": "ann", "kind": "open", "campaign": "k"}],
        }
    ]


def test_an_event_that_cannot_be_counted_is_not_handed_on(handler: Any, waiting: Callable[[], list[Any]]) -> None:
    answer = handler({"Records": [opened(1, kind="frown"), joined("bob", 2)]}, None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    [message] = waiting()
    assert message["events"] == []


def test_what_cannot_be_handed_on_is_counted_and_comes_again(
    handler: Any, table: Table, waiting: Callable[[], list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    queue_url = os.environ["ENTRY_QUEUE_URL"]
    monkeypatch.setenv("ENTRY_QUEUE_URL", queue_url + "-that-is-gone")
    answer = handler({"Records": [opened(1), joined("bob", 2)]}, None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}, {"itemIdentifier": "2"}]}
    assert opens(table) == 1
    monkeypatch.setenv("ENTRY_QUEUE_URL", queue_url)
    for made in (settings.settings, wiring.entry_queue, wiring.forwarding):
        made.cache_clear()
    assert handler({"Records": [opened(1), joined("bob", 2)]}, None) == {"batchItemFailures": []}
    assert opens(table) == 1
    assert len(waiting()) == 1


def test_an_event_of_a_message_that_may_not_have_left_settles_it(handler: Any, table: Table) -> None:
    delivery = Delivery()
    [ann] = delivery.people(1)
    delivery.vendor.answers = {"p0@example.com": [Unknown("read timeout")]}
    delivery.launch()
    delivery.work()
    for item in delivery.table.items.values():
        table.put(item)
    for _ in range(2):
        told = record(event_of(message_to(ann), "delivery"), 1)
        assert handler({"Records": [told]}, None) == {"batchItemFailures": []}
    progress = RunTable(table).progress(delivery.run_id)
    assert progress.outcomes == {"sent": 1}
