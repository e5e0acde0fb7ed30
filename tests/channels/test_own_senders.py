"""The deployment's account sends as its own senders and as nobody else."""

from collections.abc import Sequence

import pytest

from clarion.channels.own_senders import OwnSendersOnly
from clarion.domain.mail import Mail, Mailbox
from clarion.domain.outcomes import Accepted, Outcome, Stop
from tests.channels.mails import a_mail

OURS, FOREIGN = Mailbox("news@shop.example"), Mailbox("ann@victim.example")


class Outbox:
    max_batch = 2

    def __init__(self) -> None:
        self.sent: list[Mail] = []

    def send(self, mails: Sequence[Mail]) -> list[Outcome]:
        self.sent += mails
        return [Accepted(mail.sender.address) for mail in mails]


class ShopsOnly:
    def sender_refused(self, address: str) -> str | None:
        return None if address.endswith("@shop.example") else "not from there"


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


def test_its_own_senders_send(outbox: Outbox) -> None:
    mails = [a_mail(sender=OURS), a_mail(sender=OURS)]
    assert OwnSendersOnly(outbox, ShopsOnly()).send(mails) == [Accepted(OURS.address)] * 2
    assert outbox.sent == mails


def test_others_stop_before_the_vendor_is_called(outbox: Outbox) -> None:
    outcomes = OwnSendersOnly(outbox, ShopsOnly()).send([a_mail(sender=FOREIGN), a_mail(sender=FOREIGN)])
    assert outcomes == [Stop("InvalidSender", "not from there")] * 2
    assert outbox.sent == []


def test_each_mail_has_its_own_outcome(outbox: Outbox) -> None:
    outcomes = OwnSendersOnly(outbox, ShopsOnly()).send([a_mail(sender=FOREIGN), a_mail(sender=OURS)])
    assert outcomes == [Stop("InvalidSender", "not from there"), Accepted(OURS.address)]


def test_a_batch_is_as_large_as_the_channel_takes(outbox: Outbox) -> None:
    channel = OwnSendersOnly(outbox, ShopsOnly())
    assert channel.max_batch == 2
    with pytest.raises(ValueError, match="at most 2"):
        channel.send([a_mail()] * 3)
