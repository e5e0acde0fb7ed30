"""Platforms that e-mail leaves by."""

from typing import Final

from clarion.domain.credential_fields import AWS, HOST, secret
from clarion.domain.platform import CredentialField, Platform

_FROM = CredentialField(
    name="from",
    label="Default sender address",
    required=False,
    pattern=r"[^\s@]+@[^\s@]+",
    hint="an e-mail address",
)
_REGION = CredentialField(
    name="region", label="Data region", required=False, pattern="us|eu", hint="us or eu", default="us"
)
_P256_KEY = r"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE[A-Za-z0-9+/]{86}=="

MAIL_PLATFORMS: Final = (
    Platform(
        id="ses",
        channel="email",
        title="Amazon SES",
        webhook="ses",
        fields=(*AWS, _FROM),
        limits=(
            "In the SES sandbox only verified recipients get mail.",
            "Senders are identities verified in the region.",
            "Delivery events need a configuration set that publishes them.",
        ),
    ),
    Platform(
        id="smtp",
        channel="email",
        title="SMTP server",
        fields=(
            CredentialField(name="host", label="Host", pattern=HOST, hint="a host name"),
            CredentialField(
                name="security",
                label="Encryption: tls or starttls",
                required=False,
                pattern="tls|starttls|none",
                hint="tls, starttls or none",
                default="starttls",
            ),
            CredentialField(name="port", label="Port", required=False, pattern=r"\d{1,5}", hint="a number up to 65535"),
            CredentialField(name="user", label="User", required=False),
            secret("password", "Password", required=False),
            _FROM,
        ),
        limits=(
            "Passwords travel over encrypted connections alone.",
            "Mail servers in private networks cannot be reached.",
            "Bounces arrive as mail at the sender's address.",
        ),
    ),
    Platform(
        id="sendgrid",
        channel="email",
        title="Twilio SendGrid",
        webhook="sendgrid",
        fields=(
            secret("apiKey", "API key", pattern=r"[!-~]{16,256}", hint="an API key with the permission Mail Send"),
            _REGION,
            CredentialField(
                name="webhookKey",
                label="Event Webhook verification key; while you change it, both, with a blank between",
                required=False,
                pattern=rf"{_P256_KEY}(?: {_P256_KEY})?",
                hint="a verification key as SendGrid shows it",
            ),
            _FROM,
        ),
        limits=("The sender is a verified identity of the account.", "Switch SendGrid's own unsubscribe groups off."),
    ),
    Platform(
        id="mailgun",
        channel="email",
        title="Mailgun",
        webhook="mailgun",
        fields=(
            secret("apiKey", "API key", pattern=r"[!-~]{16,256}", hint="an API key"),
            CredentialField(name="domain", label="Sending domain", pattern=rf"{HOST}\.[A-Za-z]+", hint="a domain"),
            _REGION,
            secret(
                "webhookKey",
                "HTTP webhook signing key; while you change it, both, with a blank between",
                required=False,
                pattern=r"[!-~]{16,256}(?: [!-~]{16,256})?",
                hint="a webhook signing key",
            ),
            _FROM,
        ),
        limits=("A sandbox domain reaches authorised recipients alone.", "A mail has at most 25 MB."),
    ),
)
