"""An ad campaign, and where it goes."""

from dataclasses import dataclass

from clarion.domain.ad import AdCampaign
from clarion.domain.engagement import MessageRef
from clarion.domain.outlet import Outlet


@dataclass(frozen=True, slots=True)
class OutletAd:
    """``campaign`` is for the account that is ``outlet``; ``message`` names it in the ledger.

    Where it is ``for_audience``, its ads are shown to the run's audience alone, which is uploaded before.
    """

    message: MessageRef
    outlet: Outlet
    campaign: AdCampaign
    for_audience: bool = False
