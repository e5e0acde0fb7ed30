"""Entering journeys, and a contact's progress."""

from functools import cache
from typing import TYPE_CHECKING

from clarion.clock import now
from clarion.wiring.clients import table
from clarion.wiring.contacts import contact_documents, contact_table
from clarion.wiring.delivery import batches, campaign_table, entries, entry_queue, queues, runs

if TYPE_CHECKING:
    from clarion.services.contact_progress import ContactProgressService
    from clarion.services.entering import EnterService
    from clarion.services.forwarding import EntryForwarder
    from clarion.storage.timelines import TimelineTable


@cache
def timelines() -> "TimelineTable":
    from clarion.storage.timelines import TimelineTable

    return TimelineTable(table())


@cache
def forwarding() -> "EntryForwarder":
    from clarion.services.forwarding import EntryForwarder
    from clarion.storage.candidates import CandidateReader

    return EntryForwarder(CandidateReader(), entries(), entry_queue())


@cache
def entering() -> "EnterService":
    from clarion.services.entering import EnterService

    return EnterService(
        entries(),
        runs(),
        campaign_table(),
        contact_documents(),
        timelines(),
        batches(),
        queues(),
        entry_queue(),
        now,
    )


@cache
def contact_progress() -> "ContactProgressService":
    from clarion.services.contact_progress import ContactProgressService

    return ContactProgressService(campaign_table(), contact_table(), runs(), entries(), timelines())
