"""docs/openapi.json: valid, up to date, and about the routes that are deployed."""

import json
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from tests.contract.test_template import events, route_of
from tools.openapi import TARGET, operations, text

ROOT = Path(__file__).resolve().parents[2]
METHODS = ("get", "put", "post", "delete", "head")


@pytest.fixture(scope="module")
def document() -> Any:
    return json.loads(TARGET.read_text())


def operations_of(document: Any) -> dict[str, Any]:
    """Operation by route, e.g. ``GET /crm/contacts``."""
    return {
        f"{method.upper()} {path}": described[method]
        for path, described in document["paths"].items()
        for method in METHODS
        if method in described
    }


def test_the_document_is_valid_openapi_3_1(document: Any) -> None:
    validate(document)
    assert document["openapi"].startswith("3.1")


def test_the_document_is_up_to_date() -> None:
    assert TARGET.read_text() == text(), "run: make openapi"


def test_the_document_describes_what_is_deployed(document: Any) -> None:
    handled = {f"{operation.method} {operation.path}" for _, operation in operations()}
    tracking = {
        route for _, event in events("HttpApi") if (route := route_of(event)).split(" ")[1].startswith("/connect/")
    }
    assert set(operations_of(document)) == handled | tracking


def test_operation_ids_are_the_names_of_the_files(document: Any) -> None:
    files = {"".join(part.capitalize() for part in path.stem.split("_")) for path in ROOT.glob("functions/*/*.py")}
    ids = [operation["operationId"] for operation in operations_of(document).values()]
    assert len(set(ids)) == len(ids)
    assert {each.removesuffix("Head") for each in ids} <= files


def test_only_public_routes_go_without_a_token(document: Any) -> None:
    open_routes = {route for route, operation in operations_of(document).items() if operation.get("security") == []}
    assert {route for route in open_routes if not route.split(" ")[1].startswith("/connect/")} == {
        "POST /auth/sign-up",
        "POST /auth/confirm",
        "POST /auth/login",
        "POST /auth/refresh",
    }
    assert document["security"] == [{"bearer": []}]


def test_changes_take_an_idempotency_key_and_versioned_ones_if_match(document: Any) -> None:
    def headers(route: str) -> set[str]:
        parameters = operations_of(document)[route]["parameters"]
        return {each["$ref"].rsplit("/", 1)[1] for each in parameters if "$ref" in each}

    assert headers("POST /crm/marketing/audiences") == {"orgid", "idempotencyKey"}
    assert headers("PUT /crm/marketing/audiences/{audience_id}") == {"orgid", "idempotencyKey", "ifMatch"}
    assert headers("GET /crm/marketing/audiences") == {"orgid"}
    assert headers("GET /crm/me") == set()


def test_answers_and_problems_are_described(document: Any) -> None:
    update = operations_of(document)["PUT /crm/marketing/templates/{template_id}"]["responses"]
    assert set(update) == {"200", "400", "401", "403", "404", "409", "412", "422", "500"}
    assert update["200"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/TemplateView"}
    assert "ETag" in update["200"]["headers"]
    problem = document["components"]["responses"]["422"]["content"]["application/problem+json"]["schema"]
    assert problem == {"$ref": "#/components/schemas/ProblemDetails"}
