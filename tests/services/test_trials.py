"""Test sends: who gets one, what it looks like, what it leaves behind."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from clarion.domain.errors import Invalid, NotFound, RuleBroken, TooMany
from clarion.domain.mail import Mail
from clarion.domain.outcomes import Outcome, Rejected, Retry, Stop, Unknown
from clarion.domain.rendering import RenderFailed
from clarion.services.trials import BUDGET_S
from tests.services.trial_office import ANN, ORG, Office


@pytest.fixture
def office() -> Office:
    office = Office()
    office.campaign()
    return office


def test_each_address_gets_the_message_of_the_contact_named(office: Office) -> None:
    assert office.send("me@shop.example", "you@shop.example", contact_id=ANN.id) == [
        ("me@shop.example", "sent", "v-0"),
        ("you@shop.example", "sent", "v-1"),
    ]
    first, second = office.outbox.mails
    assert (first.to, second.to) == ("me@shop.example", "you@shop.example")
    assert first.subject == "[Test] Hello Ann"
    assert "Hi Ann" in first.html
    assert first.message_id != second.message_id


def test_nothing_in_it_is_tracked_and_nobody_can_be_unsubscribed_by_it(office: Office) -> None:
    office.send("me@shop.example")
    [mail] = office.outbox.mails
    assert 'href="https://shop.example/sale"' in mail.html
    assert 'href="#unsubscribe"' in mail.html
    assert "<img" not in mail.html
    assert mail.bulk_headers() == []
    assert mail.message_tags == {}, "the vendor's events about it would be counted"


def test_nothing_is_kept_but_how_many_were_sent(office: Office) -> None:
    office.send("me@shop.example", "you@shop.example", contact_id=ANN.id)
    [row] = office.table.items.values()
    assert (row["pk"], row["sk"], int(row["taken"])) == (f"ORG#{ORG}#STATS", "TRIALS#2026-11-21", 2)


def test_without_a_sender_of_its_own_the_default_one_sends(office: Office) -> None:
    office.send("me@shop.example")
    office.campaign(sender={"email": "ann@shop.example", "name": "Ann", "replyTo": "help@shop.example"})
    office.send("me@shop.example")
    default, own = office.outbox.mails
    assert (default.sender.address, default.reply_to) == ("news@shop.example", None)
    assert (own.sender.address, own.sender.name, own.reply_to) == ("ann@shop.example", "Ann", "help@shop.example")


def test_a_suppressed_address_is_refused_and_the_others_get_it(office: Office) -> None:
    office.suppressions.addresses = {"gone@shop.example"}
    assert office.send("me@shop.example", "Gone@shop.example") == [
        ("me@shop.example", "sent", "v-0"),
        ("Gone@shop.example", "skipped.suppressed", "the address is on the suppression list"),
    ]
    assert len(office.outbox.mails) == 1


def test_an_address_written_twice_gets_one_message(office: Office) -> None:
    assert len(office.send("me@shop.example", "ME@shop.example")) == 1
    assert len(office.outbox.mails) == 1


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Rejected("MessageRejected", "no such mailbox"), ("rejected", "MessageRejected: no such mailbox")),
        (Retry(None, "slow down", throttled=True), ("failed", "slow down")),
        (Stop("AccountSuspended", "closed"), ("failed", "AccountSuspended: closed")),
        (Unknown("no answer in time"), ("unknown", "no answer in time")),
    ],
)
def test_what_the_vendor_says_is_told(office: Office, answer: Outcome, told: tuple[str, str]) -> None:
    office.outbox.answers = {"me@shop.example": answer}
    assert office.send("me@shop.example") == [("me@shop.example", *told)]


def test_a_vendor_without_bulk_calls_is_called_once_an_address() -> None:
    office = Office(max_batch=1)
    office.campaign()
    office.send("a@shop.example", "b@shop.example")
    assert office.outbox.calls == [1, 1]


def test_when_time_is_over_no_further_call_is_begun() -> None:
    office = Office(max_batch=1)
    office.campaign()
    send = office.outbox.send

    def slowly(mails: Sequence[Mail]) -> list[Outcome]:
        office.time += BUDGET_S
        return send(mails)

    office.outbox.send = slowly  # type: ignore[method-assign, assignment]
    results = office.send("a@shop.example", "b@shop.example", "c@shop.example")
    late = ("failed", "there was no time left; nothing was sent")
    assert results == [("a@shop.example", "sent", "v-0"), ("b@shop.example", *late), ("c@shop.example", *late)]


def test_an_organisation_sends_so_many_a_day_and_no_more(office: Office) -> None:
    ten = [f"m{n}@shop.example" for n in range(10)]
    for _ in range(9):
        office.send(*ten)
    office.send(*ten[:5])
    with pytest.raises(TooMany):
        office.send(*ten[:6])
    assert len(office.send(*ten[:5])) == 5, "what was refused was not counted"
    with pytest.raises(TooMany):
        office.send("me@shop.example")
    assert len(office.outbox.mails) == 100
    office.now = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)
    assert len(office.send("me@shop.example")) == 1


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"channels": []}, "body.channels"),
        ({"channels": ["sms"]}, "body.channels"),
        ({"templateId": None}, "body.templateId"),
        ({"templateId": "gone"}, "body.templateId"),
        ({"sender": {"email": "ann@elsewhere.example"}}, "body.sender.email"),
        ({"type": "drip", "templateId": None, "steps": [{"id": "a", "templateId": "gone"}]}, "body.steps.0.templateId"),
        (
            {"experiment": {"variants": [{"id": "a", "share": 50, "subject": "{{"}, {"id": "b", "share": 50}]}},
            "body.experiment.variants.0.subject",
        ),
    ],
)
def test_what_cannot_be_sent_is_refused_naming_the_campaign_s_field(
    office: Office, details: Mapping[str, Any], field: str
) -> None:
    office.campaign(**details)
    with pytest.raises(RuleBroken) as refused:
        office.send("me@shop.example")
    assert refused.value.field == field
    assert office.outbox.mails == []
    assert office.table.items == {}


def test_a_deployment_without_a_default_sender_asks_for_one(office: Office) -> None:
    office.channels.default_sender = lambda org_id: ""  # type: ignore[method-assign]
    with pytest.raises(RuleBroken) as refused:
        office.send("me@shop.example")
    assert refused.value.field == "body.sender"


def test_step_and_variant_choose_the_message(office: Office) -> None:
    steps = [{"id": "hello", "templateId": "t1"}, {"id": "reminder", "templateId": "t2"}]
    office.campaign(type="drip", templateId=None, steps=steps)
    office.send("me@shop.example")
    office.send("me@shop.example", step="reminder")
    variants = [{"id": "a", "share": 50, "subject": "A {{ contact.firstName }}"}]
    variants += [{"id": "b", "share": 30, "templateId": "t2"}, {"id": "c", "share": 20}]
    office.campaign(experiment={"variants": variants})
    for variant in (None, "b", "c"):
        office.send("me@shop.example", variant=variant)
    assert [mail.subject.removeprefix("[Test] ") for mail in office.outbox.mails] == [
        "Hello Made up",
        "Still there?",
        "A Made up",
        "Still there?",
        "Hello Made up",
    ]


@pytest.mark.parametrize(
    ("wanted", "field"), [({"step": "2"}, "body.step"), ({"variant": "a"}, "body.variant"), ({"step": ""}, "body.step")]
)
def test_a_step_or_variant_it_does_not_have_is_refused(office: Office, wanted: Mapping[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        office.send("me@shop.example", **wanted)
    assert refused.value.errors[0]["field"] == field


def test_a_message_that_cannot_be_rendered_is_sent_to_nobody(office: Office) -> None:
    office.campaign(templateId="broken")
    with pytest.raises(RenderFailed):
        office.send("me@shop.example")
    assert (office.outbox.mails, office.table.items) == ([], {})


def test_a_contact_that_is_not_there_is_not_found(office: Office) -> None:
    with pytest.raises(NotFound):
        office.send("me@shop.example", contact_id="01J9")
