"""Credentials that several platforms ask for."""

from clarion.domain.platform import CredentialField, OAuth


def secret(name: str, label: str, **more: str | bool) -> CredentialField:
    """A field that is never shown again."""
    return CredentialField(name=name, label=label, secret=True, **more)  # type: ignore[arg-type]


HOST = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
AWS = (
    CredentialField(
        name="region", label="AWS region", pattern=r"[a-z]{2}(?:-[a-z]+)+-\d", hint="a region, such as eu-west-1"
    ),
    CredentialField(name="accessKeyId", label="Access key id", pattern=r"[A-Z0-9]{16,128}", hint="an access key id"),
    secret("secretAccessKey", "Secret access key", pattern=r"[A-Za-z0-9/+=]{16,128}", hint="a secret access key"),
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

GRAPH = "https://graph.facebook.com"
META_APP = (
    CredentialField(name="clientId", label="App id", pattern=r"\d{5,32}", hint="an app id, which is a number"),
    secret("clientSecret", "App secret"),
)


def meta(*scopes: str) -> OAuth:
    """Facebook Login knows PKCE for OpenID Connect alone, as a test."""
    return OAuth(
        authorize_url="https://www.facebook.com/v25.0/dialog/oauth",
        token_host=GRAPH,
        token_path="/v25.0/oauth/access_token",  # noqa: S106 - a path
        scopes=scopes,
        scope_separator=",",
        pkce=False,
    )
