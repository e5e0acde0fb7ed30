"""What a run publishes to: a social profile, or an ad account. In a run's ledger it stands where a contact would."""

from typing import Annotated

from pydantic import StringConstraints

from clarion.domain.ids import derived_id
from clarion.domain.model import Model

PlatformId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
VendorsId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,200}$")]


class ProfileRef(Model):
    """Names a profile or an account; ``profile`` is the vendor's id of it."""

    platform: PlatformId
    profile: VendorsId


def outlet_id(ref: ProfileRef) -> str:
    """The same for the same profile or account, in every run."""
    return derived_id("outlet", ref.platform, ref.profile)


class Outlet(ProfileRef):
    """A profile or account as it was when the run was launched."""

    name: str = ""

    @property
    def id(self) -> str:
        """As `outlet_id` has it."""
        return outlet_id(self)
