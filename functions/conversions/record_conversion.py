"""Record that a contact converted, and which message earned it."""

from clarion.edge import Caller, route
from clarion.schemas.conversions import ConversionRequest, ConversionView
from clarion.wiring import conversions


@route("POST /crm/marketing/conversions", needs="conversions:write", status=201)
def handler(body: ConversionRequest, caller: Caller) -> ConversionView:
    conversion = conversions().record(
        caller.org_id,
        body.details(),
        contact_id=body.contact_id,
        email_key=body.email_key,
        message=body.message.named() if body.message else None,
    )
    return ConversionView.of(conversion)
