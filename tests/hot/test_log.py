"""The one line of a request."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from clarion.hot import log


def test_a_failure_is_written_at_every_level_with_the_time_that_lambda_asks_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lambda takes a line without a valid timestamp for INFO, and a log level of WARN drops it."""
    monkeypatch.setenv("LOG_LEVEL", "ERROR")
    log.outcome("record_open", "recorded")
    log.outcome("record_open", "not recorded", {"campaign": "k"}, failed=True)
    [line] = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert (told["level"], told["result"], told["campaign"]) == ("ERROR", "not recorded", "k")
    assert datetime.now(UTC) - datetime.fromisoformat(told["timestamp"]) < timedelta(minutes=1)
