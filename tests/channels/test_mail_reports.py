"""Every event of the public collection is read as its own tests state; the vendors' samples are counted as we want."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from clarion.channels import mailgun_events, mailgun_forms, sendgrid_events, ses_events
from clarion.channels.mail_reports import Cause, Happening, MailReport, event_of_report, moment_of_epoch, moment_of_text
from clarion.channels.ses_reports import reports_of
from clarion.domain.engagement import Kind, MessageRef
from clarion.domain.vendor_events import MalformedEvent, Skipped, VendorEvent
from tests.shared_data import shared

CASES = {
    case["id"]: case
    for case in json.loads(shared("esp_webhooks/webhooks_dev.json").read_text())
    if case["esp"] in ("Amazon SES", "SendGrid", "Mailgun")
}
OURS = {"org": "acme", "contact": "ann", "campaign": "k", "run": "1", "step": "1"}
MESSAGE = MessageRef("acme", "ann", "k", 1, "1", "email")


def reports(case: Mapping[str, Any]) -> list[MailReport]:
    if case["esp"] == "Amazon SES":
        return reports_of(case["body"])
    if case["esp"] == "SendGrid":
        return [sendgrid_events.report_of(event) for event in case["body"]]
    if "body" in case:
        return [mailgun_events.report_of(case["body"])]
    form = mailgun_forms.fields_of(case["body_text"].encode(), case["content_type"])
    return [mailgun_forms.report_of(form)]


def as_stated(report: MailReport, esp: str) -> dict[str, Any]:
    """The report in the collection's words.

    Its senders put their own message id into SendGrid's custom arguments, and tags and metadata into SES's headers;
    of SES it states when and by which message an event was told.
    """
    variables = dict(report.variables)
    message_id = variables.pop("anymail_id", None) or report.message_id
    tags, metadata, at = list(report.tags), variables, report.at
    if esp == "Amazon SES":
        at = report.told_at
        tags = [value for name, value in report.headers if name == "X-Tag"]
        metadata = next((json.loads(value) for name, value in report.headers if name == "X-Metadata"), {})
    found = {
        "event_type": report.what.value,
        "timestamp": at.isoformat() if at else None,
        "event_id": report.notice_id,
        "message_id": message_id,
        "recipient": report.recipient,
        "reject_reason": report.cause.value if report.cause else None,
        "description": report.description,
        "mta_response": report.answer,
        "click_url": report.url,
        "user_agent": report.user_agent,
        "tags": tags,
        "metadata": metadata,
    }
    return {name: value for name, value in found.items() if value not in (None, [], {})}


def expected(stated: dict[str, Any]) -> dict[str, Any]:
    """One tag stands there without its list."""
    return stated | ({"tags": [stated["tags"]]} if isinstance(stated.get("tags"), str) else {})


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_an_event_is_read_as_stated(case: dict[str, Any]) -> None:
    found = [as_stated(report, case["esp"]) for report in reports(case)]
    assert found == [expected(stated) for stated in case["expected_events"]]


def test_nothing_of_the_three_vendors_is_left_out() -> None:
    assert len(CASES) == 9 + 13 + 29


def report(what: Happening = Happening.DELIVERED, **fields: Any) -> MailReport:
    at = datetime(2026, 11, 21, tzinfo=UTC)
    usual: dict[str, Any] = {"at": at, "event_id": "e1", "variables": OURS}
    return MailReport(what=what, said="V x", **usual | fields)


@pytest.mark.parametrize(("told", "kind", "bounce"), [
    (report(), Kind.DELIVERY, None),
    (report(Happening.BOUNCED, hard=True), Kind.BOUNCE, "hard"),
    (report(Happening.BOUNCED), Kind.BOUNCE, "soft"),
    (report(Happening.REJECTED, cause=Cause.BOUNCED, hard=True), Kind.BOUNCE, "hard"),
    (report(Happening.REJECTED, cause=Cause.UNSUBSCRIBED), Kind.UNSUBSCRIBE, None),
    (report(Happening.FAILED), Kind.BOUNCE, "soft"),
    (report(Happening.COMPLAINED, cause=Cause.SPAM), Kind.COMPLAINT, None),
    (report(Happening.UNSUBSCRIBED), Kind.UNSUBSCRIBE, None),
])  # fmt: skip
def test_what_is_counted(told: MailReport, kind: Kind, bounce: Any) -> None:
    assert told.at is not None
    assert event_of_report(told, "v") == VendorEvent(MESSAGE, kind, told.at, "v", "e1", bounce)


@pytest.mark.parametrize("what", [
    Happening.QUEUED, Happening.SENT, Happening.DEFERRED, Happening.OPENED, Happening.CLICKED, Happening.SUBSCRIBED,
    Happening.OTHER,
])  # fmt: skip
def test_what_is_not_counted_says_what_it_was(what: Happening) -> None:
    assert event_of_report(report(what), "v") == Skipped("V x")


@pytest.mark.parametrize("variables", [{}, OURS | {"run": "one"}, OURS | {"contact": 7}, OURS | {"org": "a#b"}])
def test_a_mail_without_our_ids_is_none_of_ours(variables: dict[str, Any]) -> None:
    assert event_of_report(report(variables=variables), "v") == Skipped("no tags of ours")


@pytest.mark.parametrize("fields", [
    {"at": None}, {"event_id": None}, {"event_id": ""}, {"event_id": "\ud800"},
])  # fmt: skip
def test_an_event_of_ours_without_time_or_name_is_malformed(fields: dict[str, Any]) -> None:
    with pytest.raises(MalformedEvent):
        event_of_report(report(**fields), "v")


@pytest.mark.parametrize("seconds", [True, "1", [], -1, 1e99, float("nan"), float("inf"), 10**400])
def test_a_moment_that_is_none_is_malformed(seconds: Any) -> None:
    with pytest.raises(MalformedEvent):
        moment_of_epoch(seconds)


@pytest.mark.parametrize("stamp", ["", "soon", 7, "2026-11-21T09:00:00", "9999-12-31T00:00:00Z"])
def test_a_stamp_that_is_none_is_malformed(stamp: Any) -> None:
    with pytest.raises(MalformedEvent):
        moment_of_text(stamp)


def test_a_bounce_of_several_recipients_is_a_report_for_each() -> None:
    assert [each.recipient for each in reports(CASES["H005"])] == ["jane@example.com", "richard@example.com"]
    assert ses_events.event_of(CASES["H005"]["body"]) == Skipped("no tags of ours")
