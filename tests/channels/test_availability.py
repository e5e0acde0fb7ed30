"""Which channels are connected, and who may send."""

from typing import Any

import pytest

from clarion.channels.availability import DeployedChannels
from clarion.domain.outlet import Outlet
from clarion.settings import Settings


def deployed(**values: Any) -> DeployedChannels:
    unset = dict.fromkeys(Settings._fields, "")
    return DeployedChannels(Settings(**{**unset, **values}))


@pytest.mark.parametrize("adapter", ["ses", "smtp", "null"])
def test_email_is_connected_by_the_parameter_alone(adapter: str) -> None:
    """A function that only launches never learns the SMTP server's password."""
    assert deployed(email_channel=adapter).unavailable("email") is None


def test_what_is_not_connected_says_so() -> None:
    assert deployed(email_channel="ses").unavailable("sms") == "the channel 'sms' is not connected"
    assert "EmailChannel" in str(deployed(email_channel="pigeon").unavailable("email"))


@pytest.mark.parametrize("channel", ["sms", "social", "ads"])
@pytest.mark.parametrize("kind", ["console", "null"])
def test_development_channels_are_everybodys_where_the_parameter_is_set(kind: str, channel: str) -> None:
    assert deployed(development_channels=kind).unavailable(channel) is None


@pytest.mark.parametrize("kind", ["", "printer"])
def test_without_the_parameter_there_is_nothing_to_publish_to(kind: str) -> None:
    channels = deployed(email_channel="ses", development_channels=kind)
    assert [channels.unavailable(channel) is None for channel in ("email", "sms", "social", "ads")] == [
        True,
        *[False] * 3,
    ]
    assert channels.outlets("social") == channels.outlets("ads") == []


def test_development_publishes_to_one_profile_and_one_account() -> None:
    channels = deployed(development_channels="console")
    console = Outlet(platform="console", profile="console", name="Console")
    assert channels.outlets("social") == channels.outlets("ads") == [console]
    assert channels.outlets("sms") == channels.outlets("email") == []


@pytest.mark.parametrize(("mail", "kind", "nobody"), [
    ("ses", "", set()), ("null", "", {"email"}), ("ses", "console", {"sms", "social", "ads"}),
    ("null", "null", {"email", "sms", "social", "ads"}),
])  # fmt: skip
def test_what_reaches_nobody_is_known(mail: str, kind: str, nobody: set[str]) -> None:
    assert deployed(email_channel=mail, development_channels=kind).reaching_nobody() == nobody


def test_development_channels_leave_mail_as_it_is() -> None:
    assert deployed(email_channel="", development_channels="console").unavailable("email") is not None


@pytest.mark.parametrize("sender", [
    "news@shop.example", "anyone@shop.example", "NEWS@Shop.Example", "a@mail.shop.example", "a@b\u00fccher.example",
    "a@xn--bcher-kva.example", "a@other.example", "a@x.other.example",
])  # fmt: skip
def test_the_default_senders_domain_and_those_named_may_send(sender: str) -> None:
    channels = deployed(email_from="news@shop.example", sender_domains="Other.example, xn--bcher-kva.example")
    assert channels.sender_refused(sender) is None


@pytest.mark.parametrize("sender", [
    "a@victim.example", "a@notshop.example", "a@shop.example.victim.example", "a@example", "shop.example",
    "a@shop.example>", "a@victim.example@shop.example", "a@victim.example, b@shop.example",
])  # fmt: skip
def test_nobody_else_may(sender: str) -> None:
    assert deployed(email_from="news@shop.example", sender_domains="other.example").sender_refused(sender)


def test_a_refusal_names_the_domain_and_the_parameter() -> None:
    refusal = deployed(email_from="news@shop.example").sender_refused("a@Victim.example")
    assert refusal == "this deployment does not send from 'victim.example': add it to the parameter SenderDomains"


def test_the_default_sender_itself_may_always_send() -> None:
    channels = deployed(email_from="news@mail.local")
    assert channels.sender_refused("news@mail.local") is None
    assert channels.sender_refused("news@other.local")


def test_where_no_sender_is_set_nobody_may_send() -> None:
    assert deployed().sender_refused("a@shop.example")
