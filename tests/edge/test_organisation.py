"""Which organisation a request is about."""

import pytest

from clarion.domain.access import Role
from clarion.domain.errors import Forbidden, Invalid
from clarion.domain.ids import derived_id, new_id
from clarion.edge.caller import organisation_of

ANN = "u-ann"
OWN, JOINED, OTHER = derived_id("organisation", ANN), new_id(), new_id()


class Memberships:
    def __init__(self, *organisations: str) -> None:
        self._organisations = list(organisations)

    def role_in(self, user_id: str, org_id: str) -> Role | None:
        return Role.OWNER if org_id in self._organisations else None

    def organisations_of(self, user_id: str) -> list[str]:
        return self._organisations


def test_being_made_a_member_elsewhere_changes_nothing_for_a_client_that_names_no_organisation() -> None:
    assert organisation_of(ANN, "", Memberships(JOINED, OWN)) == (OWN, Role.OWNER)


def test_the_only_organisation_needs_no_header() -> None:
    assert organisation_of(ANN, "", Memberships(JOINED)) == (JOINED, Role.OWNER)


def test_who_belongs_to_several_and_founded_none_has_to_say_which() -> None:
    with pytest.raises(Invalid, match="you belong to 2 organisations: say which"):
        organisation_of(ANN, "", Memberships(JOINED, OTHER))
    assert organisation_of(ANN, OTHER, Memberships(JOINED, OTHER)) == (OTHER, Role.OWNER)


def test_a_strangers_organisation_is_forbidden() -> None:
    with pytest.raises(Forbidden):
        organisation_of(ANN, OTHER, Memberships(OWN))
