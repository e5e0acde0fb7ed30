"""What mailbox providers tell SES, and what the outbox learns from the calls that send. Needs no running stack."""

import json
from pathlib import Path
from typing import Any

import pytest

from local.entries import Mail
from local.outbox import Envelope, envelopes
from local.postmaster import events
from tests.shared_data import shared_root


def mail(to: str) -> Mail:
    return Mail(
        number=0,
        message_id="id-1",
        sender="Clarion <news@clarion.example>",
        to=[to],
        subject="Hello",
        text="",
        html="",
        sent_at=1_700_000_000.0,
        tags={"message": "m1"},
        headers={"List-Id": "<list.example>"},
        configuration_set="clarion",
    )


def shape(value: Any) -> Any:
    """Field names alone, nested; of a list the first element's."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    return [shape(value[0])] if isinstance(value, list) else None


@pytest.mark.parametrize(
    ("address", "kinds"),
    [
        ("ann@example.com", ["Delivery"]),
        ("success@simulator.amazonses.com", ["Delivery"]),
        ("bounce@simulator.amazonses.com", ["Bounce"]),
        ("Bounce+label@Simulator.AmazonSES.com", ["Bounce"]),
        ("suppressionlist@simulator.amazonses.com", ["Bounce"]),
        ("complaint+x@simulator.amazonses.com", ["Delivery", "Complaint"]),
        ("bounce@example.com", ["Delivery"]),
    ],
)
def test_an_address_decides_what_becomes_of_its_mail(address: str, kinds: list[str]) -> None:
    assert [event["eventType"] for event in events(mail(address))] == kinds


@pytest.mark.parametrize(
    ("address", "sample"),
    [
        ("ann@example.com", "ses_delivery.json"),
        ("bounce@simulator.amazonses.com", "ses_bounce.json"),
        ("complaint@simulator.amazonses.com", "ses_complaint.json"),
    ],
)
def test_events_have_the_fields_of_sess_own_samples(address: str, sample: str) -> None:
    path: Path = shared_root(f"webhooks/{sample}")
    expected = json.loads(path.read_text())["payload"]
    event = events(mail(address))[-1]
    for part in ("mail", event["eventType"].lower()):
        for optional in ("userAgent",):
            expected[part].pop(optional, None)
        for described in (event[part], expected[part]):
            described.pop("tags", None)
        assert shape(event[part]) == shape(expected[part])


def test_events_carry_the_tags_of_the_send() -> None:
    [event] = events(mail("ann@example.com"))
    assert event["mail"]["tags"]["message"] == ["m1"]
    assert event["mail"]["tags"]["ses:configuration-set"] == ["clarion"]


def test_a_bulk_entry_s_tags_and_headers_come_over_the_defaults() -> None:
    request = {
        "ConfigurationSetName": "clarion",
        "DefaultEmailTags": [{"Name": "campaign", "Value": "c"}, {"Name": "message", "Value": "none"}],
        "DefaultContent": {"Template": {"Headers": [{"Name": "List-Id", "Value": "l"}]}},
        "BulkEmailEntries": [
            {"ReplacementTags": [{"Name": "message", "Value": "m1"}]},
            {"ReplacementTags": [{"Name": "message", "Value": "m2"}]},
            {"ReplacementHeaders": [{"Name": "List-Unsubscribe", "Value": "u"}]},
        ],
    }
    response = {
        "BulkEmailEntryResults": [
            {"Status": "SUCCESS", "MessageId": "1"},
            {"Status": "MESSAGE_REJECTED", "Error": "no"},
            {"Status": "SUCCESS", "MessageId": "3"},
        ]
    }
    assert dict(envelopes(request, response)) == {
        "1": Envelope({"campaign": "c", "message": "m1"}, {"List-Id": "l"}, "clarion"),
        "3": Envelope({"campaign": "c", "message": "none"}, {"List-Id": "l", "List-Unsubscribe": "u"}, "clarion"),
    }
