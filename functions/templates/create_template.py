"""Save a template."""

from clarion.edge import Caller, route
from clarion.schemas.templates import TemplateRequest, TemplateView
from clarion.wiring import templates


@route("POST /crm/marketing/templates", needs="templates:write", status=201)
def handler(body: TemplateRequest, caller: Caller) -> TemplateView:
    return TemplateView.of(templates().create(caller.org_id, caller.new_id(), body.name, body))
