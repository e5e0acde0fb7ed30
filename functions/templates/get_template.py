"""One template, or one version of it."""

from clarion.edge import Caller, route
from clarion.schemas.templates import TemplateView, VersionQuery
from clarion.wiring import templates


@route("GET /crm/marketing/templates/{template_id}", needs="templates:read")
def handler(template_id: str, query: VersionQuery, caller: Caller) -> TemplateView:
    return TemplateView.of(templates().get(caller.org_id, template_id, query.version))
