"""What an error of Meta's proves."""

import json
from typing import Any

import pytest

from clarion.channels.graph_outcomes import DUPLICATE, GONE, of_error
from clarion.channels.http import Answer
from clarion.channels.steps import Failure
from clarion.domain.outcomes import Rejected, Retry, Stop, Unknown

NOW = 1_795_251_600.0
USAGE = {"1": [{"estimated_time_to_regain_access": 3}, {"estimated_time_to_regain_access": 2}], "2": []}


def found(code: Any, status: int = 400, headers: dict[str, str] | None = None, **more: Any) -> Failure:
    error = {"message": f"(#{code}) no", "type": "OAuthException", "code": code, **more}
    return of_error(Answer(status, headers or {}, json.dumps({"error": error}).encode(), ["s3cret"]), NOW)


@pytest.mark.parametrize("code", [4, 17, 32, 341, 613, 80000, 80014])
def test_throttling_is_a_retry(code):
    assert found(code) == Retry(None, f"(#{code}) no", throttled=True)
    assert found(code, 500) == Retry(None, f"(#{code}) no", throttled=True)


@pytest.mark.parametrize(("headers", "seconds"), [
    ({"X-Business-Use-Case-Usage": json.dumps(USAGE)}, 180),
    ({"X-Business-Use-Case-Usage": json.dumps({"1": []}), "Retry-After": "7"}, 7),
    ({"X-Business-Use-Case-Usage": "[1]"}, None),
    ({"X-Business-Use-Case-Usage": "{"}, None),
])  # fmt: skip
def test_the_pause_is_what_meta_tells(headers, seconds):
    assert found(17, 400, headers) == Retry(seconds, "(#17) no", throttled=True)


@pytest.mark.parametrize("code", [3, 10, 25, 102, 190, 200, 299, 368])
def test_what_is_wrong_with_token_or_profile_stops(code):
    assert found(code) == Stop(str(code), f"(#{code}) no")
    assert found(code, is_transient=True) == Stop(str(code), f"(#{code}) no")


@pytest.mark.parametrize(("code", "more"), [(1, {}), (2, {}), (-1, {}), (-2, {}), (99, {"is_transient": True})])
def test_an_unknown_error_may_have_been_published(code, more):
    assert found(code, **more) == Unknown(f"(#{code}) no")


@pytest.mark.parametrize(("subcode", "outcome"), [
    (2207050, Stop("25/2207050", "no")), (2207051, Stop("25/2207051", "no")),
    (2207042, Retry(None, "no", throttled=True)),
])  # fmt: skip
def test_instagrams_subcodes_tell_more_than_its_codes(subcode, outcome):
    assert found(25, error_subcode=subcode, error_user_msg="no") == outcome


def test_what_meta_refuses_is_named():
    assert found(506) == Rejected(DUPLICATE, "(#506) no")
    assert found(100, error_subcode=33) == Rejected(GONE, "(#100) no")
    assert found(100, error_user_msg="bad\ns3cret") == Rejected("100", "bad [secret]")
    assert found(803, 403) == Stop("803", "(#803) no")
    assert found(9007) == Retry(None, "(#9007) no")


@pytest.mark.parametrize(("status", "kind"), [
    (429, Retry), (408, Retry), (401, Stop), (403, Stop), (404, Stop), (302, Stop), (400, Rejected), (500, Unknown),
    (200, Unknown),
])  # fmt: skip
@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error": 1}', b'{"error": {"code": "x"}}'])
def test_an_answer_without_a_code_is_judged_by_its_status(status, kind, body):
    assert isinstance(of_error(Answer(status, {}, body), NOW), kind)
