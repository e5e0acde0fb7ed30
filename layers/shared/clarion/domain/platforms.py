"""The platforms that Clarion can be connected to."""

from collections.abc import Mapping
from typing import Final

from clarion.domain.errors import NotFound
from clarion.domain.platform import CredentialField, OAuth, Platform


def _secret(name: str, label: str, **more: str | bool) -> CredentialField:
    return CredentialField(name=name, label=label, secret=True, **more)  # type: ignore[arg-type]


_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
_AWS = (
    CredentialField(
        name="region", label="AWS region", pattern=r"[a-z]{2}(?:-[a-z]+)+-\d", hint="a region, such as eu-west-1"
    ),
    CredentialField(name="accessKeyId", label="Access key id", pattern=r"[A-Z0-9]{16,128}", hint="an access key id"),
    _secret("secretAccessKey", "Secret access key", pattern=r"[A-Za-z0-9/+=]{16,128}", hint="a secret access key"),
    CredentialField(
        name="configurationSet",
        label="Configuration set",
        required=False,
        pattern=r"[A-Za-z0-9_-]{1,64}",
        hint="the name of a configuration set",
    ),
    CredentialField(
        name="topicArn",
        label="ARN of the SNS topic that tells of events",
        required=False,
        pattern=r"arn:aws(?:-[a-z]+)*:sns:[a-z0-9-]{5,32}:[0-9]{12}:[A-Za-z0-9_-]{1,256}",
        hint="the ARN of a standard topic of Amazon SNS",
    ),
)
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
"""A point on P-256 as a SubjectPublicKeyInfo (RFC 5480), DER in base64: all but the point is the same in each."""
_GRAPH = "https://graph.facebook.com"
_META_APP = (
    CredentialField(name="clientId", label="App id", pattern=r"\d{5,32}", hint="an app id, which is a number"),
    _secret("clientSecret", "App secret"),
)
_META_PAGES = (
    *_META_APP,
    _secret(
        "webhookVerifyToken",
        "Verify token of your choice, for webhooks",
        required=False,
        pattern=r"[!-~]{16,256}",
        hint="a word of 16 characters or more",
    ),
)


def _meta(*scopes: str) -> OAuth:
    """Facebook Login knows PKCE for OpenID Connect alone, as a test."""
    return OAuth(
        authorize_url="https://www.facebook.com/v25.0/dialog/oauth",
        token_host=_GRAPH,
        token_path="/v25.0/oauth/access_token",  # noqa: S106 - a path
        scopes=scopes,
        scope_separator=",",
        pkce=False,
    )


_ALL = (
    Platform(
        id="ses",
        channel="email",
        title="Amazon SES",
        webhook="ses",
        fields=(*_AWS, _FROM),
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
            CredentialField(name="host", label="Host", pattern=_HOST, hint="a host name"),
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
            _secret("password", "Password", required=False),
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
            _secret("apiKey", "API key", pattern=r"[!-~]{16,256}", hint="an API key with the permission Mail Send"),
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
            _secret("apiKey", "API key", pattern=r"[!-~]{16,256}", hint="an API key"),
            CredentialField(name="domain", label="Sending domain", pattern=rf"{_HOST}\.[A-Za-z]+", hint="a domain"),
            _REGION,
            _secret(
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
    Platform(
        id="aws-sms",
        channel="sms",
        title="AWS End User Messaging SMS",
        webhook="aws-sms",
        fields=(
            *_AWS,
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
            _secret("authToken", "Auth token", pattern=r"[!-~]{16,128}", hint="an auth token"),
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
    Platform(
        id="facebook",
        channel="social",
        title="Facebook Pages",
        webhook="meta",
        fields=_META_PAGES,
        limits=("Posts go to Pages, not to personal profiles.", "The app needs Meta's review for its permissions."),
        api=_GRAPH,
        oauth=_meta("pages_show_list", "pages_manage_posts", "pages_read_engagement", "read_insights"),
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
        api=_GRAPH,
        oauth=_meta(
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
            _secret("clientSecret", "Client secret"),
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
            _secret("clientSecret", "OAuth 2.0 client secret"),
            _secret("webhookSecret", "API key secret (consumer secret), for webhooks", required=False),
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
    Platform(
        id="meta-ads",
        channel="ads",
        title="Meta Ads",
        fields=(
            *_META_APP,
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
        api=_GRAPH,
        oauth=_meta("ads_management", "ads_read"),
    ),
    Platform(
        id="google-ads",
        channel="ads",
        title="Google Ads",
        fields=(
            CredentialField(
                name="clientId", label="OAuth client id", pattern=r"[A-Za-z0-9.-]{10,256}", hint="a client id"
            ),
            _secret("clientSecret", "OAuth client secret"),
            _secret("developerToken", "Developer token", pattern=r"[!-~]{10,128}", hint="a developer token"),
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
PLATFORMS: Final[Mapping[str, Platform]] = {platform.id: platform for platform in _ALL}


def platform_of(platform_id: str) -> Platform:
    """Raises NotFound."""
    try:
        return PLATFORMS[platform_id]
    except KeyError:
        raise NotFound("platform", platform_id) from None
