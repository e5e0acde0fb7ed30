"""Whether campaigns go out and are counted, and if not, why."""

from clarion.edge import Caller, route
from clarion.schemas.health import HealthView
from clarion.wiring import health


@route("GET /crm/marketing/health", needs="analytics:read")
def handler(caller: Caller) -> HealthView:
    return HealthView.of(health().check(caller.org_id))
