"""What campaigns are made of: audiences and templates."""

from functools import cache
from typing import TYPE_CHECKING

from clarion.clock import now
from clarion.wiring.clients import table
from clarion.wiring.contacts import contact_table

if TYPE_CHECKING:
    from clarion.services.audiences import AudienceService
    from clarion.services.templates import TemplateService


@cache
def audiences() -> "AudienceService":
    from clarion.domain.saved_audience import Audience
    from clarion.services.audiences import AudienceService
    from clarion.storage.records import RecordTable

    return AudienceService(RecordTable("AUDIENCE", Audience), now)


@cache
def templates() -> "TemplateService":
    from clarion.content.compile import compile_mail
    from clarion.services.templates import TemplateService
    from clarion.storage.templates import TemplateTable

    return TemplateService(TemplateTable(table()), contact_table(), compile_mail, now)
