"""Texts, posts and ads of an organisation that has connected nothing, in development and out of it."""

from typing import Any

import pytest

from clarion import wiring
from clarion.channels.console import ConsoleAdPlatform, ConsoleAudiences, ConsolePostChannel, ConsoleTextChannel
from clarion.channels.null import NullTextChannel
from clarion.channels.null_ads import NullAdPlatform, NullAudiences
from clarion.channels.null_posts import NullPostChannel
from clarion.domain.errors import NotFound, RuleBroken
from tests.channels.posts import DraftsInMemory
from tests.routes.conftest import ACME, OWNER
from tests.routes.integrations.conftest import SECRET, Vault, start_anew

TWILIO = {"credentials": {"accountSid": "AC" + "0" * 32, "authToken": SECRET, "sender": "+15005550006"}}
CONSOLE = {"platform": "console", "id": "console", "name": "Console", "kind": "development"}


@pytest.fixture(autouse=True)
def _deployed(vault: Vault, people: None) -> None:
    """Without development channels, as every deployment that does not ask for them."""


@pytest.fixture(params=["console", "null"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    develop(monkeypatch, request.param)
    return str(request.param)


def develop(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setenv("DEVELOPMENT_CHANNELS", kind)
    start_anew()


def profiles(call: Any, platform: str = "") -> Any:
    if platform:
        return call("integrations", "list_platform_profiles", path={"platform": platform})
    return call("integrations", "list_social_profiles")


def test_every_organisation_sends_by_them(kind: str) -> None:
    texts, posts, ads, uploads = {
        "console": (ConsoleTextChannel, ConsolePostChannel, ConsoleAdPlatform, ConsoleAudiences),
        "null": (NullTextChannel, NullPostChannel, NullAdPlatform, NullAudiences),
    }[kind]
    found = wiring.channel_for(ACME, "sms")
    assert (found.platform, type(found.adapter), found.sender) == ("", texts, "Clarion")
    assert type(wiring.post_channel_for(ACME, "console", "console", DraftsInMemory())) is posts
    assert type(wiring.development_ads()) is ads
    assert type(wiring.development_audiences()) is uploads


def test_they_are_nobodys_unless_the_deployment_names_them(call: Any) -> None:
    start_anew()
    with pytest.raises(RuleBroken, match="'sms' is not connected"):
        wiring.channel_for(ACME, "sms")
    for use in (
        lambda: wiring.post_channel_for(ACME, "console", "console", DraftsInMemory()),
        wiring.development_ads,
        wiring.development_audiences,
    ):
        with pytest.raises(NotFound):
            use()
    assert profiles(call).json["items"] == []
    assert profiles(call, "console").status == 404


def test_a_platform_of_ones_own_goes_before_them(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    develop(monkeypatch, "console")
    answer = call("integrations", "connect_platform", path={"platform": "twilio"}, body=TWILIO, user=OWNER)
    assert answer.status == 200
    found = wiring.channel_for(ACME, "sms")
    assert (found.platform, found.sender) == ("twilio", "+15005550006")
    assert not isinstance(found.adapter, ConsoleTextChannel)


def test_the_console_is_listed_among_the_profiles(call: Any, kind: str) -> None:
    assert profiles(call).json["items"] == [CONSOLE]
    assert profiles(call, "console").json["items"] == [CONSOLE]
    assert profiles(call, "x").json["items"] == []


def test_the_console_is_no_platform_to_connect(call: Any, kind: str) -> None:
    listed = call("integrations", "list_platforms").json["items"]
    assert "console" not in [each["id"] for each in listed]
    assert call("integrations", "get_platform", path={"platform": "console"}).status == 404
