"""Organisations and their members."""

from datetime import datetime

from pydantic import Field

from clarion.domain.access import Role
from clarion.domain.errors import Forbidden
from clarion.domain.model import Model

NAME_LENGTH = 120


class Organisation(Model):
    """A tenant. ``owners`` counts its members who are owners, of whom there is always one."""

    id: str
    name: str = Field(min_length=1, max_length=NAME_LENGTH)
    owners: int = 1
    created_at: datetime


class Member(Model):
    """A user's place in one organisation; ``organisation`` is its name."""

    user_id: str
    org_id: str
    organisation: str
    role: Role
    email: str
    joined_at: datetime


def require_may_change(actor: Role | None, *roles: Role) -> None:
    """Raise Forbidden unless ``actor`` may give or take each of ``roles``: owners are made and unmade by owners."""
    if Role.OWNER in roles and actor is not Role.OWNER:
        raise Forbidden("only an owner may make, change or remove an owner")
