from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.hot.form import SIZE_LIMIT, fields

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = (
    "--x1\r\n"
    'Content-Disposition: form-data; name="List-Unsubscribe"\r\n\r\n'
    "One-Click\r\n"
    "--x1\r\n"
    'Content-Disposition: form-data; name="other"\r\n'
    "Content-Type: text/plain; charset=utf-8\r\n\r\n"
    "é\r\n"
    "--x1--\r\n"
)


def post(content_type: str, body: str, *, encoded: bool = False, header: str = "content-type") -> dict[str, Any]:
    return {
        "headers": {header: content_type},
        "body": b64encode(body.encode()).decode() if encoded else body,
        "isBase64Encoded": encoded,
    }


@pytest.mark.parametrize("encoded", [False, True])
@pytest.mark.parametrize("header", ["content-type", "Content-Type"])
def test_both_kinds_of_form_are_read(encoded: bool, header: str) -> None:
    urlencoded = post(
        f"{URLENCODED}; charset=UTF-8", "List-Unsubscribe=One-Click&a=%C3%A9", encoded=encoded, header=header
    )
    assert fields(urlencoded) == {"List-Unsubscribe": "One-Click", "a": "é"}
    multipart = post('Multipart/Form-Data; boundary="x1"', MULTIPART, encoded=encoded, header=header)
    assert fields(multipart) == {"List-Unsubscribe": "One-Click", "other": "é"}


def test_the_first_of_several_values_counts() -> None:
    assert fields(post(URLENCODED, "a=1&a=2")) == {"a": "1"}


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"headers": None, "body": "a=1"},
        {"headers": {"content-type": URLENCODED}, "body": None},
        post("application/json", '{"a": 1}'),
        post("", "a=1"),
        post(URLENCODED, "a=" + "x" * SIZE_LIMIT),
        post(URLENCODED, "\ud800"),
        {**post(URLENCODED, "a"), "isBase64Encoded": True},
        {**post(URLENCODED, b64encode(b"\xff=1").decode()), "isBase64Encoded": True},
        post("multipart/form-data", MULTIPART),
        post("multipart/form-data; boundary=other", MULTIPART),
        post("multipart/form-data; boundary=é", MULTIPART),
    ],
)
def test_what_is_no_form_has_no_fields(event: dict[str, Any]) -> None:
    assert fields(event) == {}


@given(
    st.sampled_from([URLENCODED, "multipart/form-data; boundary=x1"]) | st.text(),
    st.text() | st.lists(st.sampled_from([*MULTIPART.splitlines(keepends=True), "--", "\x00", "é"])).map("".join),
    st.booleans(),
)
def test_no_body_is_so_strange_that_it_raises(content_type: str, body: str, encoded: bool) -> None:
    event = {"headers": {"content-type": content_type}, "body": body, "isBase64Encoded": encoded}
    assert all(isinstance(text, str) for pair in fields(event).items() for text in pair)
