"""`make demo`: the main job on the sample that ships with the repository, with its own sums checked.

Contacts are imported, an audience, a template and a campaign made, the campaign launched and delivered; then the
program plays the recipients with the pixel and links it finds in the delivered mails, and reads the report.
With JSON=1 the last line of output is one JSON object.
"""

import csv
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from rich.console import Console
from rich.table import Table

from local.job.client import Api
from local.job.mailbox import Received, received
from local.job.steps import Steps, progress_display
from local.settings import LocalError
from local.stack import Stack

SAMPLE = Path(__file__).parent / "sample"
PATIENCE_S = 20.0
IMPORT = {
    "filename": "contacts.csv",
    "mapping": {
        "E-mail": "email",
        "First name": "firstName",
        "Last name": "lastName",
        "City": "attributes.city",
        "Plan": "attributes.plan",
        "Score": "attributes.score",
        "Tags": "tags",
        "E-mail consent": "consent.email",
    },
    "types": {"Score": "number"},
}
WHERE = {"plan": {"$in": ["plus", "pro"]}, "score": {"$gte": 20}}


class Recipients:
    """What the readers of the sample do, decided by their place in the outbox, and the numbers that must follow."""

    def __init__(self, api: Api, mails: list[Received]) -> None:
        self._api = api
        self._mails = [mail for mail in mails if not mail.to.startswith("bounce")]
        self.delivered = len(self._mails)

    def opens(self) -> list[Callable[[], None]]:
        """Every second reader opens the mail, every sixth twice."""
        twice = self._mails[::6]
        return [self._get(mail.pixel, 200) for mail in [*self._mails[::2], *twice]]

    def clicks(self) -> list[Callable[[], None]]:
        """Every fifth follows the first link, every tenth the second too, every twentieth the first one again."""
        links = [mail.links[0] for mail in [*self._mails[::5], *self._mails[::20]]]
        return [self._get(url, 302) for url in [*links, *(mail.links[1] for mail in self._mails[::10])]]

    def unsubscribes(self) -> list[Callable[[], None]]:
        """Every fortieth lets the mail program unsubscribe with one click (RFC 8058)."""
        one_click = {"List-Unsubscribe": "One-Click"}
        return [self._post(mail.unsubscribe_url, one_click) for mail in self._mails[3::40]]

    def conversions(self) -> list[dict[str, Any]]:
        """Every fiftieth buys something."""
        return [
            {"conversionId": f"order-{mail.contact_id}", "contactId": mail.contact_id, "value": "19.99"}
            for mail in self._mails[::50]
        ]

    def expected(self) -> dict[str, Any]:
        """What the report must show of all this."""
        bought = len(self.conversions())
        return {
            "deliveries": self.delivered,
            "opens": len(self.opens()),
            "uniqueOpens": len(self._mails[::2]),
            "clicks": len(self.clicks()),
            "uniqueClicks": len(self._mails[::5]),
            "unsubscribes": len(self.unsubscribes()),
            "conversions": bought,
            "revenue": {"USD": f"{bought * 1999 / 100:.2f}"} if bought else {},
        }

    def _get(self, url: str, status: int) -> Callable[[], None]:
        return lambda: _expect(url, self._api.fetch(url), status)

    def _post(self, url: str, fields: dict[str, str]) -> Callable[[], None]:
        return lambda: _expect(url, self._api.fetch(url, "POST", fields), 200)


def main() -> int:
    """Run the job; 0 when every sum is right."""
    quiet = os.environ.get("JSON") == "1"
    out = Console(stderr=quiet)
    try:
        stack = Stack.up(progress=lambda line: out.print(f"[dim]{line}[/dim]"))
        result = _job(stack, quiet, out)
    except LocalError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    out.print(f"\nRead the mails at [bold]{stack.inbox_url}[/bold]; `make down` stops the stack.")
    if quiet:
        print(json.dumps(result))
    return 0 if result["ok"] else 1


def _job(stack: Stack, quiet: bool, out: Console) -> dict[str, Any]:
    data = (SAMPLE / "contacts.csv").read_bytes()
    rows = list(csv.DictReader(data.decode().splitlines()))
    api = Api(stack.api_url)
    api.sign_in(f"demo-{uuid4().hex}@clarion.example", "Demo")
    with progress_display(quiet) as show:
        steps = Steps(api, show)
        job = steps.import_contacts(data, len(rows), IMPORT)
        campaign_id = _launch(api)
        campaign = steps.deliver(campaign_id, "Autumn")
        mails = list(received(stack, campaign_id))
        readers = Recipients(api, mails)
        steps.act("open the mails", readers.opens())
        steps.act("follow links", readers.clicks())
        steps.act("unsubscribe", readers.unsubscribes())
        for conversion in readers.conversions():
            api.call("POST", "/crm/marketing/conversions", conversion)
        report = steps.report(campaign_id, "Autumn", readers.expected(), PATIENCE_S)
    result = _result(job, campaign, report)
    problems = _problems(rows, job, campaign, len(mails), report, readers)
    _print(out, job, campaign, report)
    for problem in problems:
        out.print(f"[red]wrong:[/red] {problem}")
    return {**result, "ok": not problems}


def _launch(api: Api) -> str:
    audience = api.call(
        "POST",
        "/crm/marketing/audiences",
        {
            "name": "Active plus and pro readers",
            "definition": {"type": "dynamic", "filter": {"datatype": "contact", "where": WHERE}},
        },
    )
    template = api.call(
        "POST",
        "/crm/marketing/templates",
        {
            "name": "Autumn",
            "subject": "{{ contact.firstName | default('Hello') }}, autumn has come to {{ attributes.city }}",
            "preheader": "Three things for rainy days",
            "mjml": (SAMPLE / "autumn.mjml").read_text(),
        },
    )
    campaign = api.call(
        "POST",
        "/crm/marketing/campaigns",
        {
            "name": "Autumn",
            "channels": ["email"],
            "audienceId": audience["id"],
            "templateId": template["id"],
            "status": "running",
        },
    )
    return str(campaign["id"])


def _result(job: dict[str, Any], campaign: dict[str, Any], report: dict[str, Any]) -> dict[str, Any]:
    return {
        "contacts": job["counts"]["created"],
        "audience": campaign["recipients"]["audience"],
        "sends": report["sends"],
        "delivered": report["deliveries"],
        "opens": report["opens"],
        "uniqueOpens": report["uniqueOpens"],
        "clicks": report["clicks"],
        "uniqueClicks": report["uniqueClicks"],
        "unsubscribes": report["unsubscribes"],
    }


def _problems(
    rows: list[dict[str, str]],
    job: dict[str, Any],
    campaign: dict[str, Any],
    mails: int,
    report: dict[str, Any],
    readers: Recipients,
) -> list[str]:
    """Every sum that does not match what this program did, in words."""
    people = {row["E-mail"].lower(): row for row in rows if "@" in row["E-mail"]}
    chosen = [row for row in people.values() if row["Plan"] in ("plus", "pro") and int(row["Score"]) >= 20]
    willing = [row for row in chosen if row["E-mail consent"] != "denied"]
    recipients = campaign["recipients"]
    checks = {
        "contacts created": (job["counts"]["created"], len(people)),
        "rows rejected": (job["counts"]["rejected"], sum("@" not in row["E-mail"] for row in rows)),
        "audience": (recipients["audience"], len(chosen)),
        "skipped without consent": (recipients["skipped"].get("no_consent", 0), len(chosen) - len(willing)),
        "sent": (recipients["sent"], len(willing)),
        "sends in the report": (report["sends"], len(willing)),
        "mails in the outbox": (mails, len(willing)),
        "bounces": (report["bounces"]["hard"], len(willing) - readers.delivered),
        **{f"{field} in the report": (report[field], value) for field, value in readers.expected().items()},
    }
    return [f"{name}: {found}, expected {wanted}" for name, (found, wanted) in checks.items() if found != wanted]


def _print(out: Console, job: dict[str, Any], campaign: dict[str, Any], report: dict[str, Any]) -> None:
    table = Table(title=f"Campaign {campaign['name']!r}: {campaign['status']}", min_width=44)
    table.add_column("")
    table.add_column("total", justify="right")
    table.add_column("unique", justify="right")
    counts, recipients = job["counts"], campaign["recipients"]
    table.add_row("contacts imported", str(counts["created"]), "")
    table.add_row("rows rejected", str(counts["rejected"]), "")
    table.add_row("audience", str(recipients["audience"]), "")
    for reason, number in recipients["skipped"].items():
        table.add_row(f"skipped: {reason.replace('_', ' ')}", str(number), "")
    table.add_section()
    table.add_row("sends", str(report["sends"]), "")
    table.add_row("deliveries", str(report["deliveries"]), "")
    table.add_row("hard bounces", str(report["bounces"]["hard"]), "")
    table.add_row("complaints", str(report["complaints"]), "")
    table.add_section()
    table.add_row("opens", str(report["opens"]), str(report["uniqueOpens"]))
    table.add_row("clicks", str(report["clicks"]), str(report["uniqueClicks"]))
    for link in report["links"]:
        table.add_row(f"  {link['url']}", str(link["clicks"]), str(link["uniqueClicks"]))
    table.add_row("unsubscribes", str(report["unsubscribes"]), "")
    table.add_row("conversions", str(report["conversions"]), "")
    for currency, amount in report["revenue"].items():
        table.add_row(f"revenue {currency}", amount, "")
    out.print(table)


def _expect(url: str, status: int, wanted: int) -> None:
    if status != wanted:
        raise LocalError(f"{url} answered {status}, not {wanted}")


if __name__ == "__main__":
    sys.exit(main())
