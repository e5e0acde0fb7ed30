"""Cursors are opaque, and what is not one of ours is refused."""

import base64
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.domain.errors import CursorRefused
from clarion.edge import PageQuery, cursor_of


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none()))
def test_a_cursor_gives_its_position_back(position: dict[str, Any]) -> None:
    assert PageQuery(cursor=cursor_of(position)).position() == position


def test_no_position_is_no_cursor() -> None:
    assert cursor_of(None) is None
    assert PageQuery().position() is None


@given(st.text())
def test_any_text_is_a_position_or_refused(text: str) -> None:
    with suppress(CursorRefused):
        assert isinstance(PageQuery(cursor=text).position(), dict)


@pytest.mark.parametrize(
    "content",
    [b"[1]", b"7", b"null", b"\xff", b"[" * 100_000, b'{"a":', b'{"a": "\\ud800"}', b'{"a": "' + b"x" * 1_001 + b'"}'],
)
def test_what_holds_no_position_is_refused(content: bytes) -> None:
    with pytest.raises(CursorRefused, match=r"query\.cursor"):
        PageQuery(cursor=base64.urlsafe_b64encode(content).decode()).position()
