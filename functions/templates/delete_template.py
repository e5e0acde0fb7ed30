"""Delete a template; campaigns that were launched keep their version."""

from clarion.edge import Caller, route
from clarion.wiring import templates


@route("DELETE /crm/marketing/templates/{template_id}", needs="templates:write", status=204)
def handler(template_id: str, caller: Caller, if_match: int | None) -> None:
    templates().delete(caller.org_id, template_id, if_match)
