"""Test sends: who gets one, what it looks like, what it leaves behind; and previews of a campaign's messages."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from clarion.content.compile import compile_mail
from clarion.content.post_text import post_text
from clarion.content.text import compile_text
from clarion.domain.campaign import Campaign
from clarion.domain.contact import Contact
from clarion.domain.errors import Invalid, NotFound, RuleBroken, TooMany
from clarion.domain.mail import Mail
from clarion.domain.message_choice import MessageChoice
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Retry, Stop, Unknown
from clarion.domain.rendering import RenderFailed
from clarion.domain.template import Template
from clarion.services.message_preview import MessagePreview
from clarion.services.templates import Compilers, TemplateService, TemplateStore
from clarion.services.trial_messages import TrialMails, TrialTexts
from clarion.services.trials import BUDGET_S, TrialService
from clarion.storage.trials import TrialTable
from tests.fakes.delivery import Channels, Suppressions
from tests.fakes.table import TableInMemory

ORG, CAMPAIGN, TRIAL = "01J00000000000000000000ACM", "01J0000000000000000000CAMP", "01J0000000000000000000TRYX"
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ANN = Contact.new("01J0000000000000000000ANNX", {"email": "ann@example.com", "first_name": "Ann"}, NOW)
HTML = '<body><p>Hi {{ contact.firstName }}</p><a href="https://shop.example/sale">Look</a></body>'


class Templates:
    """``t1`` greets, ``t2`` reminds, ``broken`` cannot be rendered."""

    subjects: Mapping[str, str] = {
        "t1": "Hello {{ contact.firstName }}",
        "t2": "Still there?",
        "broken": "{{ 1 // 0 }}",
    }

    def get(self, org_id: str, template_id: str) -> Template:
        if template_id not in self.subjects:
            raise NotFound("template", template_id)
        subject = self.subjects[template_id]
        return Template(id=template_id, name="T", subject=subject, html=HTML, created_at=NOW, updated_at=NOW)


class Contacts:
    def get(self, org_id: str, contact_id: str) -> Contact:
        if (org_id, contact_id) != (ORG, ANN.id):
            raise NotFound("contact", contact_id)
        return ANN


class Campaigns:
    def __init__(self) -> None:
        self.campaign: Campaign | None = None

    def get(self, org_id: str, campaign_id: str) -> Campaign:
        if self.campaign is None or org_id != ORG:
            raise NotFound("campaign", campaign_id)
        return self.campaign


class Outbox:
    """A vendor that keeps what it is given; ``answers`` by address are what it says otherwise."""

    def __init__(self, max_batch: int = 50) -> None:
        self.max_batch = max_batch
        self.mails: list[Mail] = []
        self.calls: list[int] = []
        self.answers: dict[str, Outcome] = {}

    def send(self, mails: Sequence[Mail]) -> list[Outcome]:
        self.calls.append(len(mails))
        self.mails += mails
        return [self.answers.get(mail.to, Accepted(f"v-{n}")) for n, mail in enumerate(mails)]


class Office:
    """Everything a test send needs."""

    def __init__(self, max_batch: int = 50) -> None:
        self.campaigns, self.channels, self.outbox = Campaigns(), Channels(), Outbox(max_batch)
        self.suppressions, self.table, self.now, self.time = Suppressions(), TableInMemory(), NOW, 0.0
        compilers = Compilers(compile_mail, compile_text, post_text, lambda: "https://t.example/" + "x" * 60)
        templates = TemplateService(cast(TemplateStore, Templates()), Contacts(), compilers, lambda: NOW)
        self.preview = MessagePreview(self.campaigns, Contacts(), templates)
        mails = TrialMails(self.preview, self.channels, lambda org_id: self.outbox)
        texts = TrialTexts(self.preview, lambda org_id: (self.outbox, "+15005550006"))
        self.trials = TrialService(
            self.campaigns,
            {"email": mails, "sms": texts},
            self.channels,
            self.suppressions,
            TrialTable(self.table),
            lambda: self.now,
            lambda: self.time,
        )

    def campaign(self, **details: Any) -> None:
        fields = {"name": "Sale", "channels": ["email"], "templateId": "t1", **details}
        kept = {"id": CAMPAIGN, "owner": "u", "createdAt": NOW, "updatedAt": NOW}
        self.campaigns.campaign = Campaign.model_validate({**kept, **fields})

    def send(self, *to: str, **options: Any) -> list[tuple[str, str, str]]:
        choice = MessageChoice(**{"contact": {"firstName": "Made up"}, **options})
        results = self.trials.send(ORG, CAMPAIGN, TRIAL, to, choice)
        return [(each.to, each.outcome, each.detail) for each in results]


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

    office.outbox.send = slowly  # type: ignore[method-assign]
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


def test_a_preview_is_the_message_itself(office: Office) -> None:
    rendered = office.preview.preview(ORG, CAMPAIGN, MessageChoice(contact_id=ANN.id))
    assert rendered.mail is not None
    assert rendered.mail.subject == "Hello Ann"
    assert "https://shop.example/sale" in rendered.mail.text
    assert (rendered.sms, rendered.social) == (None, None)
    with pytest.raises(NotFound):
        office.preview.preview("01J00000000000000000000GBX", CAMPAIGN, MessageChoice(contact_id=ANN.id))
