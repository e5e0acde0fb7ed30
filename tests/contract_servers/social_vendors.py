"""The contracts of LinkedIn and X. LinkedIn's document had to be written from prose; what is added by hand here is as
unproven."""

from functools import cache

from tests.contract_servers.documents import Contract, Json, contract

_ANY = {"200": {"description": ""}}
_NAME = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


@cache
def linkedin() -> Contract:
    """Posting, and by hand uploading, finding and counting."""
    return contract("linkedin/posts_rest.json", mend=_more_of_linkedin)


@cache
def x() -> Contract:
    """X's own document and, by hand, a user's posts."""
    return contract("x/posts_media_v2.json", mend=_more_of_x)


def _more_of_linkedin(document: Json) -> None:
    always = [{"$ref": f"#/components/parameters/{name}"} for name in ("Version", "Restli")]
    paths = document["paths"]
    finder = {"name": "X-RestLi-Method", "in": "header", "required": True, "schema": {"enum": ["FINDER"]}}
    paths["/rest/posts"]["get"] = {"parameters": [
        *always, finder, _query("q", {"enum": ["author"]}), _query("author", {"$ref": "#/components/schemas/Author"}),
        _query("count", {"type": "integer", "maximum": 100}), _query("sortBy", {"enum": ["CREATED", "LAST_MODIFIED"]}),
    ], "responses": _ANY}  # fmt: skip
    urn = {"name": "id", "in": "path", "required": True, "schema": {"pattern": "^urn:li:(share|ugcPost):[0-9]+$"}}
    paths["/rest/posts/{id}"] = {"get": {"parameters": [*always, urn], "responses": _ANY}}
    paths["/rest/organizationalEntityShareStatistics"] = {"get": {"parameters": [
        *always, _query("q", {"enum": ["organizationalEntity"]}),
        _query("organizationalEntity", {"pattern": "^urn:li:organization:[0-9]+$"}),
        *(_query(name, {"pattern": r"^List\(urn:li:(share|ugcPost):[0-9]+\)$"}, required=False)
          for name in ("shares", "ugcPosts")),
    ], "responses": _ANY}}  # fmt: skip
    upload = {
        "parameters": [_NAME],
        "requestBody": {"content": {"image/png": {"schema": {}}}},
        "responses": {"201": {"description": ""}},
    }
    paths["/dms-uploads/{id}"] = {"put": upload}


def _more_of_x(document: Json) -> None:
    # openapi-core knows no OAuth 2; its tokens are sent as bearers all the same.
    document["components"]["securitySchemes"]["OAuth2UserToken"] = {"type": "http", "scheme": "bearer"}
    shown = document["paths"]["/2/tweets/{id}"]["get"]
    [fields] = [each for each in shown["parameters"] if each.get("$ref", "").endswith("/PostFieldsParameter")]
    document["paths"]["/2/users/{id}/tweets"] = {"get": {"security": shown["security"], "parameters": [
        _NAME, fields, _query("max_results", {"type": "integer", "minimum": 5, "maximum": 100}),
        _query("start_time", {"type": "string", "format": "date-time"}),
    ], "responses": _ANY}}  # fmt: skip


def _query(name: str, schema: Json, *, required: bool = True) -> Json:
    return {
        "name": name,
        "in": "query",
        "required": required,
        "schema": {"type": "string", **schema} if "$ref" not in schema else schema,
    }
