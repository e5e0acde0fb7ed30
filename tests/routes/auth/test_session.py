"""From sign-up to log-out, over HTTP events and a Cognito pool."""

import base64
import json
from typing import Any

import pytest

from clarion.domain.ids import derived_id
from clarion.storage.organisations import OrganisationTable
from clarion.storage.table import Table
from tests.routes.auth.conftest import Cognito

ANN = {"email": "Ann@Example.com", "password": "Correct-Horse-7"}
SIGN_UP = {**ANN, "organisationName": "  Ann & Söhne <b> "}
WRONG_LOGIN = {
    "status": 401,
    "code": "unauthenticated",
    "title": "Unauthenticated",
    "detail": "wrong e-mail address or password",
}


@pytest.fixture
def ann(call: Any, cognito: Cognito) -> Any:
    """Signed up and confirmed; what sign-up answered."""
    answer = call("auth", "sign_up", body=SIGN_UP, user=None)
    assert answer.status == 201
    assert call("auth", "confirm_sign_up", body={"email": ANN["email"], "code": "123456"}, user=None).status == 204
    return answer.json


def log_in(call: Any, **changes: str) -> Any:
    return call("auth", "log_in", body={**ANN, **changes}, user=None)


def test_sign_up_makes_an_account_and_an_organisation_it_owns(call: Any, ann: Any, table: Table) -> None:
    assert ann["organisationId"] == derived_id("organisation", ann["userId"])
    assert ann["confirmation"].startswith("code sent to ")
    organisations = OrganisationTable(table)
    assert organisations.get(ann["organisationId"]).name == "Ann & Söhne <b>"
    assert organisations.role_in(ann["userId"], ann["organisationId"]) == "owner"
    (place,) = call("organisations", "get_profile", user=ann["userId"]).json["organisations"]
    assert place == {"id": ann["organisationId"], "name": "Ann & Söhne <b>", "role": "owner"}


def test_the_access_token_names_the_user(call: Any, ann: Any) -> None:
    session = log_in(call, email="ann@EXAMPLE.com").json
    assert set(session) == {"accessToken", "idToken", "refreshToken", "expiresIn", "tokenType"}
    claims = session["accessToken"].split(".")[1]
    assert json.loads(base64.urlsafe_b64decode(claims + "=="))["sub"] == ann["userId"]


def test_a_session_is_renewed_by_its_refresh_token(call: Any, ann: Any) -> None:
    session = log_in(call).json
    renewed = call("auth", "refresh_session", body={"refreshToken": session["refreshToken"]}, user=None)
    assert renewed.status == 200
    assert renewed.json["accessToken"]
    assert renewed.json["refreshToken"] == session["refreshToken"]


def test_a_refresh_token_that_is_none_is_401(call: Any, ann: Any) -> None:
    assert call("auth", "refresh_session", body={"refreshToken": "x"}, user=None).status == 401


def test_logging_out_ends_the_one_session(call: Any, ann: Any, cognito: Cognito) -> None:
    answer = call("auth", "log_out", body={"refreshToken": "r1"}, user=ann["userId"])
    assert (answer.status, cognito.revoked) == (204, ["r1"])


def test_logging_out_without_a_refresh_token_ends_every_session(call: Any, ann: Any) -> None:
    session = log_in(call).json
    bearer = {"authorization": f"Bearer {session['accessToken']}"}
    assert call("auth", "log_out", body={}, user=ann["userId"], headers=bearer).status == 204
    assert call("auth", "refresh_session", body={"refreshToken": session["refreshToken"]}, user=None).status == 401


def test_of_a_log_out_nothing_is_kept_under_a_key_since_it_holds_a_token(
    call: Any, ann: Any, cognito: Cognito, table: Table
) -> None:
    headers = {"idempotency-key": "k1"}
    for token in ("r1", "r2"):
        assert call("auth", "log_out", body={"refreshToken": token}, user=ann["userId"], headers=headers).status == 204
    assert cognito.revoked == ["r1", "r2"]


def test_only_who_is_logged_in_logs_out(call: Any, cognito: Cognito) -> None:
    assert call("auth", "log_out", body={}, user=None).status == 401


def test_wrong_password_and_unknown_address_are_told_in_the_same_words(call: Any, ann: Any) -> None:
    assert log_in(call, password="Wrong-Horse-7").json == WRONG_LOGIN
    assert log_in(call, email="bob@example.com").json == WRONG_LOGIN


def test_an_unconfirmed_address_is_asked_to_confirm(call: Any, cognito: Cognito) -> None:
    call("auth", "sign_up", body=SIGN_UP, user=None)
    answer = log_in(call)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "body.email")


def test_an_address_signs_up_once(call: Any, ann: Any, cognito: Cognito) -> None:
    answer = call("auth", "sign_up", body={**SIGN_UP, "organisationName": "Other"}, user=None)
    assert (answer.status, answer.json["errors"][0]["field"]) == (409, "body.email")


def test_signing_up_again_before_confirming_starts_anew_with_the_new_password(call: Any, cognito: Cognito) -> None:
    """Else somebody who signed up with Ann's address would know the password that Ann confirms."""
    stranger = call("auth", "sign_up", body={**SIGN_UP, "password": "Strangers-pass-1"}, user=None)
    answer = call("auth", "sign_up", body=SIGN_UP, user=None)
    assert answer.status == 201
    assert answer.json["userId"] != stranger.json["userId"]
    call("auth", "confirm_sign_up", body={"email": ANN["email"], "code": "123456"}, user=None)
    assert log_in(call, password="Strangers-pass-1").status == 401
    assert log_in(call).status == 200
    assert call("auth", "sign_up", body=SIGN_UP, user=None).status == 409


def test_a_weak_password_is_refused_with_the_pools_reason(call: Any, cognito: Cognito) -> None:
    answer = call("auth", "sign_up", body={**SIGN_UP, "password": "short"}, user=None)
    assert answer.status == 400
    (error,) = answer.json["errors"]
    assert error["field"] == "body.password"
    assert "policy" in error["message"]


@pytest.mark.parametrize("code", ["CodeMismatchException", "ExpiredCodeException", "NotAuthorizedException"])
def test_a_wrong_code_is_named(call: Any, cognito: Cognito, code: str) -> None:
    call("auth", "sign_up", body=SIGN_UP, user=None)
    cognito.failures["confirm_sign_up"] = code
    answer = call("auth", "confirm_sign_up", body={"email": ANN["email"], "code": "1"}, user=None)
    assert answer.json["errors"] == [{"field": "body.code", "message": "the code is wrong or has expired"}]


def test_confirming_an_unknown_address_looks_like_a_wrong_code(call: Any, cognito: Cognito) -> None:
    answer = call("auth", "confirm_sign_up", body={"email": "bob@example.com", "code": "1"}, user=None)
    assert answer.json["errors"] == [{"field": "body.code", "message": "the code is wrong or has expired"}]


@pytest.mark.parametrize("code", ["LimitExceededException", "TooManyRequestsException"])
def test_too_many_attempts_are_429(call: Any, cognito: Cognito, code: str) -> None:
    cognito.failures["initiate_auth"] = code
    answer = log_in(call)
    assert (answer.status, answer.json["code"]) == (429, "too_many_requests")


def test_what_cognito_says_of_us_is_not_passed_on(call: Any, cognito: Cognito) -> None:
    cognito.failures["initiate_auth"] = "ResourceNotFoundException"
    answer = log_in(call)
    assert answer.status == 500
    assert "Cognito" not in answer.text


def test_an_account_that_needs_more_than_a_password_is_told_so(call: Any, cognito: Cognito) -> None:
    cognito.answers["initiate_auth"] = {"ChallengeName": "NEW_PASSWORD_REQUIRED"}
    answer = log_in(call)
    assert (answer.status, answer.json["code"]) == (422, "rule_broken")


@pytest.mark.parametrize(
    ("name", "body", "fields"),
    [
        ("sign_up", {}, ["body.email", "body.organisationName", "body.password"]),
        ("sign_up", {**SIGN_UP, "email": "nonsense"}, ["body.email"]),
        ("sign_up", {**SIGN_UP, "organisationName": "   "}, ["body.organisationName"]),
        ("sign_up", {**SIGN_UP, "organisationName": "x" * 121}, ["body.organisationName"]),
        ("sign_up", {**SIGN_UP, "role": "owner"}, ["body.role"]),
        ("confirm_sign_up", {"email": "ann@example.com"}, ["body.code"]),
        ("log_in", {"email": "ann@example.com", "password": ""}, ["body.password"]),
        ("refresh_session", {"refreshToken": 7}, ["body.refreshToken"]),
        ("log_out", {"token": "x"}, ["body.token"]),
    ],
)
def test_bad_bodies_name_their_fields(
    call: Any, cognito: Cognito, name: str, body: dict[str, Any], fields: list[str]
) -> None:
    answer = call("auth", name, body=body)
    assert answer.status == 400
    assert sorted(error["field"] for error in answer.json["errors"]) == fields
