"""The platforms that Clarion can be connected to."""

from collections.abc import Mapping
from typing import Final

from clarion.domain.ad_platforms import AD_PLATFORMS
from clarion.domain.errors import NotFound
from clarion.domain.mail_platforms import MAIL_PLATFORMS
from clarion.domain.platform import Platform
from clarion.domain.social_platforms import SOCIAL_PLATFORMS
from clarion.domain.text_platforms import TEXT_PLATFORMS

PLATFORMS: Final[Mapping[str, Platform]] = {
    platform.id: platform for platform in (*MAIL_PLATFORMS, *TEXT_PLATFORMS, *SOCIAL_PLATFORMS, *AD_PLATFORMS)
}


def platform_of(platform_id: str) -> Platform:
    """Raises NotFound."""
    try:
        return PLATFORMS[platform_id]
    except KeyError:
        raise NotFound("platform", platform_id) from None
