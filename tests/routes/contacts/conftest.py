"""The bucket and the queues that contact routes and workers use, on moto."""

import json
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from clarion import settings
from tests.routes.conftest import load_handler

BUCKET = "clarion-test-files"


@pytest.fixture
def s3(aws: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    client = boto3.client("s3", region_name="eu-west-1")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    monkeypatch.setenv("BUCKET_NAME", BUCKET)
    settings.settings.cache_clear()
    return client


@pytest.fixture
def work(s3: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """``work()`` delivers what is queued to the workers, until nothing is left; returns their answers."""
    sqs = boto3.client("sqs", region_name="eu-west-1")
    workers = {}
    for name, worker in (("import", "read_import"), ("export", "write_export")):
        url = sqs.create_queue(QueueName=f"clarion-{name}")["QueueUrl"]
        monkeypatch.setenv(f"{name.upper()}_QUEUE_URL", url)
        workers[url] = worker
    settings.settings.cache_clear()
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 300_000)

    def work() -> list[Any]:
        answers = []
        for url, worker in workers.items():
            while messages := sqs.receive_message(QueueUrl=url).get("Messages"):
                records = [{"messageId": each["MessageId"], "body": each["Body"]} for each in messages]
                assert all(isinstance(json.loads(record["body"]), dict) for record in records)
                answers.append(load_handler("contacts", worker)({"Records": records}, context))
                for each in messages:
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
        return answers

    return work
