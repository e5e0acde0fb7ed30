"""The catalogue, and what is taken for a platform's credentials."""

import re

import pytest

from clarion.domain.errors import Invalid, NotFound
from clarion.domain.platforms import PLATFORMS, platform_of

SECRET = "sk-nobody-may-see-this\n"


def faults(platform: str, given: dict[str, str]) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        platform_of(platform).credentials(given)
    assert "nobody-may-see" not in str(refused.value)
    return {each["field"]: each["message"] for each in refused.value.errors}


def test_every_channel_has_its_platforms() -> None:
    by_channel: dict[str, list[str]] = {}
    for platform in PLATFORMS.values():
        by_channel.setdefault(platform.channel, []).append(platform.id)
    assert by_channel == {
        "email": ["ses", "smtp", "sendgrid", "mailgun"],
        "sms": ["aws-sms", "twilio"],
        "social": ["facebook", "instagram", "linkedin", "x"],
        "ads": ["meta-ads", "google-ads"],
    }


@pytest.mark.parametrize("platform", PLATFORMS.values(), ids=lambda each: each.id)
def test_a_platform_can_be_filled_in(platform) -> None:
    names = [field.name for field in platform.fields]
    assert len(set(names)) == len(names)
    assert platform.limits
    assert all(field.label and re.compile(field.pattern) for field in platform.fields)
    assert any(field.secret for field in platform.fields)
    if platform.oauth:
        assert {"clientId", "clientSecret"} <= set(names)
        assert platform.oauth.authorize_url.startswith("https://")
        assert platform.oauth.token_host.startswith("https://")
        assert platform.api.startswith("https://")


@pytest.mark.parametrize("name", [
    "apiKey", "secretAccessKey", "password", "authToken", "clientSecret", "developerToken", "webhookVerifyToken",
    "webhookSecret",
])  # fmt: skip
def test_what_is_secret_is_never_public(name: str) -> None:
    holders = [each for each in PLATFORMS.values() if name in {field.name for field in each.fields}]
    assert holders
    assert not any(name in each.public_fields for each in holders)


def test_an_unknown_platform_is_not_found() -> None:
    with pytest.raises(NotFound):
        platform_of("myspace")


def test_credentials_are_trimmed_and_completed() -> None:
    key = "SG.0123456789abcdef"
    assert platform_of("sendgrid").credentials({"apiKey": f" {key}\n"}) == {"apiKey": key, "region": "us"}


def test_what_is_left_out_is_not_kept() -> None:
    given = {"host": "mail.example.com", "user": " ", "password": ""}
    assert platform_of("smtp").credentials(given) == {"host": "mail.example.com", "security": "starttls"}


@pytest.mark.parametrize(
    ("platform", "given", "expected"),
    [
        ("sendgrid", {}, {"body.credentials.apiKey": "required"}),
        ("sendgrid", {"apiKey": "SG.0123456789abcdef", "pin": SECRET}, {"body.credentials.pin": "no such field"}),
        (
            "sendgrid",
            {"apiKey": "nobody-may-see" * 20 + "!\x00"},
            {"body.credentials.apiKey": "is not an API key with the permission Mail Send"},
        ),
        (
            "mailgun",
            {"apiKey": "0123456789abcdef", "domain": "example.com/v3"},
            {"body.credentials.domain": "is not a domain"},
        ),
        (
            "twilio",
            {"accountSid": "AC12", "authToken": "0123456789abcdef", "sender": "+15005550006"},
            {"body.credentials.accountSid": "is not AC and 32 digits"},
        ),
        (
            "google-ads",
            {"clientId": "123.apps.example", "clientSecret": "s\u00e9cret", "developerToken": "0123456789"},
            {"body.credentials.clientSecret": "holds characters that it cannot have"},
        ),
        ("smtp", {"host": "a.example.com", "port": "x"}, {"body.credentials.port": "is not a number up to 65535"}),
        ("smtp", {"host": "x" * 5000}, {"body.credentials.host": "is not a host name"}),
    ],
)  # fmt: skip
def test_a_fault_names_its_field_and_repeats_nothing(
    platform: str, given: dict[str, str], expected: dict[str, str]
) -> None:
    assert faults(platform, given) == expected


P256 = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpV"
    "KS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=="
)


@pytest.mark.parametrize("key", [P256, f"{P256} {P256}", f" {P256}\n"])
def test_verification_keys_of_sendgrid_are_taken_as_it_shows_them(key: str) -> None:
    found = platform_of("sendgrid").credentials({"apiKey": "SG.0123456789abcdef", "webhookKey": key})
    assert found["webhookKey"] == key.strip()


@pytest.mark.parametrize("key", [P256[:-1], P256 * 2, f"{P256},{P256}", "MFkw", "SG.0123456789abcdef"])
def test_what_is_no_verification_key_is_refused_before_any_event_is(key: str) -> None:
    given = {"apiKey": "SG.0123456789abcdef", "webhookKey": key}
    assert set(faults("sendgrid", given)) == {"body.credentials.webhookKey"}
