"""Platforms, their credentials, and the adapters that organisations send by."""

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from clarion.clock import now
from clarion.settings import settings
from clarion.wiring.clients import aws, table
from clarion.wiring.people import organisation_table

if TYPE_CHECKING:
    from clarion.channels.oauth import TokenEndpoints
    from clarion.channels.origins import Origins
    from clarion.channels.profiles import ProfileList
    from clarion.channels.vault import SecretsVault
    from clarion.domain.connection import Connection, Secrets
    from clarion.domain.mail import MailChannel
    from clarion.domain.post import Drafts, PostChannel
    from clarion.services.authorizations import AuthorizationService
    from clarion.services.connections import ConnectionService
    from clarion.services.noted_channel import PlatformUse
    from clarion.services.organisation_channels import ConnectedPlatforms, OrganisationChannels
    from clarion.services.token_renewal import TokenRenewal
    from clarion.storage.connections import ConnectionTable


@cache
def connection_table() -> "ConnectionTable":
    from clarion.storage.connections import ConnectionTable

    return ConnectionTable(table())


@cache
def vault() -> "SecretsVault":
    from clarion.channels.vault import SecretsVault

    return SecretsVault(aws("secretsmanager"), settings().secrets_prefix)


@cache
def origins() -> "Origins":
    from clarion.channels.origins import Origins

    return Origins.parse(settings().vendor_urls)


@cache
def profile_list() -> "ProfileList":
    from clarion.channels.profiles import ProfileList

    return ProfileList(origins())


@cache
def token_endpoints() -> "TokenEndpoints":
    from clarion.channels.oauth import TokenEndpoints

    return TokenEndpoints(origins(), profile_list(), now)


def consent_page(platform: str) -> str:
    """Our page that a vendor sends a member back to."""
    return f"{settings().public_url}/connect/oauth/{platform}/callback"


@cache
def connections() -> "ConnectionService":
    from clarion.channels.availability import DeployedChannels
    from clarion.channels.aws_checks import client_of
    from clarion.channels.credential_checks import CredentialChecks
    from clarion.channels.revocation import TokenRevocation
    from clarion.services.connections import ConnectionService

    checks = CredentialChecks(origins(), token_endpoints(), profile_list(), client_of, consent_page)
    revocation, deployed = TokenRevocation(origins()), DeployedChannels(settings())
    return ConnectionService(connection_table(), vault(), checks, revocation, deployed, now)


@cache
def authorizations() -> "AuthorizationService":
    from clarion.services.authorizations import AuthorizationService
    from clarion.storage.connections import AuthorizationTable

    return AuthorizationService(
        connection_table(),
        vault(),
        AuthorizationTable(table()),
        organisation_table(),
        token_endpoints(),
        _state_key,
        now,
    )


@cache
def token_renewal() -> "TokenRenewal":
    from clarion.services.token_renewal import TokenRenewal

    return TokenRenewal(connection_table(), authorizations().refresh, now)


def _state_key() -> bytes:
    """Read at each consent, so that a new one holds at once."""
    from clarion.channels.vault import read_key

    return read_key(aws("secretsmanager"), settings().oauth_state_secret)


@cache
def organisation_channels() -> "OrganisationChannels":
    from clarion.channels.availability import DeployedChannels
    from clarion.services.organisation_channels import OrganisationChannels

    return OrganisationChannels(connection_table(), DeployedChannels(settings()), now)


@cache
def connected_platforms() -> "ConnectedPlatforms":
    from clarion.services.organisation_channels import ConnectedPlatforms

    return ConnectedPlatforms(connection_table(), vault(), now)


@cache
def platform_use() -> "PlatformUse":
    """What this worker knows of how organisations' platforms fare."""
    from clarion.services.noted_channel import PlatformUse

    return PlatformUse(connection_table(), now)


class OrganisationChannel(NamedTuple):
    """``adapter`` is a `MailChannel` for ``email`` and a `TextChannel` for ``sms``. ``sender`` is what text messages
    leave from. ``platform`` names the integration, whose health the adapter notes; it is empty for the deployment's
    own channels."""

    platform: str
    adapter: Any
    sender: str = ""


def channel_for(org_id: str, channel: str) -> OrganisationChannel:
    """What an organisation's messages leave by: the platform it connected, else the deployment's channel.

    At most a minute behind a change. Raises RuleBroken where there is none, Conflict where its credentials are gone.
    """
    from clarion.domain.errors import RuleBroken

    connection = connected_platforms().preferred(org_id, channel)
    if connection is not None:
        adapter = _adapter(org_id, connection.id, connection.secret_version)
        return OrganisationChannel(connection.id, adapter, connection.details.get("sender", ""))
    if channel == "email":
        return OrganisationChannel("", _deployments_mail())
    if channel != "sms" or not settings().development_channels:
        raise RuleBroken(f"the channel {channel!r} is not connected")
    from clarion.domain.development import SENDER
    from clarion.wiring.development import development_texts

    return OrganisationChannel("", development_texts(), SENDER)


def _deployments_mail() -> "MailChannel":
    from clarion.channels.availability import DeployedChannels
    from clarion.channels.own_senders import OwnSendersOnly
    from clarion.wiring.delivery import mail_channel

    return OwnSendersOnly(mail_channel(), DeployedChannels(settings()))


@lru_cache(maxsize=256)
def _adapter(org_id: str, platform: str, secret_version: str) -> Any:  # noqa: ARG001 - what it is kept under
    """One adapter for each version of the credentials, so that its connections are kept."""
    from clarion.channels.platform_adapters import adapter_of
    from clarion.services.noted_channel import NotedChannel

    connection = connected_platforms().all(org_id)[platform]
    secrets = connected_platforms().secrets(org_id, connection)
    adapter: Any = adapter_of(platform, secrets.credentials, origins(), settings().public_url, org_id)
    return NotedChannel(adapter, platform_use(), org_id, platform)


def credentials_for(org_id: str, platform: str) -> "tuple[Connection, Secrets]":
    """A connection and its credentials, its token renewed where it ends within minutes; at most a minute old.

    Raises NotFound where the platform is not connected, Conflict where its credentials are gone.
    """
    from clarion.domain.errors import NotFound

    connection = connected_platforms().all(org_id).get(platform)
    if connection is not None and connection.needs_refresh(now()):
        connected_platforms().forget(org_id)
        connection = authorizations().refresh(org_id, platform)
    if connection is None or not connection.secret_version:
        raise NotFound("connection", platform)
    return connection, connected_platforms().secrets(org_id, connection)


def post_channel_for(org_id: str, platform: str, profile_id: str, drafts: "Drafts") -> "PostChannel":
    """What posts of a profile leave by. Raises as `credentials_for`, and ValueError where the profile has no token."""
    from clarion.channels.platform_adapters import post_channel_of
    from clarion.domain.development import PLATFORM

    if platform == PLATFORM:
        from clarion.wiring.development import development_posts

        return development_posts()
    return post_channel_of(platform, profile_id, credentials_for(org_id, platform)[1], origins(), drafts)
