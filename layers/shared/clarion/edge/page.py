"""Lists page by an opaque cursor: ``?limit=&cursor=`` → ``{"items": […], "next": …}``."""

import base64
import json
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from pydantic import Field

from clarion.domain.errors import CursorRefused
from clarion.domain.model import Model

View = TypeVar("View")

_LONGEST = 1_000
"""Octets of a text in a position: a sort key that it is part of takes 1,024 (DynamoDB quota page)."""


class PageQuery(Model):
    """Query parameters of every list."""

    limit: int = Field(default=50, ge=1, le=200, description="Records per page.")
    cursor: str | None = Field(default=None, description="`next` of the page before.")

    def position(self) -> dict[str, Any] | None:
        """Where the page before ended; raises CursorRefused for a cursor that is not ours."""
        if self.cursor is None:
            return None
        try:
            position = json.loads(base64.urlsafe_b64decode(self.cursor.encode() + b"=="))
            json.dumps(position, ensure_ascii=False).encode()  # raises for half a surrogate pair: no key holds it
        except (ValueError, RecursionError):
            position = None
        if not isinstance(position, dict) or any(len(str(part).encode()) > _LONGEST for part in position.values()):
            raise CursorRefused
        return position


class Page(Model, Generic[View]):
    """One page of a list; ``next`` is null on the last one."""

    items: list[View]
    next: str | None = None


def cursor_of(position: Mapping[str, Any] | None) -> str | None:
    """The opaque text of a position."""
    if position is None:
        return None
    return base64.urlsafe_b64encode(json.dumps(position, separators=(",", ":")).encode()).decode().rstrip("=")
