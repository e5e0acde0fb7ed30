"""Test sends of text messages."""

from typing import Any

import pytest

from clarion.domain.errors import Invalid, RuleBroken
from clarion.domain.outcomes import Rejected
from clarion.domain.text_message import OPTED_OUT
from tests.services.trial_office import ANN, SENDER, Office

BERLIN, BOSTON = "+493090182080", "+16172531000"


@pytest.fixture
def office() -> Office:
    office = Office()
    office.channels.connected.add("sms")
    office.campaign(channels=["sms"], templateId="text")
    return office


def test_each_number_gets_the_text_of_the_contact_named_marked_as_a_test(office: Office) -> None:
    assert office.send("+49 (0)30 90182080", BOSTON, contact_id=ANN.id) == [
        (BERLIN, "sent", "v-0"),
        (BOSTON, "sent", "v-1"),
    ]
    first, second = office.outbox.texts
    assert (first.to, second.to) == (BERLIN, BOSTON)
    assert (first.body, first.sender) == ("[Test] Hi Ann: https://shop.example/sale", SENDER)
    assert first.message_tags == {}, "the vendor's events about it would be counted"
    assert office.outbox.mails == []


def test_a_number_on_the_suppression_list_is_refused_and_the_others_get_it(office: Office) -> None:
    office.suppressions.addresses = {BERLIN}
    assert office.send("+49 30 90182080", BOSTON) == [
        (BERLIN, "skipped.suppressed", "the address is on the suppression list"),
        (BOSTON, "sent", "v-0"),
    ]


def test_a_number_written_twice_gets_one_message(office: Office) -> None:
    assert len(office.send("+49 30 90182080", "tel:+49-30-90182080")) == 1
    assert len(office.outbox.texts) == 1


@pytest.mark.parametrize("to", ["030 90182080", "me@shop.example", "+49 30 1", ""])
def test_what_is_no_number_is_refused_by_its_place_and_nobody_gets_anything(office: Office, to: str) -> None:
    with pytest.raises(Invalid) as refused:
        office.send(BERLIN, to)
    assert [error["field"] for error in refused.value.errors] == ["body.to.1"]
    assert (office.outbox.texts, office.table.items) == ([], {})


def test_a_number_that_has_said_stop_is_told(office: Office) -> None:
    office.outbox.answers = {BERLIN: Rejected(OPTED_OUT, "has sent STOP")}
    assert office.send(BERLIN) == [(BERLIN, "rejected", "OptedOut: has sent STOP")]


def test_a_text_that_the_mark_makes_too_long_is_refused(office: Office) -> None:
    office.campaign(channels=["sms"], templateId="both")
    with pytest.raises(RuleBroken, match="at most 1600"):
        office.send(BERLIN, contact={"firstName": "x" * 1595})
    assert (office.outbox.texts, office.table.items) == ([], {})


@pytest.mark.parametrize(("details", "field"), [
    ({"channels": ["social"]}, "body.channels"),
    ({"channels": ["ads"]}, "body.channels"),
    ({"templateId": "t1"}, "body.templateId"),
    ({"templateId": None}, "body.templateId"),
])  # fmt: skip
def test_what_cannot_be_tried_is_refused_naming_the_campaign_s_field(office: Office, details: Any, field: str) -> None:
    office.channels.connected |= {"social", "ads"}
    office.campaign(**{"channels": ["sms"], "templateId": "text", **details})
    with pytest.raises(RuleBroken) as refused:
        office.send(BERLIN)
    assert refused.value.field == field
    assert office.outbox.texts == []


def test_of_several_channels_the_one_asked_for_is_tried(office: Office) -> None:
    office.campaign(channels=["email", "sms"], templateId="both")
    assert office.send(BERLIN, channel="sms") == [(BERLIN, "sent", "v-0")]
    with pytest.raises(Invalid) as refused:
        office.send(BERLIN, channel="social")
    assert refused.value.errors[0]["field"] == "body.channel"
