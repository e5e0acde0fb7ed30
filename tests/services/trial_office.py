"""Where test sends and previews happen: a campaign, its templates, a contact, and a vendor that keeps messages."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from clarion.content.compile import compile_mail
from clarion.content.post_text import post_text
from clarion.content.text import compile_text
from clarion.domain.campaign import Campaign
from clarion.domain.contact import Contact
from clarion.domain.errors import NotFound
from clarion.domain.mail import Mail
from clarion.domain.message_choice import MessageChoice
from clarion.domain.outcomes import Accepted, Outcome
from clarion.domain.template import Template
from clarion.domain.text_message import TextMessage
from clarion.services.message_preview import MessagePreview
from clarion.services.templates import Compilers, TemplateService, TemplateStore
from clarion.services.trial_messages import TrialMails, TrialTexts
from clarion.services.trials import TrialService
from clarion.storage.trials import TrialTable
from tests.fakes.table import TableInMemory
from tests.fakes.world import Channels, Suppressions

ORG, CAMPAIGN, TRIAL = "01J00000000000000000000ACM", "01J0000000000000000000CAMP", "01J0000000000000000000TRYX"
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SENDER, LINK = "+15005550006", "https://t.example/" + "x" * 60
ANN = Contact.new("01J0000000000000000000ANNX", {"email": "ann@example.com", "first_name": "Ann"}, NOW)
HTML = '<body><p>Hi {{ contact.firstName }}</p><a href="https://shop.example/sale">Look</a></body>'


class Templates:
    """The mails ``t1``, which greets, ``t2``, which reminds, and ``broken``, which cannot be rendered; the text message
    ``text``, and ``both``, which is also posted."""

    sources: Mapping[str, Mapping[str, str]] = {
        "t1": {"subject": "Hello {{ contact.firstName }}", "html": HTML},
        "t2": {"subject": "Still there?", "html": HTML},
        "broken": {"subject": "{{ 1 // 0 }}", "html": HTML},
        "text": {"sms_text": "Hi {{ contact.firstName }}: https://shop.example/sale"},
        "both": {"sms_text": "{{ contact.firstName }}!", "social_text": "Sale: https://shop.example/sale"},
    }

    def get(self, org_id: str, template_id: str) -> Template:
        if template_id not in self.sources:
            raise NotFound("template", template_id)
        kept = {"id": template_id, "name": "T", "created_at": NOW, "updated_at": NOW}
        return Template.model_validate({**kept, **self.sources[template_id]})


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
        self.texts: list[TextMessage] = []
        self.calls: list[int] = []
        self.answers: dict[str, Outcome] = {}

    def send(self, messages: Sequence[Mail | TextMessage]) -> list[Outcome]:
        self.calls.append(len(messages))
        self.mails += [message for message in messages if isinstance(message, Mail)]
        self.texts += [message for message in messages if isinstance(message, TextMessage)]
        return [self.answers.get(message.to, Accepted(f"v-{n}")) for n, message in enumerate(messages)]


class Office:
    """Everything a test send needs."""

    def __init__(self, max_batch: int = 50) -> None:
        self.campaigns, self.channels, self.outbox = Campaigns(), Channels(), Outbox(max_batch)
        self.suppressions, self.table, self.now, self.time = Suppressions(), TableInMemory(), NOW, 0.0
        compilers = Compilers(compile_mail, compile_text, post_text, lambda: LINK)
        templates = TemplateService(cast(TemplateStore, Templates()), Contacts(), compilers, lambda: NOW)
        self.preview = MessagePreview(self.campaigns, Contacts(), templates)
        mails = TrialMails(self.preview, self.channels, lambda org_id: self.outbox)
        texts = TrialTexts(self.preview, lambda org_id: (self.outbox, SENDER))
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
