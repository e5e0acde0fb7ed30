"""The public DNS as one check asks it, by dnspython: TXT, MX and whether a name exists.

Each answer is waited for 2 s at most, all answers of a check 10 s; what was asked once is not asked again.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

import dns.exception
import dns.resolver

from clarion.domain.finding import DnsUnanswered

PER_ANSWER_S = 2.0
PER_CHECK_S = 10.0

Answer = list[Any] | None
"""Records, none where the name has none of the kind; None where there is no such name."""


class DnsLookups:
    """``resolver`` is dnspython's; ``clock`` counts seconds."""

    def __init__(
        self,
        resolver: dns.resolver.Resolver,
        clock: Callable[[], float] = time.monotonic,
        per_answer: float = PER_ANSWER_S,
        per_check: float = PER_CHECK_S,
    ) -> None:
        self._resolver, self._clock, self._per_answer = resolver, clock, per_answer
        self._until = clock() + per_check
        self._known: dict[tuple[str, str], Answer | DnsUnanswered] = {}

    def exists(self, name: str) -> bool:
        """Raises DnsUnanswered."""
        return self._answer(name, "NS") is not None

    def texts(self, name: str) -> Sequence[str]:
        """TXT records, each one's strings joined (RFC 7208 §3.3). Raises DnsUnanswered."""
        return [b"".join(record.strings).decode("utf-8", "replace") for record in self._answer(name, "TXT") or ()]

    def mail_hosts(self, name: str) -> Sequence[str]:
        """Hosts of the MX records in order of preference; ``""`` is the null MX. Raises DnsUnanswered."""
        records = sorted(self._answer(name, "MX") or (), key=lambda each: (each.preference, str(each.exchange)))
        return [str(record.exchange).rstrip(".").lower() for record in records]

    def _answer(self, name: str, kind: str) -> Answer:
        if (name, kind) not in self._known:
            self._known[name, kind] = self._asked(name, kind)
        answer = self._known[name, kind]
        if isinstance(answer, DnsUnanswered):
            raise answer
        return answer

    def _asked(self, name: str, kind: str) -> Answer | DnsUnanswered:
        left = min(self._per_answer, self._until - self._clock())
        if left <= 0:
            return DnsUnanswered(f"{name} was not asked for {kind} records: the time for this check is used up")
        try:
            return list(self._resolver.resolve(f"{name}.", kind, lifetime=left, search=False))
        except dns.resolver.NXDOMAIN:
            return None
        except dns.resolver.NoAnswer:
            return []
        except dns.exception.Timeout:
            return DnsUnanswered(f"DNS did not answer in time when asked for {kind} records of {name}")
        except dns.resolver.NoNameservers:
            return DnsUnanswered(f"DNS answered with an error when asked for {kind} records of {name}")
        except dns.exception.DNSException:
            return DnsUnanswered(f"DNS cannot be asked for {kind} records of {name}")
