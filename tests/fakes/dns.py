"""The public DNS in memory: what a check of a sending domain asks."""

from collections.abc import Mapping, Sequence

from clarion.domain.finding import DnsUnanswered


class DnsInMemory:
    """``texts`` and ``hosts`` by name; names in ``silent`` are never answered. ``asked`` lists what was looked up."""

    def __init__(
        self,
        texts: Mapping[str, Sequence[str]] | None = None,
        hosts: Mapping[str, Sequence[str]] | None = None,
        silent: Sequence[str] = (),
    ) -> None:
        self._texts, self._hosts, self._silent = dict(texts or {}), dict(hosts or {}), silent
        self.asked: list[str] = []

    def exists(self, name: str) -> bool:
        self._ask(name)
        return any(known == name or known.endswith(f".{name}") for known in (*self._texts, *self._hosts))

    def texts(self, name: str) -> Sequence[str]:
        self._ask(name)
        return self._texts.get(name, ())

    def mail_hosts(self, name: str) -> Sequence[str]:
        self._ask(name)
        return self._hosts.get(name, ())

    def _ask(self, name: str) -> None:
        self.asked.append(name)
        if name in self._silent:
            raise DnsUnanswered(f"DNS did not answer in time when asked for {name}")
