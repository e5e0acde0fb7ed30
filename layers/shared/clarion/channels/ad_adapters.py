"""What an organisation's own credentials make of an ad account: campaigns and audiences."""

import re
from typing import TYPE_CHECKING

from clarion.channels.origins import Origins
from clarion.domain.ad import AdPlatform
from clarion.domain.ad_audience import AudienceUploads
from clarion.domain.connection import Secrets

if TYPE_CHECKING:
    from clarion.channels.google_ads_client import GoogleAdsClient
    from clarion.channels.graph import Graph

_META_ACCOUNT = re.compile(r"act_\d{1,32}")


class AdAdapters:
    """Of the accounts that ``secrets`` give access to."""

    def __init__(self, secrets: Secrets, origins: Origins) -> None:
        self._secrets, self._origins = secrets, origins

    def platform(self, platform: str, account: str) -> AdPlatform:
        """ValueError for a platform that takes no ads, and for an account or credentials that make none."""
        if platform == "google-ads":
            from clarion.channels.google_ads import GoogleAds

            return GoogleAds(self._google(account))
        if platform == "meta-ads":
            from clarion.channels.meta_ads import MetaAds

            page = self._secrets.credentials.get("pageId", "")
            if not page:
                raise ValueError("meta-ads is connected without the Page that ads are published as: set pageId")
            return MetaAds(self._meta(), _meta_account(account), page)
        raise ValueError(f"{platform} takes no ads")

    def audiences(self, platform: str, account: str) -> AudienceUploads:
        """Likewise."""
        if platform == "google-ads":
            from clarion.channels.google_audiences import GoogleAudiences

            return GoogleAudiences(self._google(account))
        if platform == "meta-ads":
            from clarion.channels.meta_audiences import MetaAudiences

            return MetaAudiences(self._meta(), _meta_account(account))
        raise ValueError(f"{platform} takes no ads")

    def _meta(self) -> "Graph":
        from clarion.channels.graph import GRAPH, Graph

        return Graph(self._token(), self._secrets.credentials["clientSecret"], self._origins.of("meta-ads", GRAPH))

    def _google(self, account: str) -> "GoogleAdsClient":
        from clarion.channels.google_ads_client import API, GoogleAdsClient

        given = self._secrets.credentials
        manager = given.get("loginCustomerId", "").replace("-", "") or account
        origin = self._origins.of("google-ads", API)
        return GoogleAdsClient(self._token(), given["developerToken"], account, manager, origin)

    def _token(self) -> str:
        if self._secrets.tokens is None:
            raise ValueError("a member has yet to consent at the vendor")
        return self._secrets.tokens.access


def _meta_account(account: str) -> str:
    if not _META_ACCOUNT.fullmatch(account):
        raise ValueError("an ad account of Meta is act_ and a number")
    return account
