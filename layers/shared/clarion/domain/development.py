"""The platform that leads to nobody: what sms, social and ads go by where a deployment has development channels."""

from typing import Final, Literal

from clarion.domain.outlet import Outlet

Kind = Literal["console", "null"]
"""``console`` shows every message on standard output, ``null`` forgets it."""
KINDS: Final[tuple[Kind, ...]] = ("console", "null")
CHANNELS: Final = ("sms", "social", "ads")
PLATFORM: Final = "console"
"""The same for both kinds, so that a campaign does not change with the deployment's."""
OUTLET: Final = Outlet(platform=PLATFORM, profile="console", name="Console")
"""Every organisation's one social profile and one ad account there."""
SENDER: Final = "Clarion"
"""What text messages leave from."""
