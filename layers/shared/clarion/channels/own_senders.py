"""The deployment's e-mail channel, for the deployment's own senders alone.

A campaign may name any sender while its organisation has an account of its own. When that is disconnected before the
last message has left, the rest meets the deployment's account, which would send as anybody.
"""

from collections.abc import Sequence
from typing import Protocol

from clarion.domain.mail import Mail, MailChannel
from clarion.domain.outcomes import Outcome, Stop


class Senders(Protocol):
    def sender_refused(self, address: str) -> str | None:
        """Why nobody may send from an address; None where everybody may."""


class OwnSendersOnly:
    """``channel`` for mails whose sender ``senders`` admits; the others are a `Stop`."""

    def __init__(self, channel: MailChannel, senders: Senders) -> None:
        self._channel, self._senders = channel, senders

    @property
    def max_batch(self) -> int:
        """As the channel's."""
        return self._channel.max_batch

    def send(self, mails: Sequence[Mail]) -> list[Outcome]:
        """One outcome per mail, in their order; ValueError for more than ``max_batch`` mails."""
        if len(mails) > self.max_batch:
            raise ValueError(f"at most {self.max_batch} mails at a time")
        reasons = {address: self._senders.sender_refused(address) for address in {m.sender.address for m in mails}}
        admitted = [mail for mail in mails if reasons[mail.sender.address] is None]
        outcomes = iter(self._channel.send(admitted) if admitted else [])
        return [
            next(outcomes) if reason is None else Stop("InvalidSender", reason)
            for reason in (reasons[mail.sender.address] for mail in mails)
        ]
