"""Profiles and accounts stand in a ledger under an identifier of their own."""

import pytest
from pydantic import ValidationError

from clarion.domain.ids import is_id
from clarion.domain.outlet import Outlet, ProfileRef


def test_an_outlet_has_the_same_id_in_every_run_and_no_other_has_it() -> None:
    page = Outlet(platform="facebook", profile="1234", name="Shop")
    assert is_id(page.id)
    assert Outlet(platform="facebook", profile="1234", name="renamed").id == page.id
    assert Outlet(platform="instagram", profile="1234").id != page.id
    assert Outlet(platform="facebook", profile="12345").id != page.id


@pytest.mark.parametrize("profile", ["", "a#b", "a b", "x" * 201])
def test_what_no_vendor_calls_a_profile_is_refused(profile: str) -> None:
    with pytest.raises(ValidationError):
        ProfileRef(platform="facebook", profile=profile)
