"""The channel that leads nowhere, for development: everything is accepted, nothing is kept."""

from collections.abc import Sequence

from clarion.domain.mail import Mail
from clarion.domain.outcomes import Accepted, Outcome


class NullChannel:
    """Accepts every mail; the vendor id follows from the message id, so that a rerun gives the same ids."""

    max_batch = 50

    def send(self, mails: Sequence[Mail]) -> list[Outcome]:
        """`Accepted` for each; ValueError for more than ``max_batch`` mails."""
        if len(mails) > self.max_batch:
            raise ValueError(f"at most {self.max_batch} mails at a time")
        return [Accepted(f"null-{mail.message_id.strip('<>')}") for mail in mails]
