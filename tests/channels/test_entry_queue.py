"""The queue of contacts that may enter journeys."""

import json
from typing import Any

import boto3
import pytest

from clarion.channels.entry_queue import EntryQueue
from clarion.domain.entry import Candidates, Change
from clarion.domain.run import RunId

RUN = RunId("acme", "k", 1)


@pytest.fixture
def sqs(aws: None) -> Any:
    return boto3.client("sqs", region_name="eu-west-1")


@pytest.fixture
def url(sqs: Any) -> str:
    return str(sqs.create_queue(QueueName="entry")["QueueUrl"])


def waiting(sqs: Any, url: str) -> list[dict[str, Any]]:
    bodies = []
    while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        for message in found:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            bodies.append(json.loads(message["Body"]))
    return bodies


def test_more_candidates_than_one_call_takes_are_put(sqs: Any, url: str) -> None:
    candidates = [Candidates("acme", (Change(f"c{n}", "won"),)) for n in range(23)]
    EntryQueue(sqs, url).put(candidates)
    found = waiting(sqs, url)
    assert sorted(message["contacts"][0]["id"] for message in found) == sorted(f"c{n}" for n in range(23))
    assert {message["contacts"][0]["leadStatus"] for message in found} == {"won"}


def test_a_look_at_a_journey_asks_for_every_shard_and_goes_on_in_one(sqs: Any, url: str) -> None:
    queue = EntryQueue(sqs, url)
    queue.look(RUN)
    found = waiting(sqs, url)
    assert sorted(message["shard"] for message in found) == list(range(16))
    assert {RunId.of(message) for message in found} == {RUN}
    queue.look_on(RUN, 7, "c9")
    assert waiting(sqs, url) == [{"org": "acme", "campaign": "k", "run": 1, "shard": 7, "after": "c9"}]


def test_what_sqs_refuses_is_no_success() -> None:
    class Refusing:
        def send_message_batch(self, **request: Any) -> dict[str, Any]:
            return {"Failed": [{"Id": "0", "Code": "InternalError"}]}

    with pytest.raises(RuntimeError, match="InternalError"):
        EntryQueue(Refusing(), "url").put([Candidates("acme", (Change("c1"),))])
