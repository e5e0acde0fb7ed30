"""Platforms that posts go to."""

from typing import Final

from clarion.domain.credential_fields import GRAPH, META_APP, meta, secret
from clarion.domain.platform import CredentialField, OAuth, Platform

_META_PAGES = (
    *META_APP,
    secret(
        "webhookVerifyToken",
        "Verify token of your choice, for webhooks",
        required=False,
        pattern=r"[!-~]{16,256}",
        hint="a word of 16 characters or more",
    ),
)

SOCIAL_PLATFORMS: Final = (
    Platform(
        id="facebook",
        channel="social",
        title="Facebook Pages",
        webhook="meta",
        fields=_META_PAGES,
        limits=("Posts go to Pages, not to personal profiles.", "The app needs Meta's review for its permissions."),
        api=GRAPH,
        oauth=meta("pages_show_list", "pages_manage_posts", "pages_read_engagement", "read_insights"),
    ),
    Platform(
        id="instagram",
        channel="social",
        title="Instagram",
        webhook="meta",
        fields=_META_PAGES,
        limits=(
            "Professional accounts that belong to a Facebook Page.",
            "Every post has an image or a video.",
            "About 100 posts in 24 hours.",
        ),
        api=GRAPH,
        oauth=meta(
            "pages_show_list",
            "pages_read_engagement",
            "instagram_basic",
            "instagram_content_publish",
            "instagram_manage_insights",
        ),
    ),
    Platform(
        id="linkedin",
        channel="social",
        title="LinkedIn",
        fields=(
            CredentialField(name="clientId", label="Client id", pattern=r"[A-Za-z0-9]{6,64}", hint="a client id"),
            secret("clientSecret", "Client secret"),
        ),
        limits=(
            "Consent lasts 60 days, unless LinkedIn lets the app refresh it.",
            "Posts of an organisation need the Community Management API.",
        ),
        api="https://api.linkedin.com",
        # A confidential client that sends a code_verifier is refused there.
        oauth=OAuth(
            authorize_url="https://www.linkedin.com/oauth/v2/authorization",
            token_host="https://www.linkedin.com",  # noqa: S106 - a host
            token_path="/oauth/v2/accessToken",  # noqa: S106 - a path
            scopes=(
                "openid",
                "profile",
                "w_member_social",
                "rw_organization_admin",
                "w_organization_social",
                "r_organization_social",
            ),
            pkce=False,
        ),
    ),
    Platform(
        id="x",
        channel="social",
        title="X",
        webhook="x",
        fields=(
            CredentialField(name="clientId", label="OAuth 2.0 client id"),
            secret("clientSecret", "OAuth 2.0 client secret"),
            secret("webhookSecret", "API key secret (consumer secret), for webhooks", required=False),
        ),
        limits=("100 posts in 15 minutes.", "280 characters.", "X charges for each call of its API."),
        api="https://api.x.com",
        oauth=OAuth(
            authorize_url="https://x.com/i/oauth2/authorize",
            token_host="https://api.x.com",  # noqa: S106 - a host
            token_path="/2/oauth2/token",  # noqa: S106 - a path
            scopes=("tweet.read", "tweet.write", "users.read", "media.write", "offline.access"),
            basic=True,
        ),
    ),
)
