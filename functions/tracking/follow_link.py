"""Record a click and lead on to the link's destination, which comes from the run's link table alone."""

from typing import Any

from clarion import clock
from clarion.hot import answers, log, pages, wiring
from clarion.hot.dynamodb import DynamoError
from clarion.hot.hits import Hit, event_item


def handler(event: dict[str, Any], _context: object) -> answers.Answer:
    """GET and HEAD ``/connect/automation/{campaign_id}/{step_id}/link/click/``"""
    hit = Hit.of(event)
    ticket = wiring.signer().read("click", hit.campaign, hit.step, hit.token)
    if ticket is None:
        log.outcome("follow_link", "refused")
        return answers.page(404, pages.NOT_FOUND)
    ids = {"campaign": hit.campaign, "contact": ticket.contact}
    try:
        destination = wiring.link_tables().destination(hit.campaign, hit.step, ticket)
    except DynamoError as error:
        log.outcome("follow_link", error.code, ids, failed=True)
        return answers.page(503, pages.UNAVAILABLE)
    if destination is None:
        log.outcome("follow_link", "no such link", ids)
        return answers.page(404, pages.NOT_FOUND)
    try:
        wiring.table().put(event_item("click", "link", ticket, hit, clock.now()))
    except DynamoError as error:
        log.outcome("follow_link", error.code, ids, failed=True)
    else:
        log.outcome("follow_link", "recorded", ids)
    return answers.redirect(destination)
