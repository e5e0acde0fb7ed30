"""Write ``docs/openapi.json`` (OpenAPI 3.1) from what the handlers say of themselves: ``python -m tools.openapi``."""

import importlib.util
import json
import re
import tomllib
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, Field
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from clarion.domain.access import PUBLIC, SIGNED_IN
from clarion.domain.model import Model
from clarion.edge.route import Download, HtmlPage, Operation, PlainText
from tools.openapi_tracking import TRACKING_PATHS, TRACKING_SERVERS

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "openapi.json"
_REFERENCE = "#/components/schemas/{model}"
_JSON = "application/json"
_ABOUT = """Campaigns, their audiences, contacts and templates.

Lists page by an opaque cursor: pass `next` as `cursor`. A repeated `POST`, `PUT` or `DELETE` with the same
`Idempotency-Key` gets the first answer again. A change that names the version it was made from, in the body or as
`If-Match`, is refused with 412 when the record has changed since. Errors are RFC 9457 problems."""

Json = dict[str, Any]


class ProblemField(Model):
    """One mistake."""

    field: str = Field(description="Dotted path, from `body`, `query` or `headers`.")
    message: str


class ProblemDetails(Model):
    """RFC 9457 problem."""

    status: int
    code: str = Field(description="For programs.")
    title: str = Field(description="The code in words.")
    detail: str = Field(description="What is wrong with this request.")
    errors: list[ProblemField] | None = None


def operations() -> Iterator[tuple[str, Operation]]:
    """Area and operation of every route handler below ``functions``."""
    for path in sorted((ROOT / "functions").glob("*/*.py")):
        spec = importlib.util.spec_from_file_location(f"functions.{path.parent.name}.{path.stem}", path)
        if spec is None or spec.loader is None:
            raise ImportError(str(path))
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        operation = getattr(getattr(module, "handler", None), "operation", None)
        if operation is not None:
            yield path.parent.name, operation


def document() -> Json:
    """The OpenAPI document."""
    routes = list(operations())
    names, schemas = _schemas([operation for _, operation in routes])
    paths: dict[str, Json] = {}
    for area, operation in routes:
        described = _operation(area, operation, names)
        item = paths.setdefault(operation.path, {"servers": TRACKING_SERVERS} if _is_tracking(operation) else {})
        item[operation.method.lower()] = described
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Clarion", "version": project["version"], "description": _ABOUT},
        "servers": [{"url": "{api}", "variables": {"api": {"default": "/", "description": "Stack output ApiUrl"}}}],
        "security": [{"bearer": []}],
        "tags": [{"name": name} for name in sorted({area for area, _ in routes} | {"tracking"})],
        "paths": dict(sorted({**paths, **TRACKING_PATHS}.items())),
        "components": {
            "schemas": schemas,
            "responses": {str(status.value): _problem_response(status) for status in _PROBLEMS},
            "parameters": _HEADERS,
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "The `accessToken` of a session",
                }
            },
        },
    }


_PROVE_WHO_YOU_ARE = ("log_in", "refresh_session")
_REFUSE_FOR_GOOD = ("receive_mailgun_events",)
_PROBLEMS = [HTTPStatus(status) for status in (400, 401, 403, 404, 406, 409, 412, 422, 429, 500)]
_HEADERS: Json = {
    "orgid": {
        "name": "orgid",
        "in": "header",
        "description": "The organisation the request is about; needed by those who belong to several.",
        "schema": {"type": "string"},
    },
    "idempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Unique to this request; its repetition within a day gets the same answer.",
        "schema": {"type": "string", "maxLength": 255},
    },
    "ifMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "The ETag you read; takes the place of `version` in the body.",
        "schema": {"type": "string"},
    },
}
_ETAG = {"ETag": {"description": "The version, for If-Match", "schema": {"type": "string"}}}


class _Naming(GenerateJsonSchema):
    """``ContactPage`` for a page of ``ContactView``; no titles that only repeat a field's name."""

    def normalize_name(self, name: str) -> str:
        page = re.fullmatch(r"Page\[(\w+)View\]", name)
        return f"{page[1]}Page" if page else super().normalize_name(name)

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        return False


Named = dict[tuple[type[BaseModel], JsonSchemaMode], Json]


def _schemas(routes: list[Operation]) -> tuple[Named, Json]:
    """A reference for every request and answer model, and the schemas they refer to."""
    used: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(ProblemDetails, "serialization"): None}
    for operation in routes:
        if body := operation.parameters.get("body"):
            used[body, "validation"] = None
        if _is_model(operation.returns):
            used[operation.returns, "serialization"] = None
    references, definitions = models_json_schema(list(used), ref_template=_REFERENCE, schema_generator=_Naming)
    return cast(Named, references), dict(sorted(definitions["$defs"].items()))


def _is_tracking(operation: Operation) -> bool:
    """Whether the route is on the tracking API, beside pixels and links."""
    return operation.path.startswith("/connect/")


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _operation(area: str, operation: Operation, names: Named) -> Json:
    described: Json = {
        "operationId": "".join(word.capitalize() for word in operation.name.split("_")),
        "summary": operation.summary.rstrip("."),
        "tags": [area],
        "parameters": [*_path_parameters(operation), *_query_parameters(operation), *_header_parameters(operation)],
        "responses": {
            **_answer(operation, names),
            **{str(status): {"$ref": f"#/components/responses/{status}"} for status in _statuses(operation)},
        },
    }
    if operation.needs == PUBLIC:
        described["security"] = []
    elif operation.needs != SIGNED_IN:
        described["description"] = f"Needs the permission `{operation.needs}`."
    if body := operation.parameters.get("body"):
        described["requestBody"] = {"required": True, "content": {_JSON: {"schema": names[body, "validation"]}}}
    elif "request" in operation.parameters and operation.method == "POST":
        described["requestBody"] = {"required": True, "content": {"*/*": {}}, "description": "As the vendor sends it"}
    return described


def _path_parameters(operation: Operation) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", operation.path)
    ]


def _query_parameters(operation: Operation) -> list[Json]:
    model = operation.parameters.get("query")
    if model is None:
        return []
    schema = model.model_json_schema(schema_generator=_Naming)
    parameters = []
    for name, described in schema["properties"].items():
        parameter = {"name": name, "in": "query", "required": name in schema.get("required", [])}
        if "description" in described:
            parameter["description"] = described.pop("description")
        parameters.append({**parameter, "schema": _never_null(described)})
    return parameters


def _never_null(schema: Json) -> Json:
    """A query parameter is given or left out."""
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    return kinds[0] if len(kinds) == 1 else schema


def _header_parameters(operation: Operation) -> list[Json]:
    names = []
    if operation.needs not in (PUBLIC, SIGNED_IN):
        names.append("orgid")
    if operation.needs != PUBLIC and operation.method != "GET" and operation.remembers:
        names.append("idempotencyKey")
    if "if_match" in operation.parameters:
        names.append("ifMatch")
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _answer(operation: Operation, names: Named) -> Json:
    returns = operation.returns
    if returns is None or returns is type(None):
        return {"204": {"description": "Done"}}
    answer: Json = {"description": HTTPStatus(operation.status).phrase}
    if returns is Download:
        answer["content"] = {"*/*": {"schema": {"type": "string"}}}
    elif returns is PlainText:
        answer["content"] = {"text/plain": {"schema": {"type": "string"}}}
    elif returns is HtmlPage:
        answer["content"] = {"text/html": {"schema": {"type": "string"}}}
    else:
        answer["content"] = {_JSON: {"schema": names[returns, "serialization"]}}
        if "version" in returns.model_fields:
            answer["headers"] = _ETAG
    return {str(operation.status): answer}


def _statuses(operation: Operation) -> list[int]:
    """The problems an operation can answer with."""
    possible = {
        400: True,
        401: operation.needs != PUBLIC or operation.name in _PROVE_WHO_YOU_ARE,
        403: operation.needs not in (PUBLIC, SIGNED_IN) or "request" in operation.parameters,
        404: "{" in operation.path,
        406: operation.name in _REFUSE_FOR_GOOD,
        409: operation.method != "GET",
        412: "if_match" in operation.parameters,
        422: operation.method != "GET",
        429: operation.path.startswith("/auth/"),
        500: True,
    }
    return [status for status, it_can in possible.items() if it_can]


def _problem_response(status: HTTPStatus) -> Json:
    schema = {"$ref": _REFERENCE.format(model=ProblemDetails.__name__)}
    return {"description": status.phrase, "content": {"application/problem+json": {"schema": schema}}}


def text() -> str:
    """The file's content."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text())
    print(f"wrote {TARGET.relative_to(ROOT)}")
