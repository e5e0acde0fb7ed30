"""Platforms that text messages leave by."""

from typing import Final

from clarion.domain.credential_fields import AWS, secret
from clarion.domain.platform import CredentialField, Platform

TEXT_PLATFORMS: Final = (
    Platform(
        id="aws-sms",
        channel="sms",
        title="AWS End User Messaging SMS",
        webhook="aws-sms",
        fields=(
            *AWS,
            CredentialField(
                name="sender",
                label="Phone number, sender id or pool",
                pattern=r"[A-Za-z0-9_:/+-]{1,256}",
                hint="a phone number, a sender id or a pool",
            ),
        ),
        limits=(
            "In the sandbox only verified numbers get messages.",
            "A monthly spending limit of the account stops sending when it is reached.",
            "A text has at most 1,600 characters.",
        ),
    ),
    Platform(
        id="twilio",
        channel="sms",
        title="Twilio",
        webhook="twilio",
        fields=(
            CredentialField(
                name="accountSid", label="Account SID", pattern=r"AC[0-9a-fA-F]{32}", hint="AC and 32 digits"
            ),
            secret("authToken", "Auth token", pattern=r"[!-~]{16,128}", hint="an auth token"),
            CredentialField(
                name="sender", label="Messaging service SID, phone number or sender id", pattern=r"[ -~]{1,256}"
            ),
        ),
        limits=(
            "A trial account reaches verified numbers alone.",
            "Numbers of the United States need an A2P 10DLC registration.",
            "A text has at most 1,600 characters.",
        ),
        api="https://api.twilio.com",
    ),
)
