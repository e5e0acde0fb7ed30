"""One decorator for every route: who are you, may you, is it well formed, do it, answer."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from math import isinf
from pathlib import PurePath
from typing import Any, Protocol, cast, get_type_hints

from aws_lambda_powertools import Logger
from pydantic import BaseModel, ValidationError

from clarion.domain.access import PUBLIC, SIGNED_IN, Need
from clarion.domain.errors import DomainError, Forbidden, Invalid, NotFound
from clarion.domain.ids import is_id
from clarion.edge.caller import Caller, organisation_of, user_of
from clarion.edge.idempotency import once
from clarion.edge.inbound import InboundRequest
from clarion.edge.problem import UNEXPECTED, invalid_from, problem_of

logger = Logger()
_LONGEST_USER_ID = 128
Answer = dict[str, Any]


@dataclass(frozen=True)
class Operation:
    """What a route is, for the dispatcher, the OpenAPI document and the inventory tests.

    ``remembers`` tells that its answers are kept for those who repeat an ``Idempotency-Key``.
    """

    name: str
    method: str
    path: str
    needs: Need
    status: int
    summary: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    returns: Any = None
    remembers: bool = True


class Handler(Protocol):
    """A Lambda entry point that knows its route."""

    operation: Operation

    def __call__(self, event: Mapping[str, Any], context: Any) -> Answer: ...


@dataclass(frozen=True)
class Download:
    """An answer that is a file rather than JSON."""

    body: str
    content_type: str
    filename: str


@dataclass(frozen=True)
class HtmlPage:
    """An answer for a person's browser. ``policy`` is its Content-Security-Policy."""

    body: str
    policy: str
    status: int = 200


@dataclass(frozen=True)
class PlainText:
    """An answer of a few words, as vendors' handshakes want it."""

    body: str


def route(
    template: str, *, needs: Need, status: int = 200, remembers: bool = True
) -> Callable[[Callable[..., Any]], Handler]:
    """Make a function the handler of ``"METHOD /path/{parameter}"``.

    Its parameters are the request: names of the path's parameters, ``body`` and ``query`` (models), ``caller``,
    ``if_match`` (the version in the If-Match header, or None), and ``request``, the InboundRequest itself. What it
    returns is the answer: a model, a Page, a Download, an HtmlPage, a PlainText, or None for 204. ``needs=PUBLIC`` is
    the one way to open a route. ``remembers=False`` is for requests that hold credentials, and that do no harm when
    repeated: ``Idempotency-Key`` is ignored, since a digest of the request would be kept under it.
    """
    method, path = template.split(" ")

    def decorate(function: Callable[..., Any]) -> Handler:
        name = PurePath(function.__code__.co_filename).stem
        hints = get_type_hints(function)
        returns = hints.pop("return", None)
        summary = (function.__globals__["__doc__"] or "").split("\n")[0]
        operation = Operation(name, method, path, needs, status, summary, hints, returns, remembers)

        def handler(event: Mapping[str, Any], context: Any) -> Answer:
            try:
                caller = _caller(event, operation)
                arguments = _arguments(event, hints, caller)
                return once(caller, operation.name, event, context, lambda: _answer(function(**arguments), status))
            except DomainError as error:
                return _problem(problem_of(error))
            except Exception:
                logger.exception("unexpected error", extra={"operation": operation.name})
                return _problem(UNEXPECTED)
            finally:
                logger.info("handled", extra={"operation": operation.name})

        handler.operation = operation  # type: ignore[attr-defined]
        return cast(Handler, handler)

    return decorate


def _caller(event: Mapping[str, Any], operation: Operation) -> Caller:
    if operation.needs == PUBLIC:
        return Caller(user_id="")
    headers = event.get("headers") or {}
    key = headers.get("idempotency-key", "") if operation.method != "GET" and operation.remembers else ""
    if len(key) > 255:
        raise Invalid([{"field": "headers.idempotency-key", "message": "at most 255 characters"}])
    user_id = user_of(event)
    token = headers.get("authorization", "").partition(" ")[2]
    request = sha256(f"{operation.name} {event.get('rawPath')} {event.get('body')}".encode()).hexdigest()
    if operation.needs == SIGNED_IN:
        return Caller(user_id, idempotency_key=key, access_token=token, request=request)
    from clarion.wiring import memberships  # the edge knows the wiring for this one question only

    org_id, role = organisation_of(user_id, headers.get("orgid", ""), memberships())
    if not role.may(operation.needs):
        raise Forbidden(f"your role {role.value!r} has no permission {operation.needs!r}")
    return Caller(user_id, org_id, role, key, token, request)


def _arguments(event: Mapping[str, Any], hints: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
    values = dict(event.get("pathParameters") or {})
    for name, value in values.items():
        known = len(value) <= _LONGEST_USER_ID if name == "user_id" else is_id(value) or not name.endswith("_id")
        if not known:
            raise NotFound(name.removesuffix("_id"), value)
    if "caller" in hints:
        values["caller"] = caller
    if "if_match" in hints:
        values["if_match"] = _if_match((event.get("headers") or {}).get("if-match"))
    if "query" in hints:
        values["query"] = _parse(hints["query"], event.get("queryStringParameters") or {}, "query")
    if "request" in hints:
        values["request"] = InboundRequest.of(event)
    if "body" in hints:
        values["body"] = _parse(hints["body"], _json(event), "body")
    return values


def _parse(model: type[BaseModel], value: Any, where: str) -> BaseModel:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise invalid_from(error, value, where) from None


def _json(event: Mapping[str, Any]) -> Any:
    body = event.get("body") or ""
    try:
        if event.get("isBase64Encoded"):
            body = base64.b64decode(body).decode()
        value = json.loads(body, parse_constant=_refuse_constant, parse_float=_finite)
        if "\\ud" in body.lower():
            json.dumps(value, ensure_ascii=False).encode()  # raises for half a surrogate pair, which is no text
        return value
    except (ValueError, RecursionError) as error:
        raise Invalid([{"field": "body", "message": f"not JSON: {error}"}]) from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if isinf(number):
        raise ValueError(f"{text} is too large")
    return number


def _if_match(header: str | None) -> int | None:
    """``"3"``, ``W/"3"`` or ``3`` → 3; absent or ``*`` → None (RFC 9110 §13.1.1)."""
    if header is None or header == "*":
        return None
    text = header.removeprefix("W/").strip('"')
    if not (text.isdecimal() and len(text) < 10):
        raise Invalid([{"field": "headers.if-match", "message": "send the version as given in the ETag header"}])
    return int(text)


def _answer(result: Any, status: int) -> Answer:
    if result is None:
        return {"statusCode": 204, "headers": {"cache-control": "no-store"}}
    if isinstance(result, Download):
        disposition = f'attachment; filename="{result.filename}"'
        headers = {"content-type": result.content_type, "content-disposition": disposition}
        return {"statusCode": status, "headers": headers, "body": result.body}
    if isinstance(result, HtmlPage):
        return {"statusCode": result.status, "headers": _page_headers(result), "body": result.body}
    if isinstance(result, PlainText):
        headers = {"content-type": "text/plain; charset=utf-8", "cache-control": "no-store"}
        return {"statusCode": status, "headers": headers, "body": result.body}
    model = cast(BaseModel, result)
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    version = getattr(model, "version", None)
    if isinstance(version, int):
        headers["etag"] = f'"{version}"'
    return {"statusCode": status, "headers": headers, "body": model.model_dump_json(by_alias=True)}


def _page_headers(page: HtmlPage) -> dict[str, str]:
    return {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "content-security-policy": page.policy,
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }


def _problem(problem: Mapping[str, Any]) -> Answer:
    headers = {"content-type": "application/problem+json", "cache-control": "no-store"}
    return {"statusCode": problem["status"], "headers": headers, "body": json.dumps(problem)}
