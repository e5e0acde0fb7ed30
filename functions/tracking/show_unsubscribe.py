"""Offer to unsubscribe. Reading the page changes nothing: link scanners read it too."""

from typing import Any

from clarion.hot import answers, log, pages, wiring
from clarion.hot.hits import Hit


def handler(event: dict[str, Any], _context: object) -> answers.Answer:
    """GET ``/connect/automation/{campaign_id}/{step_id}/email/unsubscribe/``"""
    hit = Hit.of(event)
    ticket = wiring.signer().read("unsubscribe", hit.campaign, hit.step, hit.token)
    if ticket is None:
        log.outcome("show_unsubscribe", "refused")
        return answers.page(404, pages.NOT_FOUND)
    log.outcome("show_unsubscribe", "shown", {"campaign": hit.campaign, "contact": ticket.contact})
    return answers.page(200, pages.CONFIRM)
