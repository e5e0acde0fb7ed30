"""The health of the deployment, over HTTP events."""

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from clarion import keys, settings, wiring
from clarion.clock import stamp
from clarion.storage.table import Table
from tests.routes.conftest import ACME, EDITOR, GLOBEX, OWNER, STRANGER, VIEWER

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clarion.wiring.operations.now", lambda: NOW)


@pytest.fixture(autouse=True)
def urls(people: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Two queues and a dead-letter queue, as the function's environment names them."""
    sqs = boto3.client("sqs")
    made = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("plan", "send", "plan-dlq")}
    monkeypatch.setenv("WATCHED_QUEUES", f"plan={made['plan']} send={made['send']}")
    monkeypatch.setenv("DEAD_LETTER_QUEUES", f"plan={made['plan-dlq']}")
    monkeypatch.setenv("COUNTING_FUNCTION", "aggregate-events")
    settings.settings.cache_clear()
    return made


@pytest.fixture(autouse=True)
def _ticking(table: Table) -> None:
    table.put({**keys.heartbeat(), "at": stamp(NOW - timedelta(seconds=20))})


def get(call: Any, **how: Any) -> Any:
    return call("health", "get_health", **how)


@pytest.mark.parametrize("user", [OWNER, EDITOR, VIEWER])
def test_an_idle_deployment_is_well(call: Any, user: str) -> None:
    answer = get(call, user=user)
    assert answer.status == 200
    empty = {"waiting": 0, "inFlight": 0, "delayed": 0, "oldestSeconds": None}
    never = {"lastSentAt": None, "development": False}
    assert answer.json == {
        "status": "ok",
        "checkedAt": "2026-11-21T09:00:00Z",
        "scheduler": {"lastTickAt": "2026-11-21T08:59:40Z", "ageSeconds": 20, "healthy": True},
        "dueBacklog": {"items": 0, "atLeast": False, "oldestSeconds": None},
        "queues": {"plan": empty, "send": empty},
        "deadLetters": {"plan": 0},
        "channels": {"email": never, "sms": never, "social": never, "ads": never},
        "counters": {"lastEventAt": None, "lagSeconds": None, "waitingSeconds": None},
        "reasons": [],
    }


def test_what_is_wrong_is_said(call: Any, table: Table, urls: dict[str, str]) -> None:
    table.put({**keys.heartbeat(), "at": stamp(NOW - timedelta(minutes=7))})
    due = stamp(NOW - timedelta(minutes=9))
    table.put({"pk": "p", "sk": "RUN", "due_pk": "DUE#0", "due_sk": f"{due}#acme#k"})
    sqs = boto3.client("sqs")
    sqs.send_message(QueueUrl=urls["send"], MessageBody="waits")
    sqs.send_message(QueueUrl=urls["send"], MessageBody="later", DelaySeconds=900)
    sqs.send_message(QueueUrl=urls["plan-dlq"], MessageBody="dead")
    answer = get(call).json
    assert answer["status"] == "degraded"
    assert answer["dueBacklog"] == {"items": 1, "atLeast": False, "oldestSeconds": 540}
    assert answer["queues"]["send"] == {"waiting": 1, "inFlight": 0, "delayed": 1, "oldestSeconds": None}
    assert answer["deadLetters"] == {"plan": 1}
    assert answer["reasons"] == [
        "the scheduler has not run for 7 minutes",
        "work that is due has waited for 9 minutes",
        "the dead-letter queue plan holds 1 message",
    ]


def test_a_queue_that_is_gone_is_a_reason_and_no_error(call: Any, urls: dict[str, str]) -> None:
    boto3.client("sqs").delete_queue(QueueUrl=urls["plan"])
    answer = get(call)
    assert answer.status == 200
    assert answer.json["queues"]["plan"]["waiting"] is None
    assert answer.json["reasons"] == ["the queue plan cannot be read"]


def test_what_workers_noted_is_told(call: Any) -> None:
    wiring.signs_of_life().sent(ACME, "email", NOW - timedelta(seconds=12))
    wiring.signs_of_life().counted(NOW - timedelta(seconds=9), NOW - timedelta(seconds=7))
    answer = get(call).json
    assert answer["channels"]["email"] == {"lastSentAt": "2026-11-21T08:59:48Z", "development": False}
    assert answer["counters"] == {"lastEventAt": "2026-11-21T08:59:51Z", "lagSeconds": 2, "waitingSeconds": None}


def test_channels_that_reach_nobody_say_so(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEVELOPMENT_CHANNELS", "console")
    channels = get(call).json["channels"]
    assert [name for name, each in channels.items() if each["development"]] == ["sms", "social", "ads"]


def test_another_organisation_sees_none_of_what_was_sent(call: Any) -> None:
    wiring.signs_of_life().sent(ACME, "email", NOW)
    assert get(call, user=STRANGER).json["channels"]["email"] == {"lastSentAt": None, "development": False}
    assert get(call, user=VIEWER, org=GLOBEX).status == 403


def test_nobody_reads_it_without_signing_in(call: Any) -> None:
    assert get(call, user=None).status == 401
