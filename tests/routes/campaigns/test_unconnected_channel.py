"""A campaign on a channel that is not connected is kept as a draft, and its launch refused with the reason."""

from datetime import UTC, datetime
from typing import Any

import pytest

from clarion import wiring
from clarion.domain.connection import Connection
from tests.routes.conftest import ACME, GLOBEX


@pytest.fixture
def draft(call: Any, ready: Any) -> str:
    answer = call("campaigns", "create_campaign", body=ready.campaign(channels=["sms"]))
    assert (answer.status, answer.json["status"]) == (201, "draft")
    campaign_id: str = answer.json["id"]
    return campaign_id


def launch(call: Any, campaign_id: str) -> Any:
    return call("campaigns", "launch_campaign", path={"campaign_id": campaign_id})


def connect(org: str) -> None:
    now = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
    twilio = Connection(id="twilio", status="connected", secret_version="1", connected_at=now)
    wiring.connection_table().save(org, twilio)


def test_its_launch_is_refused_with_the_reason(call: Any, draft: str) -> None:
    answer = launch(call, draft)
    assert answer.status == 422
    assert answer.json["errors"] == [{"field": "body.channels", "message": "the channel 'sms' is not connected"}]
    assert call("campaigns", "get_campaign", path={"campaign_id": draft}).json["status"] == "draft"


def test_what_another_organisation_connected_does_not_help(call: Any, draft: str) -> None:
    connect(GLOBEX)
    assert launch(call, draft).status == 422


def test_once_the_channel_is_connected_that_reason_is_gone(call: Any, draft: str) -> None:
    connect(ACME)
    assert "is not connected" not in launch(call, draft).text
