"""Depths and ages of queues: calls that AWS's own model allows, and answers that may fail to come."""

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.config import Config

from clarion.channels.oldest_ages import OldestAges
from clarion.channels.queue_depths import QueueDepths, named_urls
from clarion.domain.health import Depth
from tests.contract.aws_model import ModelledAws, Refusal

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
URLS = {
    "plan": "https://sqs.eu-west-1.amazonaws.com/000000000000/stack-PlanQueue-1A",
    "send": "https://sqs.eu-west-1.amazonaws.com/000000000000/stack-SendQueue-2B",
}
COUNTS = {
    "ApproximateNumberOfMessages": "7",
    "ApproximateNumberOfMessagesNotVisible": "2",
    "ApproximateNumberOfMessagesDelayed": "1",
}


def client(service: str, answers: list[dict[str, Any] | Refusal]) -> tuple[Any, ModelledAws]:
    once = Config(retries={"mode": "standard", "total_max_attempts": 1})
    client = boto3.client(service, region_name="eu-west-1", config=once)  # type: ignore[call-overload]
    return client, ModelledAws(client, answers)


def ages(answer: dict[str, Any] | Refusal) -> tuple[OldestAges, ModelledAws]:
    cloudwatch, aws = client("cloudwatch", [answer])
    return OldestAges(cloudwatch, URLS, "stack-AggregateEvents-3C", lambda: NOW), aws


def result(query_id: str, *values: float) -> dict[str, Any]:
    return {"Id": query_id, "Label": query_id, "Timestamps": [1] * len(values), "Values": list(values)}


def test_queues_are_named_in_one_variable() -> None:
    assert named_urls(" ".join(f"{name}={url}" for name, url in URLS.items())) == URLS
    assert named_urls("a=http://x/?b=c") == {"a": "http://x/?b=c"}
    assert named_urls("") == {}


def test_the_depth_of_every_queue_is_asked_for() -> None:
    sqs, aws = client("sqs", [{"Attributes": COUNTS}])
    assert QueueDepths(sqs, URLS).read() == {"plan": Depth(7, 2, 1), "send": Depth(7, 2, 1)}
    assert sorted(parameters["QueueUrl"] for _, parameters in aws.calls) == sorted(URLS.values())
    assert aws.problems == []


def test_no_queues_are_no_calls() -> None:
    sqs, aws = client("sqs", [{"Attributes": COUNTS}])
    assert QueueDepths(sqs, {}).read() == {}
    assert aws.calls == []


def test_a_queue_that_refuses_is_unknown() -> None:
    sqs, _ = client("sqs", [Refusal(403, "AccessDenied", "no")])
    assert QueueDepths(sqs, URLS).read() == {"plan": None, "send": None}


def test_a_queue_nobody_can_reach_is_unknown() -> None:
    nowhere = Config(connect_timeout=1, retries={"mode": "standard", "total_max_attempts": 1})
    sqs = boto3.client("sqs", region_name="eu-west-1", endpoint_url="http://127.0.0.1:9", config=nowhere)
    assert QueueDepths(sqs, {"plan": URLS["plan"]}).read() == {"plan": None}


def test_the_newest_age_of_each_queue_and_of_the_stream_is_told() -> None:
    found = [result("queue0", 61.0, 900.0), result("queue1", 12.0), result("stream", 4_200.0)]
    reader, aws = ages({"MetricDataResults": found})
    assert reader.read(["send", "plan"]) == ({"send": 61, "plan": 12}, 4)
    [(operation, asked)] = aws.calls
    assert operation == "GetMetricData"
    assert aws.problems == []
    metrics = [query["MetricStat"]["Metric"] for query in asked["MetricDataQueries"]]
    assert [(each["MetricName"], each["Dimensions"]) for each in metrics] == [
        ("ApproximateAgeOfOldestMessage", [{"Name": "QueueName", "Value": "stack-SendQueue-2B"}]),
        ("ApproximateAgeOfOldestMessage", [{"Name": "QueueName", "Value": "stack-PlanQueue-1A"}]),
        ("IteratorAge", [{"Name": "FunctionName", "Value": "stack-AggregateEvents-3C"}]),
    ]
    assert asked["ScanBy"] == "TimestampDescending"


def test_an_age_without_a_datapoint_is_unknown() -> None:
    reader, _ = ages({"MetricDataResults": [result("queue0"), result("stream")]})
    assert reader.read(["plan"]) == ({}, None)


@pytest.mark.parametrize("refusal", [Refusal(400, "Throttling"), Refusal(403, "AccessDenied"), Refusal(503, "Gone")])
def test_metrics_that_do_not_come_are_unknown(refusal: Refusal) -> None:
    reader, _ = ages(refusal)
    assert reader.read(["plan"]) == ({}, None)
