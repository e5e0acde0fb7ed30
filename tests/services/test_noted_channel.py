"""Sending by an organisation's platform leaves a note of how it went, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from clarion.channels.null import NullChannel, NullTextChannel
from clarion.domain.connection import Health
from clarion.domain.outcomes import Accepted, Outcome, Rejected, Retry, Stop, Unknown
from clarion.services.noted_channel import NotedChannel, PlatformUse
from clarion.storage.connections import ConnectionTable
from tests.channels.mails import a_mail
from tests.channels.texts import a_text
from tests.fakes.connections import ORG, OTHER, Clock, Integrations
from tests.fakes.table import TableInMemory

REVOKED = Stop("401", "the key was revoked")


@dataclass
class Scripted:
    """Answers call after call what it was given."""

    answers: list[list[Outcome]]
    max_batch: int = 7
    taken: list[str] = field(default_factory=list)

    def send(self, messages: Sequence[str]) -> list[Outcome]:
        self.taken += messages
        return self.answers.pop(0)


@dataclass
class Desk:
    """A worker that sends by platforms."""

    clock: Clock = field(default_factory=Clock)
    table: TableInMemory = field(default_factory=TableInMemory)
    writes: list[tuple[str, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = ConnectionTable(self.table)
        self.use = PlatformUse(self, self.clock)

    def used(self, org_id: str, platform: str, now: datetime, error: str = "") -> None:
        self.writes.append((org_id, platform, error))
        self.store.used(org_id, platform, now, error)

    def send(self, *outcomes: Outcome, org_id: str = ORG, platform: str = "twilio") -> list[Outcome]:
        return NotedChannel(Scripted([list(outcomes)]), self.use, org_id, platform).send(["hello"] * len(outcomes))

    def health(self, org_id: str = ORG, platform: str = "twilio") -> Health:
        return self.store.all(org_id)[1].get(platform, Health())


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_outcomes_and_size_are_the_channels(desk: Desk) -> None:
    outcomes: list[Outcome] = [Accepted("1"), Rejected("x", "no such number"), Retry(None, "later"), REVOKED]
    channel = Scripted([outcomes])
    noted = NotedChannel(channel, desk.use, ORG, "twilio")
    assert noted.max_batch == 7
    assert noted.send(["a", "b", "c", "d"]) is outcomes
    assert channel.taken == ["a", "b", "c", "d"]


def test_mails_and_texts_alike_leave_a_note(desk: Desk) -> None:
    NotedChannel(NullChannel(), desk.use, ORG, "sendgrid").send([a_mail()])
    NotedChannel(NullTextChannel(), desk.use, ORG, "twilio").send([a_text()])
    assert desk.health(platform="sendgrid").last_used_at == desk.clock.now
    assert desk.health(platform="twilio").last_used_at == desk.clock.now


def test_success_is_noted_at_most_once_a_minute_for_each_organisation_and_platform(desk: Desk) -> None:
    for seconds in (0, 30, 29.9):
        desk.clock.go_on(seconds)
        desk.send(Accepted("1"))
        desk.send(Accepted("1"), org_id=OTHER)
        desk.send(Accepted("1"), platform="sendgrid")
    assert desk.writes == [(ORG, "twilio", ""), (OTHER, "twilio", ""), (ORG, "sendgrid", "")]
    desk.clock.go_on(0.1)
    desk.send(Accepted("1"))
    assert len(desk.writes) == 4
    assert desk.health().last_used_at == desk.clock.now


def test_what_stops_all_messages_is_noted_at_once_and_so_is_the_success_after_it(desk: Desk) -> None:
    desk.send(Accepted("1"))
    used = desk.clock.now
    desk.clock.go_on(1)
    desk.send(Accepted("2"), REVOKED)
    assert desk.health() == Health(last_used_at=used, last_error="the key was revoked", last_error_at=desk.clock.now)
    desk.clock.go_on(1)
    desk.send(Accepted("3"))
    assert (desk.health().last_error, desk.health().last_used_at) == ("", desk.clock.now)


def test_a_reason_is_kept_short_and_never_empty(desk: Desk) -> None:
    desk.send(Stop("Paused", ""))
    assert desk.health().last_error == "Paused"
    desk.send(Stop("401", "x" * 2_000))
    assert desk.health().last_error == "x" * 300


@pytest.mark.parametrize("outcome", [Rejected("21211", "no such number"), Retry(3, "later"), Unknown("no answer")])
def test_what_tells_nothing_of_the_platform_is_not_noted(desk: Desk, outcome: Outcome) -> None:
    assert desk.send(outcome) == [outcome]
    assert desk.writes == []


def test_a_table_that_refuses_changes_nothing_and_is_not_asked_again_at_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("throttled")

    monkeypatch.setattr(desk.table, "update", refuse)
    assert desk.send(Accepted("1")) == [Accepted("1")]
    assert desk.send(Accepted("2")) == [Accepted("2")]
    assert desk.send(REVOKED) == [REVOKED]
    assert [write[2] for write in desk.writes] == ["", "the key was revoked"]
    assert "not noted" in caplog.text


def test_a_note_that_comes_after_the_disconnection_is_not_shown() -> None:
    office = Integrations()
    office.connect()
    office.service.disconnect(ORG, "sendgrid")
    office.store.used(ORG, "sendgrid", office.clock.now, "the key was revoked")
    assert office.service.get(ORG, "sendgrid").health == Health()
