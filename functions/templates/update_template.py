"""Save a new version of a template; campaigns that were launched keep theirs."""

from clarion.edge import Caller, route
from clarion.schemas.templates import TemplateView, UpdateTemplateRequest
from clarion.wiring import templates


@route("PUT /crm/marketing/templates/{template_id}", needs="templates:write")
def handler(template_id: str, body: UpdateTemplateRequest, caller: Caller, if_match: int | None) -> TemplateView:
    version = body.version if if_match is None else if_match
    return TemplateView.of(templates().update(caller.org_id, template_id, version, body.name, body))
