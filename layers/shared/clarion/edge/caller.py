"""Who is calling: the signed-in user, in the organisation that the ``orgid`` header picks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from clarion.domain.access import Role
from clarion.domain.errors import Forbidden, Invalid, Unauthenticated
from clarion.domain.ids import derived_id, is_id, new_id


@dataclass(frozen=True)
class Caller:
    """``org_id`` and ``role`` are empty on routes that need no organisation; ``request`` is a digest of the request."""

    user_id: str
    org_id: str = ""
    role: Role | None = None
    idempotency_key: str = ""
    access_token: str = ""
    request: str = ""

    def new_id(self) -> str:
        """The identifier of what this request creates: the same one when the request is repeated with its key."""
        if not self.idempotency_key:
            return new_id()
        from clarion.wiring import issued_ids  # a question of the edge to storage, asked by keyed creations alone

        request = derived_id(self.user_id, self.idempotency_key, self.request)
        return issued_ids().remember(self.org_id, request, new_id())


class Memberships(Protocol):
    """What the edge asks of storage."""

    def role_in(self, user_id: str, org_id: str) -> Role | None:
        """The user's role there, None for strangers."""

    def organisations_of(self, user_id: str) -> list[str]:
        """Ids of the user's organisations."""


def user_of(event: Mapping[str, Any]) -> str:
    """The Cognito subject that API Gateway's JWT authorizer verified."""
    claims = event.get("requestContext", {}).get("authorizer", {}).get("jwt", {}).get("claims", {})
    if not claims.get("sub"):
        raise Unauthenticated("sign in first: send your access token as 'Authorization: Bearer …'")
    return str(claims["sub"])


def organisation_of(user_id: str, header: str, memberships: Memberships) -> tuple[str, Role]:
    """The organisation the request is about and the user's role in it.

    Without the header it is the only one, or the one founded at the user's sign-up: being made a member of another
    changes nothing for a client that never named one.
    """
    if not header:
        known = memberships.organisations_of(user_id)
        founded = derived_id("organisation", user_id)
        if len(known) != 1 and founded not in known:
            raise Invalid(
                [{"field": "headers.orgid", "message": f"you belong to {len(known)} organisations: say which"}]
            )
        header = founded if founded in known else known[0]
    role = memberships.role_in(user_id, header) if is_id(header) else None
    if role is None:
        raise Forbidden("you are not a member of that organisation")
    return header, role
