"""What is known of a vendor's call whose worker was lost in it."""

from typing import Protocol

from clarion.domain.engagement import MessageRef
from clarion.domain.publication import Publication, PublicationState
from clarion.domain.run import Batch, Run


class Publications(Protocol):
    def get(self, message: MessageRef) -> Publication | None:
        """What a message published; None for nothing."""


class LostCalls:
    def __init__(self, publications: Publications) -> None:
        self._publications = publications

    def unsent(self, run: Run, batch: Batch) -> set[int]:
        """Those of the batch's call of whom it is sure that the vendor was told nothing.

        What is published is written down before its vendor is told. Of mails and texts nobody knows.
        """
        if not run.plan.publishes:
            return set()
        step = run.step(batch.id).id
        refs = {
            i: MessageRef(run.id.org, batch.contacts[i], run.id.campaign, run.id.run, step, run.channel)
            for i in batch.call
        }
        return {i for i, message in refs.items() if self._untold(message)}

    def _untold(self, message: MessageRef) -> bool:
        """Not so of an earlier attempt that was looked for in vain, either: the lost one would have replaced it."""
        found = self._publications.get(message)
        return found is None or found.state == PublicationState.ABSENT
