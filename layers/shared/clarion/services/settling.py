"""Settling what nobody knew: an ``unknown`` outcome becomes ``sent``, or ``failed``, once that is known.

What the vendor told before the ledger knew of the unknown outcome is heard when the batch is closed
(`clarion.storage.settlements`); what it tells later comes here.
"""

from collections.abc import Iterable
from typing import Protocol

from clarion.domain.engagement import MessageRef
from clarion.domain.errors import NotFound
from clarion.domain.run import SENT, Result, Run, RunId


class Runs(Protocol):
    def get(self, run_id: RunId) -> Run:
        """Raises NotFound."""


class Settlements(Protocol):
    def settle(self, run: Run, message: MessageRef, result: Result) -> bool:
        """Raises TakenOver when others settled messages of the same batch all the while."""


class SettlingService:
    """Counts follow in the same transaction. A campaign that has ended keeps the status it ended with."""

    def __init__(self, runs: Runs, settlements: Settlements) -> None:
        self._runs, self._settlements = runs, settlements

    def settle(self, message: MessageRef, result: Result) -> bool:
        """Put ``result`` (``sent`` or ``failed``) in the place of an outcome that was unknown.

        False, changing nothing, where there is none: the outcome is known, or its batch is still open. Repeating it is
        harmless. Raises TakenOver when others settled messages of the same batch all the while: try again.
        """
        try:
            run = self._runs.get(RunId(message.org, message.campaign, message.run))
        except NotFound:
            return False
        return self._settlements.settle(run, message, result)

    def left(self, messages: Iterable[MessageRef]) -> int:
        """Settle messages that have left, as their events show; how many were settled."""
        return sum(self.settle(message, Result(SENT)) for message in messages)
