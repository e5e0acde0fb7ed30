"""Which adapters an organisation's credentials make of an ad account."""

from dataclasses import replace
from typing import Any

import pytest

from clarion.channels.ad_adapters import AdAdapters
from clarion.channels.origins import Origins
from clarion.domain.connection import Secrets, Tokens

SECRETS = Secrets({"clientSecret": "app-secret", "pageId": "1067", "developerToken": "developer"}, Tokens("access"))


@pytest.mark.parametrize(
    ("platform", "account", "campaigns", "audiences"),
    [
        ("meta-ads", "act_42", "MetaAds", "MetaAudiences"),
        ("google-ads", "1234567890", "GoogleAds", "GoogleAudiences"),
    ],
)
def test_every_ad_platform_has_its_adapters(platform: str, account: str, campaigns: str, audiences: str) -> None:
    adapters = AdAdapters(SECRETS, Origins({}))
    found: list[Any] = [adapters.platform(platform, account), adapters.audiences(platform, account)]
    assert [type(each).__name__ for each in found] == [campaigns, audiences]


@pytest.mark.parametrize(
    ("platform", "account", "secrets", "complaint"),
    [
        ("meta-ads", "42", SECRETS, "act_ and a number"),
        ("meta-ads", "act_42/../me", SECRETS, "act_ and a number"),
        ("google-ads", "123-456-7890", SECRETS, "ten digits"),
        ("facebook", "act_42", SECRETS, "takes no ads"),
        ("meta-ads", "act_42", replace(SECRETS, tokens=None), "consent"),
        ("google-ads", "1234567890", replace(SECRETS, tokens=None), "consent"),
    ],
)
def test_what_makes_no_account_is_refused(platform: str, account: str, secrets: Secrets, complaint: str) -> None:
    adapters = AdAdapters(secrets, Origins({}))
    for made in (adapters.platform, adapters.audiences):
        with pytest.raises(ValueError, match=complaint):
            made(platform, account)


def test_without_a_page_meta_publishes_no_ads() -> None:
    adapters = AdAdapters(Secrets({"clientSecret": "app-secret"}, Tokens("access")), Origins({}))
    with pytest.raises(ValueError, match="pageId"):
        adapters.platform("meta-ads", "act_42")
    assert adapters.audiences("meta-ads", "act_42")
