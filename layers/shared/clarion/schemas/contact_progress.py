"""A contact's progress in a campaign, as the API gives it."""

from datetime import datetime

from pydantic import Field

from clarion.domain.model import Model
from clarion.domain.progress import ContactProgress, ContactState, Entry, StepProgress


class ReplyView(Model):
    """What somebody answered, up to 1,000 characters of it."""

    at: datetime
    text: str


class StepProgressView(Model):
    """One message. Opens and clicks are people's; each time is that of the first."""

    step: str
    outcome: str | None = Field(description="As in the list of recipients; null while there is none.")
    due_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    opened_at: datetime | None
    clicked_at: datetime | None
    replied_at: datetime | None
    replies: list[ReplyView] = Field(description="The first 20.")
    converted_at: datetime | None
    bounced_at: datetime | None
    unsubscribed_at: datetime | None

    @classmethod
    def of(cls, step: StepProgress) -> "StepProgressView":
        state = step.message.engagement if step.message else None
        return cls.model_validate(
            {
                "step": step.step,
                "outcome": step.outcome or None,
                "due_at": step.due_at,
                "sent_at": step.sent_at,
                "delivered_at": state and state.delivered_at,
                "opened_at": state and state.first_open_at,
                "clicked_at": state and state.first_click_at,
                "replied_at": state and state.replied_at,
                "replies": [vars(reply) for reply in step.message.replies] if step.message else [],
                "converted_at": state and state.first_conversion_at,
                "bounced_at": state and state.bounced_at,
                "unsubscribed_at": state and state.unsubscribed_at,
            }
        )


class EntryView(Model):
    """One way through the campaign."""

    run: int
    entered_at: datetime
    ended_at: datetime | None
    outcome: str | None = Field(description="What became of the last message, or why there was none.")
    steps: list[StepProgressView] = Field(description="As far as the contact has come; the last one may be to come.")

    @classmethod
    def of(cls, entry: Entry) -> "EntryView":
        return cls(
            run=entry.run,
            entered_at=entry.entered_at,
            ended_at=entry.ended_at,
            outcome=entry.outcome or None,
            steps=[StepProgressView.of(step) for step in entry.steps],
        )


class ContactProgressView(Model):
    """`finished` went through to the last message, `exited` left before it."""

    contact_id: str
    state: ContactState
    entries: list[EntryView]

    @classmethod
    def of(cls, progress: ContactProgress) -> "ContactProgressView":
        entries = [EntryView.of(entry) for entry in progress.entries]
        return cls(contact_id=progress.contact_id, state=progress.state, entries=entries)
