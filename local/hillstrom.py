"""`make hillstrom DATA=path.csv`: the main job on Hillstrom's e-mail test, each row a contact.

Every segment but ``No E-Mail`` is a campaign to the contacts of that segment; a visit is a click on the tracked link
of that contact's mail, a conversion is posted with its spend, also for the hold-out, to whom no campaign may owe it.
The report must equal the file's own sums exactly. LIMIT=n takes the first n rows; with JSON=1 the last line of output
is one JSON object.
"""

import csv
import io
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

from rich.console import Console
from rich.table import Table

from local.job.client import Api
from local.job.mailbox import received
from local.job.steps import Steps, progress_display
from local.settings import LocalError
from local.stack import Stack

COLUMNS = (
    "recency",
    "history_segment",
    "history",
    "mens",
    "womens",
    "zip_code",
    "newbie",
    "channel",
    "segment",
    "visit",
    "conversion",
    "spend",
)
OUTCOMES = ("visit", "conversion", "spend")
NUMBERS = ("recency", "history", "mens", "womens", "newbie")
HOLD_OUT = "No E-Mail"
PATIENCE_S = 60.0
TEMPLATE = {
    "name": "Merchandise",
    "subject": "New arrivals for you",
    "html": (
        "<html><body><p>Dear customer, see what is new: "
        '<a href="https://shop.example/new">our new merchandise</a>.</p></body></html>'
    ),
}


@dataclass
class Customers:
    """The rows of one segment: e-mail addresses, who visited, and what was spent (exact)."""

    addresses: list[str] = field(default_factory=list)
    visitors: set[str] = field(default_factory=set)
    spent: dict[str, Decimal] = field(default_factory=dict)

    def expected(self) -> dict[str, Any]:
        """What the campaign's report must show."""
        revenue = {"USD": f"{sum(self.spent.values(), Decimal()):.2f}"} if self.spent else {}
        return {
            "sends": len(self.addresses),
            "deliveries": len(self.addresses),
            "clicks": len(self.visitors),
            "uniqueClicks": len(self.visitors),
            "conversions": len(self.spent),
            "revenue": revenue,
        }


@dataclass
class Job:
    """The whole file: rows to import as CSV, and its segments by name."""

    contacts_csv: bytes
    rows: int
    segments: dict[str, Customers]


def main() -> int:
    """Run the job; 0 when the report equals the file's sums."""
    quiet = os.environ.get("JSON") == "1"
    out = Console(stderr=quiet)
    started = time.monotonic()
    try:
        job = _read(os.environ.get("DATA", ""), os.environ.get("LIMIT", ""))
        stack = Stack.up(progress=lambda line: out.print(f"[dim]{line}[/dim]"))
        result, problems = _run(stack, job, quiet)
    except LocalError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    _print(out, result)
    for problem in problems:
        out.print(f"[red]wrong:[/red] {problem}")
    out.print(f"{job.rows} rows in {time.monotonic() - started:.0f} s; the mails are at {stack.inbox_url}")
    if quiet:
        print(json.dumps({**result, "ok": not problems}))
    return 1 if problems else 0


def _read(path: str, limit: str) -> Job:
    if not path:
        raise LocalError("say which file: make hillstrom DATA=path.csv")
    if limit and not limit.isdecimal():
        raise LocalError(f"LIMIT={limit} is not a number of rows")
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise LocalError(f"{path} lacks the column {missing[0]!r}; it needs {', '.join(COLUMNS)}")
            return _job_of(islice(reader, int(limit) if limit else None))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise LocalError(f"{path} cannot be read: {error}") from None


def _job_of(rows: Iterator[dict[str, str]]) -> Job:
    attributes = [name for name in COLUMNS if name not in OUTCOMES]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["email", *attributes])
    segments: dict[str, Customers] = {}
    number = 0
    for number, row in enumerate(rows, 1):
        address = f"customer-{number:06d}@example.com"
        writer.writerow([address, *(row[name] for name in attributes)])
        customers = segments.setdefault(row["segment"], Customers())
        customers.addresses.append(address)
        if row["visit"] == "1":
            customers.visitors.add(address)
        if row["conversion"] == "1":
            customers.spent[address] = _amount(number, row["spend"])
    if not number:
        raise LocalError("the file holds no rows")
    return Job(text.getvalue().encode(), number, segments)


def _amount(row: int, spend: str) -> Decimal:
    try:
        return Decimal(spend)
    except InvalidOperation:
        raise LocalError(f"row {row}: spend {spend!r} is not an amount") from None


def _run(stack: Stack, job: Job, quiet: bool) -> tuple[dict[str, Any], list[str]]:
    api = Api(stack.api_url)
    api.sign_in(f"hillstrom-{uuid4().hex}@clarion.example", "Hillstrom")
    mailed = {name: customers for name, customers in job.segments.items() if name != HOLD_OUT}
    with progress_display(quiet) as show:
        steps = Steps(api, show)
        mapping = {"email": "email", **{name: f"attributes.{name}" for name in COLUMNS if name not in OUTCOMES}}
        types = dict.fromkeys(NUMBERS, "number")
        request = {"filename": "hillstrom.csv", "mapping": mapping, "types": types}
        imported = steps.import_contacts(job.contacts_csv, job.rows, request)
        template = api.call("POST", "/crm/marketing/templates", TEMPLATE)["id"]
        campaigns = {name: _launch(api, name, template) for name in mailed}
        delivered = {name: steps.deliver(campaign, name) for name, campaign in campaigns.items()}
        outbox = {}
        for name, campaign in campaigns.items():
            outbox[name] = {mail.to: mail.links[0] for mail in received(stack, campaign)}
            visits = [_visit(api, outbox[name], address) for address in sorted(mailed[name].visitors)]
            steps.act(f"visits {name}", visits)
        purchases = [(address, spent) for c in job.segments.values() for address, spent in c.spent.items()]
        steps.act("conversions", [_purchase(api, address, spent) for address, spent in purchases])
        reports = {
            name: steps.report(campaign, name, mailed[name].expected(), PATIENCE_S)
            for name, campaign in campaigns.items()
        }
    result = {"contacts": imported["counts"]["created"], "campaigns": {}}
    problems = [] if result["contacts"] == job.rows else [f"contacts: {result['contacts']}, expected {job.rows}"]
    for name, report in reports.items():
        audience = delivered[name]["recipients"]["audience"]
        result["campaigns"][name] = _numbers(audience, report)
        wanted = {"audience": len(mailed[name].addresses), **mailed[name].expected()}
        problems += _differences(name, {"audience": audience, **report}, wanted)
        if set(outbox[name]) != set(mailed[name].addresses):
            problems.append(f"{name}: the outbox does not hold exactly its contacts")
    return result, problems


def _launch(api: Api, segment: str, template_id: str) -> str:
    where = {"segment": segment}
    campaign = api.call(
        "POST",
        "/crm/marketing/campaigns",
        {
            "name": segment,
            "channels": ["email"],
            "audience": {"type": "dynamic", "filter": {"datatype": "contact", "where": where}},
            "templateId": template_id,
            "status": "running",
        },
    )
    return str(campaign["id"])


def _visit(api: Api, links: dict[str, str], address: str) -> Callable[[], None]:
    def visit() -> None:
        url = links.get(address)
        if url is None:
            raise LocalError(f"{address} got no mail")
        status = api.fetch(url)
        if status != 302:
            raise LocalError(f"{url} answered {status}, not 302")

    return visit


def _purchase(api: Api, address: str, spent: Decimal) -> Callable[[], None]:
    body = {"conversionId": f"order-{address}", "email": address, "value": str(spent), "currency": "USD"}
    return lambda: api.call("POST", "/crm/marketing/conversions", body) and None


def _numbers(audience: int, report: dict[str, Any]) -> dict[str, Any]:
    names = ("sends", "opens", "uniqueOpens", "clicks", "uniqueClicks", "unsubscribes", "conversions", "revenue")
    return {"audience": audience, "delivered": report["deliveries"], **{name: report[name] for name in names}}


def _differences(name: str, found: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    return [
        f"{name}: {field} is {found[field]}, expected {value}"
        for field, value in wanted.items()
        if found[field] != value
    ]


def _print(out: Console, result: dict[str, Any]) -> None:
    campaigns = result["campaigns"]
    table = Table(title=f"{result['contacts']} contacts")
    table.add_column("")
    for name in campaigns:
        table.add_column(name, justify="right")
    for number, label in (
        ("audience", "audience"),
        ("sends", "sends"),
        ("delivered", "deliveries"),
        ("clicks", "clicks"),
        ("uniqueClicks", "unique clicks"),
        ("conversions", "conversions"),
    ):
        table.add_row(label, *(f"{numbers[number]:,}" for numbers in campaigns.values()))
    for currency in sorted({currency for numbers in campaigns.values() for currency in numbers["revenue"]}):
        amounts = [Decimal(numbers["revenue"].get(currency, "0.00")) for numbers in campaigns.values()]
        table.add_row(f"revenue {currency}", *(f"{amount:,}" for amount in amounts))
    out.print(table)


if __name__ == "__main__":
    sys.exit(main())
