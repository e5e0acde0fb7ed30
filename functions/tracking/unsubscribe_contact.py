"""Unsubscribe the address a message went to: one click at the mailbox provider (RFC 8058), or our page's button."""

from typing import Any

from clarion import clock
from clarion.hot import answers, form, log, pages, wiring
from clarion.hot.dynamodb import DynamoError
from clarion.hot.hits import Hit
from clarion.hot.unsubscribe import source_of, unsubscribe


def handler(event: dict[str, Any], _context: object) -> answers.Answer:
    """POST ``/connect/automation/{campaign_id}/{step_id}/email/unsubscribe/``"""
    hit = Hit.of(event)
    ticket = wiring.signer().read("unsubscribe", hit.campaign, hit.step, hit.token)
    if ticket is None:
        log.outcome("unsubscribe_contact", "refused")
        return answers.page(404, pages.NOT_FOUND)
    ids = {"campaign": hit.campaign, "contact": ticket.contact}
    source = source_of(form.fields(event)) if hit.method == "POST" else None
    if source is None:
        log.outcome("unsubscribe_contact", "unknown form", ids)
        return answers.problem(400, "bad_request", "the body must be a form with List-Unsubscribe=One-Click")
    try:
        result = unsubscribe(wiring.table(), ticket, hit, source, clock.now())
    except DynamoError as error:
        # Never a 200: the provider tries again, the person sees that it is not done.
        log.outcome("unsubscribe_contact", error.code, ids, failed=True)
        if source == "page":
            return answers.page(503, pages.UNAVAILABLE)
        return answers.problem(503, "unavailable", "not unsubscribed yet, try again")
    if result is None:
        log.outcome("unsubscribe_contact", "no such message", ids)
        return answers.page(404, pages.NOT_FOUND)
    log.outcome("unsubscribe_contact", f"{result}, {source}", ids)
    return answers.text(200, "unsubscribed\n") if source == "one-click" else answers.page(200, pages.UNSUBSCRIBED)
