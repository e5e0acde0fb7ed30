"""The tracking paths for the OpenAPI document: their handlers import the standard library alone, so say nothing."""

from typing import Any

Json = dict[str, Any]

TRACKING_SERVERS = [
    {"url": "{tracking}", "variables": {"tracking": {"default": "/", "description": "Stack output TrackingUrl"}}}
]
_PARAMETERS: list[Json] = [
    {"name": "campaign_id", "in": "path", "required": True, "schema": {"type": "string"}},
    {"name": "step_id", "in": "path", "required": True, "schema": {"type": "string"}},
    {"name": "t", "in": "query", "required": True, "description": "Signed token", "schema": {"type": "string"}},
]
_PAGE: Json = {"text/html": {"schema": {"type": "string"}}}
_NO_PAGE = {"description": "A page that says that there is nothing here", "content": _PAGE}
_LATER = {"description": "A page that says to try again", "content": _PAGE}
_FORM: Json = {
    "type": "object",
    "properties": {"List-Unsubscribe": {"const": "One-Click"}, "confirm": {"const": "unsubscribe"}},
    "minProperties": 1,
}


def _operation(operation_id: str, summary: str, responses: Json, body: Json | None = None) -> Json:
    described = {
        "operationId": operation_id,
        "summary": summary,
        "tags": ["tracking"],
        "security": [],
        "responses": responses,
    }
    return described if body is None else {**described, "requestBody": {"required": True, "content": body}}


def _path(**operations: Json) -> Json:
    return {"servers": TRACKING_SERVERS, "parameters": _PARAMETERS, **operations}


_STEP = "/connect/automation/{campaign_id}/{step_id}"
_PICTURE = {"200": {"description": "A transparent picture, whatever the token", "content": {"image/gif": {}}}}
_LEAD_ON = {
    "302": {"description": "To the link's destination", "headers": {"Location": {"schema": {"type": "string"}}}},
    "404": _NO_PAGE,
    "503": _LATER,
}

TRACKING_PATHS: dict[str, Json] = {
    f"{_STEP}/email/open/": _path(
        get=_operation("RecordOpen", "Record that a message was opened", _PICTURE),
        head=_operation("RecordOpenHead", "As GET, without the picture", _PICTURE),
    ),
    f"{_STEP}/link/click/": _path(
        get=_operation("FollowLink", "Record a click and lead on to the link's destination", _LEAD_ON),
        head=_operation("FollowLinkHead", "As GET", _LEAD_ON),
    ),
    f"{_STEP}/email/unsubscribe/": _path(
        get=_operation(
            "ShowUnsubscribe",
            "Offer to unsubscribe; nothing changes",
            {"200": {"description": "A page with a button", "content": _PAGE}, "404": _NO_PAGE},
        ),
        post=_operation(
            "UnsubscribeContact",
            "Unsubscribe the address a message went to (RFC 8058 one-click, or the page's button)",
            {
                "200": {"description": "Done", "content": {"text/plain": {"schema": {"type": "string"}}, **_PAGE}},
                "400": {"$ref": "#/components/responses/400"},
                "404": _NO_PAGE,
                "503": _LATER,
            },
            {"application/x-www-form-urlencoded": {"schema": _FORM}, "multipart/form-data": {"schema": _FORM}},
        ),
    ),
}
