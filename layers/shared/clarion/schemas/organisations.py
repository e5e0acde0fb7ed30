"""Organisations and members, as the API speaks of them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from clarion.domain.access import Role
from clarion.domain.model import Model
from clarion.domain.organisation import Member
from clarion.schemas.auth import EmailText


class AddMemberRequest(Model):
    """A person who has an account."""

    email: EmailText
    role: Role


class SetRoleRequest(Model):
    """The new role."""

    role: Role


class MemberView(Model):
    """A member of the organisation the request is about."""

    user_id: str
    email: str
    role: Role
    joined_at: datetime

    @classmethod
    def of(cls, member: Member) -> Self:
        return cls(user_id=member.user_id, email=member.email, role=member.role, joined_at=member.joined_at)


class MembershipView(Model):
    """One of your organisations: send ``id`` as the ``orgid`` header."""

    id: str
    name: str
    role: Role


class ProfileView(Model):
    """You."""

    user_id: str
    organisations: list[MembershipView]

    @classmethod
    def of(cls, user_id: str, memberships: Iterable[Member]) -> Self:
        places = [MembershipView(id=m.org_id, name=m.organisation, role=m.role) for m in memberships]
        return cls(user_id=user_id, organisations=places)
