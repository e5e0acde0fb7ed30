"""Pictures and films that are fetched in order to be handed to a vendor."""

from clarion.domain.outcomes import Rejected, Retry


class MediaNotLoaded(Exception):
    """A medium cannot be had: for now (`Retry`) or at all (`Rejected`). Nothing was published."""

    def __init__(self, outcome: Rejected | Retry) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome
