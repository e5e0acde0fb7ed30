"""Take up a consent: the page that a vendor sends a member back to."""

from clarion.edge import PUBLIC, HtmlPage, route
from clarion.edge.consent import consent_told
from clarion.schemas.platforms import ConsentQuery
from clarion.wiring import authorizations


@route("GET /connect/oauth/{platform}/callback", needs=PUBLIC)
def handler(platform: str, query: ConsentQuery) -> HtmlPage:
    return consent_told(lambda: authorizations().finish(platform, query.state, query.code, query.error))
