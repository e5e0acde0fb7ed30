"""The organisation's sending rules, over HTTP events."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from clarion import keys, wiring
from clarion.storage.table import Table
from tests.routes.conftest import ACME, EDITOR, OWNER, STRANGER, VIEWER

ADMIN = "u-admin"
DEFAULTS = {
    "timezone": "UTC",
    "quietHours": [],
    "frequencyCaps": [],
    "rateLimits": [],
    "rampUps": [],
    "guard": {"enabled": True, "complaints": 0.001, "hardBounces": 0.05, "minimumSends": 500},
}
CAP = {"channel": "email", "most": 3, "per": "P7D"}


def documented() -> dict[str, Any]:
    """The example of docs/sending-rules.md."""
    text = (Path(__file__).resolve().parents[3] / "docs" / "sending-rules.md").read_text()
    found = re.search(r"```json\n(.*?)```", text, re.DOTALL)
    assert found is not None
    example: dict[str, Any] = json.loads(found[1])
    return example


@pytest.fixture(autouse=True)
def _admin(people: None, table: Table) -> None:
    member = {"user_id": ADMIN, "org_id": ACME, "role": "admin", "email": "u-admin@example.com"}
    member |= {"joined_at": "2026-01-01T00:00:00.000Z", "organisation": ACME}
    table.put({**keys.member(ACME, ADMIN), **member})
    table.put({**keys.membership(ADMIN, ACME), **member})


def get(call: Any, **how: Any) -> Any:
    return call("organisations", "get_sending_rules", **how)


def update(call: Any, body: Any, **how: Any) -> Any:
    return call("organisations", "update_sending_rules", body=body, **how)


def fields(answer: Any) -> list[str]:
    return [error["field"] for error in answer.json["errors"]]


@pytest.mark.parametrize("user", [OWNER, ADMIN, EDITOR, VIEWER])
def test_an_organisation_that_set_none_has_the_defaults(call: Any, user: str) -> None:
    answer = get(call, user=user)
    assert answer.status == 200
    assert answer.json == {**DEFAULTS, "version": 0}
    assert answer.headers["etag"] == '"0"'


@pytest.mark.parametrize("user", [OWNER, ADMIN])
def test_the_documented_rules_come_back_as_they_were_saved(call: Any, user: str) -> None:
    rules = {**documented(), "version": 0}
    updated = update(call, rules, user=user)
    assert updated.status == 200
    assert updated.json == {**rules, "version": 1}
    assert get(call, user=VIEWER).json == updated.json


def test_workers_go_by_what_was_saved(call: Any) -> None:
    update(call, {"frequencyCaps": [CAP]})
    [cap] = wiring.sending_rules_of(ACME).frequency_caps
    assert (cap.channel, cap.most, cap.per.days) == ("email", 3, 7)


def test_a_put_replaces_the_whole_document(call: Any) -> None:
    update(call, {"timezone": "Asia/Tokyo", "frequencyCaps": [CAP]})
    assert update(call, {"timezone": "Europe/Paris"}).json == {**DEFAULTS, "timezone": "Europe/Paris", "version": 2}


@pytest.mark.parametrize(
    ("given", "answered"), [("P7D", "P7D"), ("P1W", "P7D"), ("PT36H", "P1DT12H"), ("PT1M", "PT1M")]
)
def test_periods_are_iso_8601_durations(call: Any, given: str, answered: str) -> None:
    update(call, {"frequencyCaps": [{**CAP, "per": given}]})
    [cap] = get(call).json["frequencyCaps"]
    assert cap["per"] == answered


def test_a_change_of_an_older_version_is_412(call: Any) -> None:
    assert update(call, {}, headers={"if-match": '"0"'}).json["version"] == 1
    assert update(call, {"timezone": "Asia/Tokyo"}, headers={"if-match": '"0"'}).status == 412
    assert update(call, {"timezone": "Asia/Tokyo", "version": 0}).status == 412
    assert update(call, {"timezone": "Asia/Tokyo", "version": 2}).status == 412
    assert update(call, {"version": 0}, headers={"if-match": '"1"'}).json["version"] == 2
    assert get(call).json == {**DEFAULTS, "version": 2}


def test_another_organisation_sees_none_of_it(call: Any) -> None:
    update(call, {"timezone": "Asia/Tokyo"})
    assert get(call, user=STRANGER).json == {**DEFAULTS, "version": 0}
    assert update(call, {"timezone": "Asia/Seoul"}, user=STRANGER).json["version"] == 1
    assert get(call).json["timezone"] == "Asia/Tokyo"
    assert get(call, user=STRANGER, org=ACME).status == 403


@pytest.mark.parametrize("user", [EDITOR, VIEWER])
def test_editors_and_viewers_change_no_rules(call: Any, user: str) -> None:
    assert update(call, {}, user=user).status == 403
    assert get(call).json["version"] == 0


def test_nobody_reads_them_without_signing_in(call: Any) -> None:
    assert get(call, user=None).status == 401
    assert update(call, {}, user=None).status == 401


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"timezone": "Mars/Olympus"}, "body.timezone"),
        ({"quietHours": [{"from": "21:00", "to": "25:00"}]}, "body.quietHours.0.to"),
        ({"quietHours": [{"from": "21:00", "to": "21:00"}]}, "body.quietHours.0"),
        ({"frequencyCaps": [{**CAP, "per": "P32D"}]}, "body.frequencyCaps.0.per"),
        ({"frequencyCaps": [{**CAP, "per": "a week"}]}, "body.frequencyCaps.0.per"),
        ({"frequencyCaps": [{**CAP, "most": 0}]}, "body.frequencyCaps.0.most"),
        ({"rateLimits": [{"channel": "email", "perSecond": 0}]}, "body.rateLimits.0.perSecond"),
        ({"rateLimits": [{"channel": "fax", "perSecond": 1}]}, "body.rateLimits.0.channel"),
        ({"rateLimits": [{"channel": "email", "perSecond": 1}] * 2}, "body.rateLimits"),
        ({"rampUps": [{"channel": "email", "startsOn": "soon", "daily": [1]}]}, "body.rampUps.0.startsOn"),
        ({"rampUps": [{"channel": "email", "startsOn": "2026-11-23", "daily": []}]}, "body.rampUps.0.daily"),
        ({"guard": {"complaints": 2}}, "body.guard.complaints"),
        ({"version": -1}, "body.version"),
        ({"loudHours": []}, "body.loudHours"),
    ],
)
def test_bad_rules_name_their_field(call: Any, body: Any, field: str) -> None:
    answer = update(call, body)
    assert (answer.status, fields(answer)) == (400, [field])
    assert get(call).json["version"] == 0
