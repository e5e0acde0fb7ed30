"""An organisation on the deployed stack, and what must hold of its campaigns however they came to their end."""

import csv
import io
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar
from uuid import uuid4

from clarion import keys
from clarion.clock import moment, now, stamp
from clarion.domain.campaign import ENDED
from clarion.storage.table import ConditionFailed, Item, Table
from local.job.client import Api
from local.stack import FunctionFailed, Stack

T = TypeVar("T")
EVERYBODY = {"type": "dynamic", "filter": {"datatype": "contact", "where": {}}}
TICKS: list[tuple[datetime, datetime]] = []
"""From when to when a test had the scheduler run."""
_AT_ONCE = 6  # calls of the API, for which the emulator keeps a worker each
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")


class Letter(NamedTuple):
    """A message to a contact: of a run and step, ``run`` counting from 1."""

    contact: str
    run: int
    step: str


@dataclass(frozen=True)
class Account:
    """What became of a campaign's messages: what the outbox has, and what the ledger says of each message."""

    letters: Counter[Letter]
    outcomes: Mapping[Letter, str]

    def of(self, outcome: str) -> set[Letter]:
        """The messages with that outcome."""
        return {letter for letter, each in self.outcomes.items() if each == outcome}

    def counts(self) -> dict[str, int]:
        """Messages by outcome."""
        return dict(Counter(self.outcomes.values()))


def eventually(what: Callable[[], T | None], seconds: float = 30) -> T:
    """Ask until there is an answer."""
    until = time.monotonic() + seconds
    while True:
        if answer := what():
            return answer
        assert time.monotonic() < until, f"nothing came in {seconds} s"
        time.sleep(0.2)


class Company:
    """A user with an organisation of its own, its contacts at addresses that nobody else has."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.api = stack, Api(stack.api_url)
        self.api.sign_in(f"{uuid4()}@example.com", "Test")
        self.org: str = self.api.call("GET", "/crm/me")["organisations"][0]["id"]
        self._bodies: dict[str, dict[str, Any]] = {}

    # --- what it has

    def enlist(self, contacts: list[dict[str, Any]]) -> list[str]:
        """Add contacts, each with an address of its own; their ids, in order."""

        def add(contact: dict[str, Any]) -> str:
            return str(self.api.call("POST", "/crm/contacts", {"email": self._address(), **contact})["id"])

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(add, contacts))

    def enlist_file(self, number: int) -> None:
        """Import so many contacts."""
        text = io.StringIO()
        rows = csv.writer(text)
        rows.writerows([["email"], *([self._address()] for _ in range(number))])
        job = self.api.call("POST", "/crm/contact-imports", {})
        self.api.upload(job["uploadUrl"], text.getvalue().encode())
        path = f"/crm/contact-imports/{job['id']}"
        self.api.call("POST", f"{path}/run")
        eventually(lambda: self.api.call("GET", path)["status"] == "completed", 120)
        assert self.api.call("GET", path)["counts"]["created"] == number

    def template(self, **fields: Any) -> str:
        source = {"name": "T", "subject": "Hello", "html": '<p><a href="https://shop.example/">Shop</a></p>'}
        return str(self.api.call("POST", "/crm/marketing/templates", source | fields)["id"])

    def rules(self, **rules: Any) -> None:
        """Set its sending rules."""
        self.api.call("PUT", "/crm/organisation/sending-rules", rules)

    # --- what it does

    def campaign(self, **fields: Any) -> str:
        """Create a campaign to everybody by mail, a draft unless ``status`` says otherwise; its id."""
        body = {"name": "C", "channels": ["email"], "audience": EVERYBODY, **fields}
        if "templateId" not in body and "steps" not in body:
            body["templateId"] = self.template()
        campaign_id = str(self.api.call("POST", "/crm/marketing/campaigns", body)["id"])
        self._bodies[campaign_id] = body
        return campaign_id

    def move(self, campaign_id: str, status: str) -> dict[str, Any]:
        """Pause, resume, cancel … as its owner does: the whole campaign with another status."""
        body = self._bodies[campaign_id] | {"status": status}
        return dict(self.api.call("PUT", _path(campaign_id), body))

    def seen(self, campaign_id: str) -> dict[str, Any]:
        return dict(self.api.call("GET", _path(campaign_id)))

    def ended(self, campaign_id: str, seconds: float = 60) -> dict[str, Any]:
        """The campaign, once it is over."""
        over = [status.value for status in ENDED]
        return eventually(lambda: seen if (seen := self.seen(campaign_id))["status"] in over else None, seconds)

    def report(self, campaign_id: str) -> dict[str, Any]:
        return dict(self.api.call("GET", f"{_path(campaign_id)}/analytics"))

    # --- what became of it

    def mails(self, campaign_id: str) -> Iterator[dict[str, Any]]:
        """Its mails in the outbox, in the order they were sent."""
        after = -1
        while mails := self.stack.mails(after, to=f".{self.org.lower()}@"):
            after = mails[-1]["number"]
            yield from (mail for mail in mails if mail["tags"].get("campaign") == campaign_id)

    def letters(self, campaign_id: str) -> Counter[Letter]:
        """How often each message is in the outbox."""
        tags = (mail["tags"] for mail in self.mails(campaign_id))
        return Counter(Letter(tag["contact"], int(tag["run"]), tag["step"]) for tag in tags)

    def outcomes(self, campaign_id: str, run: int) -> dict[Letter, str]:
        """What the ledger says of a run's messages; none is listed twice."""
        listed = [
            (Letter(each["contactId"], run, each["step"]), each["outcome"])
            for each in self.api.pages(f"{_path(campaign_id)}/recipients", {"run": run})
        ]
        assert len(dict(listed)) == len(listed)
        return dict(listed)

    def proven(self, campaign_id: str) -> Account:
        """The account of a campaign that stands still, with what must hold of any.

        Nobody has a message twice; what was sent is in the outbox, and nothing else but what is ``unknown``; every
        count of the run and of the report is that of the ledger, and deliveries are those of the outbox.
        """
        seen = self.seen(campaign_id)
        outcomes: dict[Letter, str] = {}
        for run in range(1, seen["run"] + 1):
            outcomes |= self.outcomes(campaign_id, run)
        account = Account(self.letters(campaign_id), outcomes)
        assert set(account.letters.values()) <= {1}, "nobody gets a message twice"
        arrived, sent, unknown = set(account.letters), account.of("sent"), account.of("unknown")
        assert sent <= arrived, "what was sent arrived"
        assert arrived <= sent | unknown, "what arrived was sent"
        latest = Counter(outcome for letter, outcome in outcomes.items() if letter.run == seen["run"])
        assert _by_outcome(seen["recipients"]) == latest
        report = eventually(lambda: r if (r := self.report(campaign_id))["deliveries"] == len(arrived) else None)
        assert (report["sends"], report["unknown"]) == (len(sent), len(unknown))
        skipped = {code[8:]: n for code, n in account.counts().items() if code.startswith("skipped.")}
        assert report["skipped"] == skipped
        return account

    # --- the ledger itself

    @property
    def table(self) -> Table:
        return Table(self.stack.client("dynamodb"), self.stack.outputs["TableName"])

    def ledger(self, campaign_id: str, run: int = 1) -> list[Item]:
        """The rows of a run's batches."""
        return list(self.table.query_all(keys.run_pk(self.org, campaign_id, run), "BATCH#"))

    def run(self, campaign_id: str, number: int) -> Item:
        """The row of a run."""
        row = self.table.get(keys.run(self.org, campaign_id, number))
        assert row is not None
        return row

    def let_pass(self, time_: timedelta, campaign_id: str, run: int = 1) -> None:
        """Make what waits in a run wait that much less: the moments in its rows come earlier."""
        for row in self.table.query_all(keys.run_pk(self.org, campaign_id, run)):
            moved = {name: _earlier(row[name], time_) for name in ("due_sk", "lease_until", "look_at") if row.get(name)}
            if "due_sk" not in moved:
                continue
            unmoved = {name: f"{name} = :{name}" for name in (*moved, "moves") if name in row}
            with suppress(ConditionFailed):  # a worker was faster
                self.table.update(
                    {"pk": row["pk"], "sk": row["sk"]},
                    set=moved,
                    condition=" AND ".join(unmoved.values()),
                    values={f":{name}": row[name] for name in unmoved},
                )

    def tick(self) -> None:
        """Run the scheduler now, beside its own schedule; a tick that loses its worker is run again."""
        began = now()
        for _ in range(5):
            with suppress(FunctionFailed):
                self.stack.invoke("StartDueWork")
                break
        TICKS.append((began, now()))

    def _address(self) -> str:
        return f"{uuid4().hex[:12]}.{self.org.lower()}@example.com"


def _path(campaign_id: str) -> str:
    return f"/crm/marketing/campaigns/{campaign_id}"


def _by_outcome(recipients: Mapping[str, Any]) -> Counter[str]:
    """A campaign's ``recipients`` in the words of its list of recipients."""
    counted = Counter({f"skipped.{reason}": n for reason, n in recipients["skipped"].items()})
    for field, outcome in _FIELDS.items():
        counted[outcome] += recipients[field]
    assert counted.total() == recipients["audience"]
    return +counted


_FIELDS = {
    "sent": "sent",
    "failed": "failed",
    "rejected": "rejected",
    "renderFailed": "render_failed",
    "unknown": "unknown",
    "pending": "pending",
}


def _earlier(text: str, by: timedelta) -> str:
    return _STAMP.sub(lambda found: stamp(moment(found[0]) - by), text)


def in_seconds(seconds: float) -> str:
    """A moment of the near future, as the API takes it."""
    return (datetime.now().astimezone() + timedelta(seconds=seconds)).isoformat()
