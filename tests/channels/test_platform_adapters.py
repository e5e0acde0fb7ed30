"""Which adapter an organisation's credentials make, and where it calls."""

from typing import Any

import pytest

from clarion.channels.origins import Origins
from clarion.channels.platform_adapters import adapter_of, post_channel_of
from clarion.domain.connection import Secrets, Tokens

AWS = {"region": "eu-west-1", "accessKeyId": "AKIAIOSFODNN7EXAMPLE", "secretAccessKey": "secret/key/of/the/tests"}
GIVEN: dict[str, dict[str, str]] = {
    "ses": AWS,
    "smtp": {"host": "mail.example.com", "security": "tls"},
    "sendgrid": {"apiKey": "SG.0123456789abcdef", "region": "eu"},
    "mailgun": {"apiKey": "0123456789abcdef", "domain": "mg.example.com", "region": "us"},
    "aws-sms": {**AWS, "sender": "+15005550006"},
    "twilio": {"accountSid": "AC" + "0" * 32, "authToken": "0123456789abcdef", "sender": "+15005550006"},
}
SECRETS = Secrets({"clientSecret": "app-secret"}, Tokens("access"), {"1": "page"})


class NoDrafts:
    """Nothing was prepared."""

    def kept(self, post_id: str) -> str | None:
        return None

    def keep(self, post_id: str, draft: str) -> None:
        pass

    def forget(self, post_id: str) -> None:
        pass


@pytest.mark.parametrize(
    ("platform", "name"),
    [
        ("ses", "SesChannel"),
        ("smtp", "SmtpChannel"),
        ("sendgrid", "SendGridChannel"),
        ("mailgun", "MailgunChannel"),
        ("aws-sms", "AwsSmsChannel"),
        ("twilio", "TwilioChannel"),
    ],
)
def test_every_platform_for_messages_has_its_adapter(platform: str, name: str) -> None:
    adapter = adapter_of(platform, GIVEN[platform], Origins({}), "https://t.example.com", "01J00000000000000000000ACM")
    assert type(adapter).__name__ == name
    assert adapter.max_batch >= 1


@pytest.mark.parametrize(
    ("platform", "profile", "name"),
    [
        ("facebook", "1", "FacebookPageChannel"),
        ("instagram", "1", "InstagramChannel"),
        ("linkedin", "urn:li:person:1", "LinkedInChannel"),
        ("x", "7", "XChannel"),
    ],
)
def test_every_platform_for_posts_has_its_adapter(platform: str, profile: str, name: str) -> None:
    channel: Any = post_channel_of(platform, profile, SECRETS, Origins({}), NoDrafts())
    assert type(channel).__name__ == name


@pytest.mark.parametrize(
    ("platform", "profile", "secrets"),
    [("facebook", "2", SECRETS), ("x", "7", Secrets({"clientSecret": "app-secret"})), ("sendgrid", "1", SECRETS)],
)
def test_without_a_token_there_is_none(platform: str, profile: str, secrets: Secrets) -> None:
    with pytest.raises(ValueError, match=platform):
        post_channel_of(platform, profile, secrets, Origins({}), NoDrafts())


@pytest.mark.parametrize("platform", ["facebook", "google-ads", "myspace"])
def test_what_sends_no_messages_has_no_adapter_for_them(platform: str) -> None:
    with pytest.raises(ValueError, match=platform):
        adapter_of(platform, {}, Origins({}), "https://t.example.com", "01J00000000000000000000ACM")


def test_in_development_vendors_are_elsewhere() -> None:
    origins = Origins.parse("sendgrid=http://127.0.0.1:1 x=http://127.0.0.1:2 smtp=any")
    assert origins.of("sendgrid", "https://api.sendgrid.com") == "http://127.0.0.1:1"
    assert origins.of("mailgun", "https://api.mailgun.net") == "https://api.mailgun.net"
    assert origins.private_mail_servers
    assert not Origins.parse("").private_mail_servers
