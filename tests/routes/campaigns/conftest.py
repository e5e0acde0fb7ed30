"""Everything a campaign needs: queues, a template, an audience, a connected channel."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

EVERYBODY = {"type": "dynamic", "filter": {"datatype": "contact", "where": {}}}


@pytest.fixture
def plan_messages(table: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """The deployment's queues and channel; calling it counts what waits for the planners."""
    sqs = boto3.client("sqs", region_name="eu-west-1")
    urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("plan", "send")}
    monkeypatch.setenv("PLAN_QUEUE_URL", urls["plan"])
    monkeypatch.setenv("SEND_QUEUE_URL", urls["send"])
    monkeypatch.setenv("EMAIL_CHANNEL", "null")
    monkeypatch.setenv("EMAIL_FROM", "news@shop.example")
    monkeypatch.setenv("PUBLIC_URL", "http://127.0.0.1:8080")
    monkeypatch.setenv("TRACKING_KEYS", "a-secret-of-the-tests-only")
    return lambda: int(
        sqs.get_queue_attributes(QueueUrl=urls["plan"], AttributeNames=["All"])["Attributes"][
            "ApproximateNumberOfMessages"
        ]
    )


@pytest.fixture
def ready(call: Any, plan_messages: Callable[[], int]) -> Any:
    """A saved template and audience of Acme, and ``campaign(**fields)``: a body that can be launched."""
    source = {"name": "Autumn", "subject": "Hello", "html": '<p><a href="https://shop.example/">Shop</a></p>'}
    template = call("templates", "create_template", body=source).json["id"]
    definition = {"name": "Everybody", "definition": EVERYBODY}
    audience = call("audiences", "create_audience", body=definition).json["id"]

    def campaign(**fields: Any) -> dict[str, Any]:
        body = {"name": "Autumn", "channels": ["email"], "audienceId": audience, "templateId": template, **fields}
        return {name: value for name, value in body.items() if value is not None}

    return SimpleNamespace(template=template, audience=audience, campaign=campaign, plan_messages=plan_messages)
