"""Tokens that end unless they are renewed, of platforms that nothing has been published to for long."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from clarion.domain.connection import Connection

SPARE_MS = 60_000
"""What one renewal may take: the vendor's answer, and Secrets Manager with its retries."""

log = logging.getLogger(__name__)


class Renewals(Protocol):
    def to_renew(self, now: datetime) -> list[tuple[str, str]]:
        """Organisation and platform of what is due, oldest first."""
        ...


class TokenRenewal:
    """``refresh`` renews one connection's token where it ends soon, and raises nothing for what the vendor does."""

    def __init__(
        self,
        renewals: Renewals,
        refresh: Callable[[str, str], Connection | None],
        clock: Callable[[], datetime],
    ) -> None:
        self._renewals, self._refresh, self._clock = renewals, refresh, clock

    def renew_due(self, remaining_ms: Callable[[], int]) -> dict[str, int]:
        """Renew what is due, as far as time goes; how many were ``renewed``, ``refused`` by their vendor, ``postponed``
        by an hour, and ``left`` for the next look. One that fails keeps none of the others."""
        counts = {"renewed": 0, "refused": 0, "postponed": 0, "left": 0}
        for org_id, platform in self._renewals.to_renew(self._clock()):
            counts[self._renew(org_id, platform) if remaining_ms() >= SPARE_MS else "left"] += 1
        return counts

    def _renew(self, org_id: str, platform: str) -> str:
        try:
            connection = self._refresh(org_id, platform)
        except Exception:
            log.warning("the token of %s of %s was not renewed", platform, org_id, exc_info=True)
            return "postponed"
        if connection is None or connection.status != "connected":
            return "refused"
        return "postponed" if connection.needs_refresh(self._clock()) else "renewed"
