"""Who are you, may you, is it well formed, do it, answer."""

import base64
import json
import logging
from typing import Any

import pytest
from pydantic import Field

from clarion.domain.errors import Conflict, DomainError, NotFound, RuleBroken, Stale, TooMany
from clarion.domain.model import Model
from clarion.edge import PUBLIC, SIGNED_IN, Caller, Download, InboundRequest, PageQuery, PlainText, route
from clarion.edge.route import Handler
from tests.edge.conftest import ACME, GLOBEX, Send


class Line(Model):
    product: str
    price: float = 0


class Order(Model):
    reference: str = Field(min_length=2)
    lines: list[Line] = Field(default_factory=list)
    notes: dict[str, Any] = Field(default_factory=dict)
    version: int = 1


@route("POST /orders", needs="campaigns:write", status=201)
def post_order(body: Order, caller: Caller) -> Order:
    return body


@route("GET /who", needs="campaigns:read")
def get_who(caller: Caller) -> Order:
    assert caller.role
    return Order(reference=f"{caller.user_id} {caller.org_id} {caller.role.value}")


def failing(error: Exception) -> Handler:
    @route("POST /fail", needs=PUBLIC)
    def fail(body: Order) -> Order:
        raise error

    return fail


def order(**fields: Any) -> str:
    return json.dumps({"reference": "A-1", **fields})


def test_a_well_formed_request_is_answered(send: Send) -> None:
    answer = send(post_order, order(lines=[{"product": "tea"}]))
    assert answer.status == 201
    assert answer.json == {
        "reference": "A-1",
        "lines": [{"product": "tea", "price": 0.0}],
        "notes": {},
        "version": 1,
    }
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["content-type"] == "application/json"


def test_nobody_is_401_before_anything_else(send: Send) -> None:
    assert send(post_order, "{", user=None).status == 401


def test_a_role_without_the_permission_is_403_before_the_body_is_read(send: Send) -> None:
    answer = send(post_order, "{", user="vic")
    assert (answer.status, answer.json["code"]) == (403, "forbidden")


def test_a_stranger_to_the_organisation_is_403(send: Send) -> None:
    for orgid in (GLOBEX, "01J00000000000000000000XYZ", "x" * 5000):
        assert send(get_who, orgid=orgid).status == 403


def test_the_organisation_is_the_only_one_or_the_one_the_header_picks(send: Send) -> None:
    assert send(get_who).json["reference"] == f"ann {ACME} owner"
    assert send(get_who, user="bob", orgid=ACME).json["reference"] == f"bob {ACME} editor"
    assert send(get_who, user="bob").fields == ["headers.orgid"]
    assert send(get_who, user="eve").fields == ["headers.orgid"]


def test_a_signed_in_route_needs_no_organisation(send: Send) -> None:
    @route("GET /me", needs=SIGNED_IN)
    def me(caller: Caller) -> Order:
        return Order(reference=f"{caller.user_id}|{caller.org_id}|{caller.access_token}")

    assert send(me, user="eve", authorization="Bearer abc").json["reference"] == "eve||abc"
    assert send(me, user=None).status == 401


@pytest.mark.parametrize(
    "body",
    [
        None,
        "",
        "{",
        '{"reference": "A-1",}',
        "[" * 100_000,
        '{"reference": "A-1", "lines": [{"product": "tea", "price": NaN}]}',
        '{"reference": "A-1", "lines": [{"product": "tea", "price": -Infinity}]}',
        '{"reference": "A-1", "lines": [{"product": "tea", "price": 1e999}]}',
        '{"reference": "A-1", "notes": {"a": "\\ud800"}}',
        '{"reference": "A-1", "notes": {"\\uDFFF": 1}}',
        "9" * 5000,
    ],
)
def test_what_is_not_json_is_400(send: Send, body: str | None) -> None:
    answer = send(post_order, body)
    assert (answer.status, answer.fields) == (400, ["body"])


def test_base64_bodies_are_read_and_broken_ones_refused(send: Send) -> None:
    encoded = base64.b64encode(order().encode()).decode()
    assert send(post_order, encoded, base64=True).status == 201
    for broken in ("*", base64.b64encode(b"\xff\xfe\xff").decode()):
        assert send(post_order, broken, base64=True).fields == ["body"]


def test_text_beyond_the_basic_plane_is_kept(send: Send) -> None:
    assert send(post_order, '{"reference": "A-1", "notes": {"a": "\\ud83d\\ude00"}}').json["notes"] == {"a": "😀"}


def test_every_wrong_field_is_named_by_its_path(send: Send) -> None:
    answer = send(post_order, order(reference="", colour="red", lines=[{"product": "tea"}, {"price": "x", "size": 1}]))
    assert (answer.status, answer.json["code"]) == (400, "bad_request")
    assert sorted(answer.fields) == [
        "body.colour",
        "body.lines.1.price",
        "body.lines.1.product",
        "body.lines.1.size",
        "body.reference",
    ]


def test_the_detail_is_the_first_mistake_and_how_many_more_there_are(send: Send) -> None:
    answer = send(post_order, order(reference=7))
    assert answer.json["detail"] == "body.reference: must be text"
    answer = send(post_order, order(reference=7, colour="red", size=1))
    assert answer.json["detail"] == "body.reference: must be text (and 2 more)"


def test_a_body_that_is_no_object_is_400(send: Send) -> None:
    for body in ("null", "[]", '"text"', "1"):
        assert send(post_order, body).fields == ["body"]


@pytest.mark.parametrize(
    ("error", "status", "code", "title"),
    [
        (NotFound("order", "1"), 404, "not_found", "Not found"),
        (Conflict("taken"), 409, "conflict", "Conflict"),
        (Stale("order", "1"), 412, "stale", "Stale"),
        (RuleBroken("too late"), 422, "rule_broken", "Rule broken"),
        (TooMany("wait"), 429, "too_many_requests", "Too many requests"),
    ],
)
def test_domain_errors_are_problems(send: Send, error: DomainError, status: int, code: str, title: str) -> None:
    answer = send(failing(error), order(), user=None)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json == {"status": status, "code": code, "title": title, "detail": str(error)}


def test_a_rule_that_knows_its_field_names_it(send: Send) -> None:
    answer = send(failing(RuleBroken("too late", "body.startAt")), order())
    assert answer.json["errors"] == [{"field": "body.startAt", "message": "too late"}]


def test_the_unexpected_is_a_bare_500_logged_without_the_body(
    send: Send, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    @route("POST /fail", needs=PUBLIC)
    def fail(body: Order) -> Order:
        return Order.model_validate({"reference": body.reference, "price": body.reference})

    with caplog.at_level(logging.DEBUG):
        answer = send(fail, order(reference="hush-hush"), authorization="Bearer token-text")
    assert answer.json == {
        "status": 500,
        "code": "internal_error",
        "title": "Internal error",
        "detail": "Something went wrong on our side; it was logged.",
    }
    logged = caplog.text + capsys.readouterr().out
    assert "unexpected error" in logged
    assert "ValidationError" in logged
    assert "hush-hush" not in logged
    assert "token-text" not in logged


@pytest.mark.parametrize(
    ("header", "version"),
    [("3", 3), ('"3"', 3), ('W/"3"', 3), ("*", None), ("", None), ("three", None), ("9" * 5000, None)],
)
def test_if_match_is_a_version(send: Send, header: str, version: int | None) -> None:
    @route("PUT /orders", needs=PUBLIC)
    def put(if_match: int | None) -> Order:
        return Order(reference=f"read {if_match}")

    answer = send(put, if_match=header)
    if header == "" or header[-1] in "e9":
        assert answer.fields == ["headers.if-match"]
    else:
        assert answer.json["reference"] == f"read {version}"


def test_an_identifier_that_cannot_be_one_is_not_found(send: Send) -> None:
    @route("GET /orders/{order_id}", needs=PUBLIC)
    def get(order_id: str) -> Order:
        return Order(reference=order_id)

    assert send(get, path={"order_id": ACME}).status == 200
    for wrong in ("1", ACME.lower(), ACME + "#", "ORG#" + "x" * 3000):
        assert send(get, path={"order_id": wrong}).status == 404


def test_a_query_is_read_and_its_mistakes_named(send: Send) -> None:
    @route("GET /orders", needs=PUBLIC)
    def list_orders(query: PageQuery) -> Order:
        return Order(reference=f"up to {query.limit}")

    assert send(list_orders, query={"limit": "20"}).json["reference"] == "up to 20"
    assert send(list_orders).json["reference"] == "up to 50"
    assert send(list_orders, query={"limit": "0"}).fields == ["query.limit"]
    assert sorted(send(list_orders, query={"limit": "201", "page": "2"}).fields) == ["query.limit", "query.page"]


def test_nothing_is_204_and_a_file_is_a_download(send: Send) -> None:
    @route("DELETE /orders", needs=PUBLIC)
    def delete() -> None:
        return None

    @route("GET /orders.csv", needs=PUBLIC)
    def download() -> Download:
        return Download("a,b\r\n", "text/csv; charset=utf-8", "orders.csv")

    assert (send(delete).status, send(delete).text) == (204, "")
    answer = send(download)
    assert (answer.status, answer.text) == (200, "a,b\r\n")
    assert answer.headers["content-disposition"] == 'attachment; filename="orders.csv"'


def test_a_vendors_request_is_seen_as_it_was_made_and_answered_in_plain_words() -> None:
    seen = []

    @route("POST /connect/webhooks/vendor", needs=PUBLIC)
    def receive(request: InboundRequest) -> PlainText:
        seen.append(request)
        return PlainText("challenge")

    octets = b'[{"email":"\xc3\xa4@example.com"}]\r\n'
    event = {
        "rawPath": "/connect/webhooks/vendor",
        "rawQueryString": "b=2&a=%20x&empty=",
        "headers": {"X-Signature": "abc"},
        "body": base64.b64encode(octets).decode(),
        "isBase64Encoded": True,
    }
    answer = receive(event, None)
    assert answer["body"] == "challenge"
    assert answer["headers"]["content-type"] == "text/plain; charset=utf-8"
    assert seen == [
        InboundRequest(
            {"x-signature": "abc"},
            {"b": "2", "a": " x", "empty": ""},
            octets,
            "/connect/webhooks/vendor?b=2&a=%20x&empty=",
        )
    ]
    assert receive({**event, "body": "no base64!"}, None)["statusCode"] == 400
