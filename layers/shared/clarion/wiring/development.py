"""Channels that reach nobody, where the parameter DevelopmentChannels names them."""

from functools import lru_cache
from typing import TYPE_CHECKING

from clarion.settings import settings

if TYPE_CHECKING:
    from clarion.channels.console import Console
    from clarion.domain.ad import AdPlatform
    from clarion.domain.ad_audience import AudienceUploads
    from clarion.domain.post import PostChannel
    from clarion.domain.text_message import TextChannel


def development_texts() -> "TextChannel":
    """Raises NotFound where there are no development channels, as all of these do."""
    if _on_console():
        from clarion.channels.console import ConsoleTextChannel

        return ConsoleTextChannel(_console())
    from clarion.channels.null import NullTextChannel

    return NullTextChannel()


def development_posts() -> "PostChannel":
    """For posts of the profile `clarion.domain.development.OUTLET`."""
    if _on_console():
        from clarion.channels.console import ConsolePostChannel

        return ConsolePostChannel(_console())
    from clarion.channels.null_posts import NullPostChannel

    return NullPostChannel()


def development_ads() -> "AdPlatform":
    """For campaigns of the account `clarion.domain.development.OUTLET`."""
    if _on_console():
        from clarion.channels.console import ConsoleAdPlatform
        from clarion.domain.development import OUTLET

        return ConsoleAdPlatform(_console(), OUTLET.profile)
    from clarion.channels.null_ads import NullAdPlatform

    return NullAdPlatform()


def development_audiences() -> "AudienceUploads":
    """For audiences of the same account."""
    if _on_console():
        from clarion.channels.console import ConsoleAudiences

        return ConsoleAudiences()
    from clarion.channels.null_ads import NullAudiences

    return NullAudiences()


def _on_console() -> bool:
    from clarion.domain.development import KINDS, PLATFORM
    from clarion.domain.errors import NotFound

    kind = settings().development_channels
    if kind not in KINDS:
        raise NotFound("platform", PLATFORM)
    return kind == "console"


def _console() -> "Console":
    from clarion.domain.development import PLATFORM
    from clarion.wiring.integrations import origins

    return _console_of(origins().of(PLATFORM, ""))


@lru_cache(maxsize=1)
def _console_of(inbox_url: str) -> "Console":
    """One, so that its connections are kept."""
    from clarion.channels.console import Console

    return Console(inbox_url)
