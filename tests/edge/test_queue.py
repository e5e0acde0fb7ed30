"""Queue workers: one message's failure is its own."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from clarion.edge.queue import queue

CONTEXT = SimpleNamespace(get_remaining_time_in_millis=lambda: 4_200)


def records(*bodies: str) -> dict[str, Any]:
    return {"Records": [{"messageId": f"m{n}", "body": body} for n, body in enumerate(bodies)]}


@pytest.fixture
def seen() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def handler(seen: list[dict[str, Any]]) -> Any:
    @queue("PlanQueue")
    def handler(message: dict[str, Any], remaining_ms: Callable[[], int]) -> None:
        if message.get("secret"):
            raise RuntimeError("cannot do that")
        seen.append({**message, "left": remaining_ms()})

    return handler


def test_each_message_reaches_the_function_with_the_time_that_is_left(handler: Any, seen: list[dict[str, Any]]) -> None:
    assert handler(records('{"n": 1}', '{"n": 2}'), CONTEXT) == {"batchItemFailures": []}
    assert seen == [{"n": 1, "left": 4_200}, {"n": 2, "left": 4_200}]


def test_a_message_that_fails_goes_back_alone(handler: Any, seen: list[dict[str, Any]]) -> None:
    answer = handler(records('{"n": 1}', '{"secret": "ann@example.com"}', '{"n": 3}'), CONTEXT)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert [message["n"] for message in seen] == [1, 3]


@pytest.mark.parametrize("body", ["", "not JSON", "[1]", '"text"', "null"])
def test_a_body_that_is_no_object_fails_without_reaching_the_function(
    handler: Any, seen: list[dict[str, Any]], body: str
) -> None:
    assert handler(records(body), CONTEXT) == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert seen == []


def test_a_failure_is_logged_with_its_id_and_without_its_body(
    handler: Any, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    handler(records(json.dumps({"secret": "ann@example.com"})), CONTEXT)
    logged = caplog.text + "".join(capsys.readouterr())
    assert "message failed" in logged
    assert "ann@example.com" not in logged


def test_a_worker_knows_its_queue(handler: Any) -> None:
    assert handler.queue == "PlanQueue"
