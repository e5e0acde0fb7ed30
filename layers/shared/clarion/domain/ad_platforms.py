"""Platforms that ads are shown by."""

from typing import Final

from clarion.domain.credential_fields import GRAPH, META_APP, meta, secret
from clarion.domain.platform import CredentialField, OAuth, Platform

AD_PLATFORMS: Final = (
    Platform(
        id="meta-ads",
        channel="ads",
        title="Meta Ads",
        fields=(
            *META_APP,
            CredentialField(
                name="pageId",
                label="Facebook Page that ads are published as",
                pattern=r"\d{5,32}",
                hint="a page id, which is a number",
            ),
        ),
        limits=(
            "Campaigns are created paused.",
            "Custom audiences need at least 100 people.",
            "Whoever consents may advertise for the Page.",
        ),
        api=GRAPH,
        oauth=meta("ads_management", "ads_read"),
    ),
    Platform(
        id="google-ads",
        channel="ads",
        title="Google Ads",
        fields=(
            CredentialField(
                name="clientId", label="OAuth client id", pattern=r"[A-Za-z0-9.-]{10,256}", hint="a client id"
            ),
            secret("clientSecret", "OAuth client secret"),
            secret("developerToken", "Developer token", pattern=r"[!-~]{10,128}", hint="a developer token"),
            CredentialField(
                name="loginCustomerId",
                label="Manager account",
                required=False,
                pattern=r"\d{10}|\d{3}-\d{3}-\d{4}",
                hint="a customer id of ten digits",
            ),
        ),
        limits=("Campaigns are created paused.", "A developer token needs Basic access for accounts beyond tests."),
        api="https://googleads.googleapis.com",
        oauth=OAuth(
            authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
            token_host="https://oauth2.googleapis.com",  # noqa: S106 - a host
            token_path="/token",  # noqa: S106 - a path
            scopes=("https://www.googleapis.com/auth/adwords",),
            extra=(("access_type", "offline"), ("prompt", "consent")),
        ),
    ),
)
