"""Platforms and their connections, as the API speaks of them. No view has a secret in it."""

from datetime import datetime
from typing import Literal, Self

from pydantic import ConfigDict, Field, SecretStr

from clarion.domain.connection import Health, Integration, Profile
from clarion.domain.model import Model
from clarion.domain.platform import PlatformChannel, PlatformId

ConnectionStatus = Literal["not_connected", "pending", "awaiting_consent", "connected", "disconnecting"]


class ConnectPlatformRequest(Model):
    """``credentials`` are the platform's ``fields`` by name: all of them, also when only one is new."""

    credentials: dict[str, SecretStr] = Field(max_length=20)

    def given(self) -> dict[str, str]:
        """The plain values."""
        return {name: value.get_secret_value() for name, value in self.credentials.items()}


class CredentialFieldView(Model):
    """Something to fill in; a ``secret`` one is never shown again."""

    name: str
    label: str
    secret: bool
    required: bool
    hint: str


class PlatformView(Model):
    """A platform and the organisation's connection to it. ``byDeployment`` tells that everybody's e-mail who connected
    none leaves by it; ``inUse``, that the organisation's messages of this channel do. ``details`` are the credentials
    that are no secret. ``consent`` tells that a member has to consent at the vendor once the app's credentials are
    there. ``tokenExpiresAt`` is null where no token ends or each is renewed. ``webhookUrl`` is the address to set up at
    the vendor, so that it tells what became of messages; null where the vendor tells nothing."""

    id: PlatformId
    title: str
    channel: PlatformChannel
    fields: list[CredentialFieldView]
    consent: bool
    limits: list[str]
    connected: bool
    status: ConnectionStatus
    by_deployment: bool
    in_use: bool
    account: str
    details: dict[str, str]
    profiles: list[Profile]
    connected_at: datetime | None
    token_expires_at: datetime | None
    webhook_url: str | None
    health: Health

    @classmethod
    def of(cls, integration: Integration, webhook_url: str | None) -> Self:
        platform, connection = integration.platform, integration.connection
        status: ConnectionStatus = connection.status if connection else "not_connected"
        return cls(
            id=platform.id,
            title=platform.title,
            channel=platform.channel,
            fields=[
                CredentialFieldView(
                    name=field.name, label=field.label, secret=field.secret, required=field.required, hint=field.hint
                )
                for field in platform.fields
            ],
            consent=platform.oauth is not None,
            limits=list(platform.limits),
            connected=status == "connected" or integration.by_deployment,
            status="connected" if integration.by_deployment else status,
            by_deployment=integration.by_deployment,
            in_use=integration.in_use,
            account=connection.account if connection else "",
            details=connection.details if connection else {},
            profiles=list(connection.profiles) if connection else [],
            connected_at=connection.connected_at if connection else None,
            token_expires_at=connection.token_expires_at if connection and not connection.refresh_at else None,
            webhook_url=webhook_url,
            health=integration.health,
        )


class SocialProfileView(Model):
    """A page or an account that posts can go to. Those of ``console`` are for development: nobody sees what is posted
    there."""

    platform: PlatformId | Literal["console"]
    id: str
    name: str
    kind: str

    @classmethod
    def of(cls, platform: str, profile: Profile) -> Self:
        return cls.model_validate({"platform": platform, **profile.model_dump()})


class AuthorizationView(Model):
    """Where a member consents; the address is good for ten minutes and once."""

    url: str


class DisconnectQuery(Model):
    """``endConsent`` takes back all that the member gave the same app, also where other connections live by it."""

    end_consent: bool = False


class ConsentQuery(Model):
    """What a vendor's consent page sends along, in its own words."""

    model_config = ConfigDict(extra="ignore")  # vendors add to it

    code: str = ""
    state: str = ""
    error: str = ""
