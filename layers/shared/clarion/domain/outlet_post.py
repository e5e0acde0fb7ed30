"""A post, and where it goes."""

from dataclasses import dataclass

from clarion.domain.engagement import MessageRef
from clarion.domain.outlet import Outlet
from clarion.domain.post import Post


@dataclass(frozen=True, slots=True)
class OutletPost:
    """``post`` is for the profile that is ``outlet``; ``message`` names it in the ledger."""

    message: MessageRef
    outlet: Outlet
    post: Post
