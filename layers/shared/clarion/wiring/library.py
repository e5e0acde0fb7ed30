"""What campaigns are made of: audiences and templates."""

from functools import cache
from typing import TYPE_CHECKING

from clarion.clock import now
from clarion.settings import settings
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
    from clarion.content.post_text import post_text
    from clarion.content.text import compile_text
    from clarion.services.templates import Compilers, TemplateService
    from clarion.storage.templates import TemplateTable

    compilers = Compilers(compile_mail, compile_text, post_text, _link_example)
    return TemplateService(TemplateTable(table()), contact_table(), compilers, now)


def _link_example() -> str:
    """A tracking URL of a campaign's first step, signed by no key of ours: all are as long, but for a step's name."""
    from clarion.domain.campaign_details import FIRST_STEP
    from clarion.hot.token import Signer
    from clarion.hot.urls import TrackingUrls

    some = "0" * 26
    return TrackingUrls(Signer({1: bytes(16)}), settings().public_url, some, some, 1, FIRST_STEP, "sms").click(some, 0)
