"""Record that a message was opened, and show the picture whatever happens."""

from typing import Any

from clarion import clock
from clarion.hot import answers, log, wiring
from clarion.hot.dynamodb import DynamoError
from clarion.hot.hits import Hit, event_item


def handler(event: dict[str, Any], _context: object) -> answers.Answer:
    """GET and HEAD ``/connect/automation/{campaign_id}/{step_id}/email/open/``"""
    hit = Hit.of(event)
    ticket = wiring.signer().read("open", hit.campaign, hit.step, hit.token)
    if ticket is None:
        log.outcome("record_open", "refused")
        return answers.picture()
    ids = {"campaign": hit.campaign, "contact": ticket.contact}
    try:
        wiring.table().put(event_item("open", "pixel", ticket, hit, clock.now()))
    except DynamoError as error:
        log.outcome("record_open", error.code, ids, failed=True)
    else:
        log.outcome("record_open", "recorded", ids)
    return answers.picture()
