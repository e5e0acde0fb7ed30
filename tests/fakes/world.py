"""The world around a delivery, in memory: contacts, queues, a vendor, a clock; faults where asked."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from clarion import keys
from clarion.domain.audience import AudienceDefinition
from clarion.domain.errors import NotFound
from clarion.domain.mail import Mail, Mailbox
from clarion.domain.outcomes import Accepted, Outcome
from clarion.domain.outlet import Outlet
from clarion.domain.rendering import RenderFailed
from clarion.domain.run import BatchId, RunId
from clarion.domain.sending_rules import SendingRules
from tests.fakes.table import TableInMemory


class Killed(BaseException):
    """The worker's process ends here, as by ``kill -9``."""


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def go_on(self, **duration: float) -> None:
        self.time += timedelta(**duration)


class FaultyTable(TableInMemory):
    """Kills the worker before or after a chosen call of the table."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0
        self.kill_at: int | None = None
        self.after = False

    def _faulty(self, call: Callable[[], Any]) -> Any:
        self.calls += 1
        now = self.kill_at is not None and self.calls == self.kill_at
        if now and not self.after:
            raise Killed
        answer = call()
        if now:
            raise Killed
        return answer

    def transact(self, actions: Sequence[dict[str, Any]]) -> None:
        self._faulty(lambda: super(FaultyTable, self).transact(actions))

    def update(self, key: Any, **expression: Any) -> None:
        self._faulty(lambda: super(FaultyTable, self).update(key, **expression))

    def insert_absent(self, items: Sequence[Mapping[str, Any]]) -> list[bool]:
        written: list[bool] = self._faulty(lambda: super(FaultyTable, self).insert_absent(items))
        return written


class Contacts:
    def __init__(self) -> None:
        self.all: dict[str, dict[str, Any]] = {}

    def add(self, contact_id: str, created: datetime, **fields: Any) -> None:
        self.all[contact_id] = {"id": contact_id, "createdAt": created, "attributes": {}, **fields}

    def page_of_shard(
        self, org_id: str, shard: int, after: str | None, limit: int
    ) -> tuple[Sequence[Mapping[str, Any]], str | None]:
        ids = sorted(i for i in self.all if keys.contact_shard(i) == shard and i > (after or ""))
        page = [self.all[i] for i in ids[:limit]]
        return page, ids[limit - 1] if len(ids) > limit else None

    def documents(self, org_id: str, contact_ids: Sequence[str]) -> Iterable[Mapping[str, Any]]:
        return [self.all[i] for i in contact_ids if i in self.all]


class Suppressions:
    def __init__(self) -> None:
        self.addresses: set[str] = set()

    def suppressed(self, org_id: str, channel: str, addresses: Sequence[str]) -> set[str]:
        return self.addresses & set(addresses)


class Vendor:
    """Accepts everything, unless ``answers`` says otherwise for an address; ``outbox`` is what really left."""

    def __init__(self, max_batch: int = 50) -> None:
        self.max_batch = max_batch
        self.outbox: list[str] = []
        self.answers: dict[str, list[Outcome]] = {}
        self.kill_before_call = self.kill_after_call = False

    def send(self, mails: Sequence[Mail]) -> list[Outcome]:
        if self.kill_before_call:
            raise Killed
        outcomes: list[Outcome] = []
        for mail in mails:
            planned = self.answers.get(mail.to)
            outcome = planned.pop(0) if planned else Accepted(f"v-{len(self.outbox)}")
            if isinstance(outcome, Accepted):
                self.outbox.append(mail.to)
            outcomes.append(outcome)
        if self.kill_after_call:
            raise Killed
        return outcomes


class Composer:
    def compose(self, contact: Mapping[str, Any]) -> Mail:
        if contact["attributes"].get("broken"):
            raise RenderFailed("html", "division by zero")
        return Mail(
            message_id=f"<{contact['id']}@shop.example>",
            sender=Mailbox("news@shop.example"),
            to=contact["email"],
            subject="Hello",
            html="<p>Hello</p>",
            text="Hello",
        )


class QueueInMemory:
    """Messages that wait, and those whose delay is not over; time goes by when there is nothing else to do."""

    def __init__(self, clock: Clock) -> None:
        self.waiting: deque[tuple[str, Any]] = deque()
        self.delayed: list[tuple[datetime, tuple[str, Any]]] = []
        self.lose = False
        self._clock = clock

    def take(self) -> tuple[str, Any] | None:
        """The next message; None when there is none, now or later."""
        if not self.waiting and self.delayed:
            self._clock.time = max(self._clock.time, min(due for due, _ in self.delayed))
        due = [message for at, message in self.delayed if at <= self._clock.time]
        self.delayed = [(at, message) for at, message in self.delayed if at > self._clock.time]
        self.waiting.extend(due)
        return self.waiting.popleft() if self.waiting else None

    def plan(self, run_id: RunId) -> None:
        for shard in range(keys.CONTACT_SHARDS):
            self.plan_shard(run_id, shard)

    def plan_shard(self, run_id: RunId, shard: int) -> None:
        self._put(("plan", (run_id, shard)))

    def waiting_to_send(self) -> int:
        return len(self.waiting)

    def send(self, batch_ids: Sequence[BatchId], delay_seconds: int = 0) -> None:
        for batch_id in batch_ids:
            self._put(("send", batch_id), delay_seconds)

    def _put(self, message: tuple[str, Any], delay_seconds: int = 0) -> None:
        if self.lose:
            return
        if delay_seconds:
            self.delayed.append((self._clock.time + timedelta(seconds=delay_seconds), message))
        else:
            self.waiting.append(message)


class Audiences:
    def __init__(self) -> None:
        self.saved: dict[str, AudienceDefinition] = {}

    def definition(self, org_id: str, audience_id: str) -> AudienceDefinition:
        if audience_id not in self.saved:
            raise NotFound("audience", audience_id)
        return self.saved[audience_id]


class Templates:
    def compiled(self, org_id: str, template_id: str, subject: str | None = None) -> tuple[str, Sequence[str]]:
        return f"compiled {template_id} {subject}", ["https://shop.example/"]

    def compiled_text(self, org_id: str, template_id: str) -> tuple[str, Sequence[str]]:
        return f"text {template_id}", ["https://shop.example/"]

    def social_text(self, org_id: str, template_id: str) -> str:
        return f"post {template_id}"


class Rules:
    """The organisation's sending rules, as a test sets them."""

    def __init__(self) -> None:
        self.rules = SendingRules()

    def get(self, org_id: str) -> SendingRules:
        return self.rules


class Signs:
    """When something was last sent."""

    def __init__(self) -> None:
        self.last: datetime | None = None

    def sent(self, org_id: str, channel: str, now: datetime) -> None:
        self.last = now


class Channels:
    """E-mail is connected, and whatever a test connects besides."""

    def __init__(self) -> None:
        self.connected = {"email"}
        self.profiles: list[Outlet] = []

    def unavailable(self, org_id: str, channel: str) -> str | None:
        return None if channel in self.connected else f"the channel {channel!r} is not connected"

    def outlets(self, org_id: str, channel: str) -> Sequence[Outlet]:
        return self.profiles if channel in self.connected else []

    def default_sender(self, org_id: str) -> str:
        return "news@shop.example"

    def sender_refused(self, org_id: str, address: str) -> str | None:
        return None if address.endswith("@shop.example") else "not from there"


class Looks:
    """Requests for a look at everybody who may enter a journey again."""

    def __init__(self) -> None:
        self.asked: list[RunId] = []

    def look(self, run_id: RunId) -> None:
        self.asked.append(run_id)
