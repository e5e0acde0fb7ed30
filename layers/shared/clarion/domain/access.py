"""Who may do what: four roles, each with the permissions of the one below it."""

from enum import StrEnum
from typing import Final, Literal

PUBLIC: Final = "public"
SIGNED_IN: Final = "signed-in"

Need = Literal[
    "public",
    "signed-in",
    "analytics:read",
    "audiences:read",
    "audiences:write",
    "campaigns:read",
    "campaigns:write",
    "campaigns:delete",
    "contacts:read",
    "contacts:write",
    "contacts:delete",
    "contacts:export",
    "conversions:write",
    "integrations:read",
    "integrations:write",
    "members:read",
    "members:write",
    "sending-rules:read",
    "sending-rules:write",
    "suppressions:read",
    "suppressions:write",
    "suppressions:delete",
    "templates:read",
    "templates:write",
]

_READ = {need for need in Need.__args__ if need.endswith(":read")}  # type: ignore[attr-defined]
_EDIT = _READ | {
    "audiences:write",
    "campaigns:write",
    "contacts:write",
    "conversions:write",
    "suppressions:write",
    "templates:write",
}
_ADMINISTER = _EDIT | {
    "campaigns:delete",
    "contacts:delete",
    "contacts:export",
    "integrations:write",
    "members:write",
    "sending-rules:write",
    "suppressions:delete",
}


class Role(StrEnum):
    """A member's role in one organisation."""

    OWNER = "owner"
    ADMIN = "admin"
    EDITOR = "editor"
    VIEWER = "viewer"

    def may(self, need: str) -> bool:
        """Whether this role holds the permission ``need``."""
        return need in _PERMISSIONS[self]


_PERMISSIONS: dict[Role, set[str]] = {
    Role.OWNER: _ADMINISTER,
    Role.ADMIN: _ADMINISTER,
    Role.EDITOR: _EDIT,
    Role.VIEWER: _READ,
}
