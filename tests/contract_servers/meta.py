"""Meta's contracts. What its document leaves out, reading and the fields of most objects, comes from Meta's own SDK,
generated of the same source."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any

from facebook_business.adobjects.abstractcrudobject import AbstractCrudObject
from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.adobjects.campaign import Campaign
from facebook_business.adobjects.customaudience import CustomAudience
from facebook_business.adobjects.igmedia import IGMedia
from facebook_business.adobjects.iguser import IGUser
from facebook_business.adobjects.page import Page
from facebook_business.adobjects.pagepost import PagePost
from facebook_business.api import FacebookAdsApi, FacebookSession

from tests.contract_servers.documents import Contract, Json, contract

_PAGES, _ADS = "meta/pages_instagram.json", "meta/ads.json"
_FORM = "application/x-www-form-urlencoded"
_PLAIN = {"unsigned int": "integer", "int": "integer", "bool": "boolean", "string": "string", "datetime": "string"}
_EVERYWHERE = {"fields": "string", "limit": "integer", "after": "string", "appsecret_proof": "string"}
# Objects whose fields neither document nor SDK names; they are in Meta's guides.
_GUIDES: Mapping[str, Mapping[str, set[str]]] = {
    "/v25.0/{page_id}/feed": {"attached_media": {"media_fbid", "message"}},
    "/v25.0/{ad_account_id}/ads": {"creative": {"creative_id"}},
    "/v25.0/{audience_id}/users": {"payload": {"schema", "data", "is_raw"}},
}
_CREDENTIALS = [
    {"name": name, "in": "query", "schema": {"type": "string"}} for name in ("access_token", "appsecret_proof")
]


@cache
def facebook_page() -> Contract:
    """Publishing on a page and reading its posts."""
    return _cut(_PAGES, lambda path: "{page_id}" in path, {
        "/v25.0/{page_id}/published_posts": _reading(Page, "get_published_posts"),
        "/v25.0/{post_id}": _reading(PagePost, "api_get"),
        "/v25.0/{post_id}/insights": _reading(PagePost, "get_insights"),
    })  # fmt: skip


@cache
def instagram() -> Contract:
    """Publishing on an account and reading its media."""
    return _cut(_PAGES, lambda path: "{ig_" in path, {
        "/v25.0/{ig_user_id}/media": _reading(IGUser, "get_media"),
        "/v25.0/{media_id}/insights": _reading(IGMedia, "get_insights"),
    })  # fmt: skip


@cache
def meta_ads() -> Contract:
    """Campaigns and audiences of an ad account."""
    return _cut(_ADS, lambda path: "{ad_account_id}" in path and "insights" not in path, {
        "/v25.0/{ad_account_id}": _reading(AdAccount, "api_get"),
        "/v25.0/{ad_account_id}/campaigns": _with("filtering", _reading(AdAccount, "get_campaigns")),
        "/v25.0/{campaign_id}/adsets": _reading(Campaign, "get_ad_sets"),
        "/v25.0/{campaign_id}/ads": _reading(Campaign, "get_ads"),
        "/v25.0/{campaign_id}/insights": _reading(Campaign, "get_insights"),
        "/v25.0/{ad_account_id}/customaudiences": (
            _reading(AdAccount, "get_custom_audiences") | _writing(AdAccount, "create_custom_audience")
        ),
        "/v25.0/{audience_id}/users": _writing(CustomAudience, "create_user"),
    })  # fmt: skip


def sdk(url: str, token: str, secret: str) -> FacebookAdsApi:
    """Meta's SDK, speaking to ``url``."""
    session = FacebookSession(access_token=token, app_secret=secret)
    session.GRAPH = url
    return FacebookAdsApi(session, api_version="v25.0")


def meaning(form: dict[str, list[str]]) -> dict[str, Any]:
    """The values of a posted form by their names, what is JSON parsed; the SDK writes Python's False."""
    told = {}
    for name, [value] in form.items():
        try:
            told[name] = json.loads(value)
        except ValueError:
            told[name] = {"True": True, "False": False}.get(value, value)
    return told


def _cut(document: str, keep: Callable[[str], bool], more: dict[str, Json]) -> Contract:
    def mend(found: Json) -> None:
        found["paths"] = {path: item for path, item in found["paths"].items() if keep(path)}
        for path, operations in more.items():
            name = path.split("/")[2].strip("{}")
            item = found["paths"].setdefault(path, {})
            given = {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for operation in operations.values():
                operation.setdefault("parameters", []).append(given)
            item.update(operations)
        _name_fields(found)
        for path, item in found["paths"].items():
            for field, names in _GUIDES.get(path, {}).items():
                _close(item["post"]["requestBody"]["content"][_FORM], field, names)
            for operation in (each for each in item.values() if isinstance(each, dict)):
                named = {each.get("name") for each in operation.setdefault("parameters", [])}
                operation["parameters"] += [each for each in _CREDENTIALS if each["name"] not in named]

    return contract(document, mend=mend)


def _name_fields(document: Json) -> None:
    """Objects that the document leaves free, though it names their type, have the fields of the SDK's class."""
    for node in _nodes(document):
        kind = node.get("x-meta-type")
        if isinstance(kind, str) and node.get("additionalProperties") is True:
            fields = getattr(import_module(f"facebook_business.adobjects.{kind.lower()}"), kind).Field
            names = [value for name, value in vars(fields).items() if not name.startswith("_")]
            node |= {"properties": {name: {} for name in names}, "additionalProperties": False}


def _nodes(node: Any) -> Iterator[Json]:
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _nodes(inner)


def _close(form: Json, field: str, names: set[str]) -> None:
    """A field of a form that is JSON: an object, or a list of such, of these names."""
    known: Json = {"type": "object", "properties": {name: {} for name in sorted(names)}, "additionalProperties": False}
    listed = form["schema"]["properties"][field].get("type") == "array"
    form["schema"]["properties"][field] = {"type": "array", "items": known} if listed else known
    form.setdefault("encoding", {})[field] = {"contentType": "application/json"}


def _called(node: type[AbstractCrudObject], call: str) -> Any:
    return getattr(node("1", api=sdk("", "", "")), call)(pending=True)._param_checker


def _reading(node: type[AbstractCrudObject], call: str) -> Json:
    checker = _called(node, call)
    names = {**checker._type_check_info, **_EVERYWHERE}
    parameters = [
        {"name": name, "in": "query", "explode": False, "schema": _schema(kind, checker._enum_data)}
        for name, kind in names.items()
    ]
    return {"get": {"security": [{"bearer": []}], "parameters": parameters, "responses": {"200": {"description": ""}}}}


def _with(name: str, operations: Json) -> Json:
    """A parameter of Meta's guide to filtering which its SDK leaves out."""
    operations["get"]["parameters"].append({"name": name, "in": "query", "schema": {}})
    return operations


def _writing(node: type[AbstractCrudObject], call: str) -> Json:
    checker = _called(node, call)
    fields = {name: _schema(kind, checker._enum_data) for name, kind in checker._type_check_info.items()}
    schema = {"type": "object", "properties": {**fields, "appsecret_proof": {"type": "string"}}}
    body = {"content": {_FORM: {"schema": schema}}}
    return {
        "post": {
            "security": [{"bearer": []}, {"query": []}],
            "requestBody": body,
            "responses": {"200": {"description": ""}},
        }
    }


def _schema(kind: str, enums: Mapping[str, Iterable[str]]) -> Json:
    """A type in the SDK's words: ``string``, ``list<metric_enum>``, ``map`` …"""
    if kind.startswith("list<"):
        return {"type": "array", "items": _schema(kind[5:-1], enums)}
    if kind in enums:
        return {"type": "string", "enum": [value for value in enums[kind] if isinstance(value, str)]}
    return {"type": _PLAIN[kind]} if kind in _PLAIN else {}
