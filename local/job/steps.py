"""The steps of the main job: import, launch, wait for the delivery, be the recipients, read the report."""

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from local.job.client import Api
from local.settings import LocalError

_POLL_S = 0.5
_RECIPIENTS_AT_ONCE = 8


class Steps:
    """``show`` is a running progress display; each step is a line of it, with its count and rate."""

    def __init__(self, api: Api, show: Progress) -> None:
        self._api, self._show = api, show

    def import_contacts(self, data: bytes, rows: int, request: Mapping[str, Any]) -> dict[str, Any]:
        """Upload a CSV, have it imported, and wait; the finished job."""
        job = self._api.call("POST", "/crm/contact-imports", dict(request))
        self._api.upload(job["uploadUrl"], data)
        path = f"/crm/contact-imports/{job['id']}"
        self._api.call("POST", f"{path}/run")
        return self._wait("import contacts", rows, path, _imported_rows, _import_over)

    def deliver(self, campaign_id: str, name: str) -> dict[str, Any]:
        """Wait until a running campaign is complete; the campaign."""
        path = f"/crm/marketing/campaigns/{campaign_id}"
        return self._wait(f"deliver {name}", None, path, _delivered, _delivery_over)

    def act(self, name: str, acts: Iterable[Callable[[], None]]) -> None:
        """What recipients do, several at a time."""
        todo = list(acts)
        task = self._show.add_task(name, total=len(todo))
        with ThreadPoolExecutor(_RECIPIENTS_AT_ONCE) as recipients:
            for done in [recipients.submit(act) for act in todo]:
                done.result()
                self._show.advance(task)

    def report(self, campaign_id: str, name: str, expected: Mapping[str, Any], patience_s: float) -> dict[str, Any]:
        """The campaign's analytics, once they show what is ``expected`` or have not changed for ``patience_s``."""
        task = self._show.add_task(f"count {name}", total=sum(_numbers(expected)))
        last: dict[str, Any] = {}
        changed = time.monotonic()
        while True:
            report = self._api.call("GET", f"/crm/marketing/campaigns/{campaign_id}/analytics")
            self._show.update(
                task, completed=min(sum(_numbers({k: report[k] for k in expected})), sum(_numbers(expected)))
            )
            if all(report[field] == value for field, value in expected.items()):
                return dict(report)
            if report != last:
                last, changed = report, time.monotonic()
            if time.monotonic() - changed > patience_s:
                return dict(report)
            time.sleep(_POLL_S)

    def _wait(
        self,
        name: str,
        total: int | None,
        path: str,
        progress: Callable[[dict[str, Any]], tuple[int, int | None]],
        over: Callable[[dict[str, Any]], bool],
    ) -> dict[str, Any]:
        task = self._show.add_task(name, total=total)
        while True:
            job: dict[str, Any] = self._api.call("GET", path)
            completed, known = progress(job)
            self._show.update(task, completed=completed, total=known if known is not None else total)
            if over(job):
                return job
            time.sleep(_POLL_S)


def progress_display(quiet: bool) -> Progress:
    """Bars with counts, rates and times, on standard error where the last line of output is for a program."""
    from rich.console import Console

    return Progress(
        TextColumn("{task.description:<28}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeElapsedColumn(),
        console=Console(stderr=quiet),
    )


class _Rate(TextColumn):
    def __init__(self) -> None:
        super().__init__("{task.speed}")

    def render(self, task: Any) -> Any:
        from rich.text import Text

        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "")


def _imported_rows(job: dict[str, Any]) -> tuple[int, int | None]:
    return job["counts"]["rows"], None


def _import_over(job: dict[str, Any]) -> bool:
    if job["status"] == "failed":
        raise LocalError(f"the import failed: {job.get('statusReason')}")
    return bool(job["status"] == "completed")


def _delivered(campaign: dict[str, Any]) -> tuple[int, int | None]:
    recipients = campaign["recipients"] or {"audience": 0, "pending": 0, "planned": False}
    return recipients["audience"] - recipients["pending"], recipients["audience"] if recipients["planned"] else None


def _delivery_over(campaign: dict[str, Any]) -> bool:
    if campaign["status"] in ("paused", "failed", "cancelled"):
        raise LocalError(f"campaign {campaign['name']!r} is {campaign['status']}: {campaign['statusReason']}")
    return campaign["status"] in ("completed", "completed_with_failures")


def _numbers(values: Mapping[str, Any]) -> list[int]:
    return [value for value in values.values() if isinstance(value, int)]
