"""The channels that lead nowhere, for development: everything is accepted, nothing is kept."""

from collections.abc import Sequence

from clarion.domain.ids import derived_id
from clarion.domain.mail import Mail
from clarion.domain.outcomes import Accepted, Outcome
from clarion.domain.text_message import TextMessage


class NullChannel:
    """Accepts every mail; the vendor id follows from the message id, so that a rerun gives the same ids."""

    max_batch = 50

    def send(self, mails: Sequence[Mail]) -> list[Outcome]:
        """`Accepted` for each; ValueError for more than ``max_batch`` mails."""
        if len(mails) > self.max_batch:
            raise ValueError(f"at most {self.max_batch} mails at a time")
        return [Accepted(f"null-{mail.message_id.strip('<>')}") for mail in mails]


class NullTextChannel:
    """Accepts every text message; the vendor id follows from number and tags, so that a rerun gives the same ids."""

    max_batch = 50

    def send(self, messages: Sequence[TextMessage]) -> list[Outcome]:
        """`Accepted` for each; ValueError for more than ``max_batch`` messages."""
        if len(messages) > self.max_batch:
            raise ValueError(f"at most {self.max_batch} messages at a time")
        return [Accepted(f"null-{derived_id(text.to, *map(str, text.message_tags.items()))}") for text in messages]
