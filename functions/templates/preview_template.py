"""Render a template for one contact."""

from clarion.edge import Caller, route
from clarion.schemas.templates import PreviewRequest, PreviewView
from clarion.wiring import templates


@route("POST /crm/marketing/templates/{template_id}/preview", needs="templates:read")
def handler(template_id: str, body: PreviewRequest, caller: Caller) -> PreviewView:
    rendered = templates().preview(caller.org_id, template_id, contact_id=body.contact_id, contact=body.document())
    return PreviewView.of(rendered)
