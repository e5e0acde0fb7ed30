"""An organisation's connection to a platform: what may be shown of it, and how far it has come."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Self

from pydantic import Field

from clarion.domain.errors import Conflict
from clarion.domain.model import Model
from clarion.domain.platform import Platform

Status = Literal["pending", "awaiting_consent", "connected", "disconnecting"]
CHANGING = timedelta(seconds=60)
"""How long an unfinished change is taken to be under way: longer than any function runs."""

RENEWED_AGAIN = timedelta(hours=1)
"""How long a renewal that nobody waits for is put off when it fails."""
UNUSED = timedelta(days=30)
"""After which refresh tokens are used for their own sake: Google forgets those unused for six months."""


class Profile(Model):
    """A page, an account or an ad account that a connection may act for; ``id`` is the vendor's."""

    id: str
    name: str
    kind: str


class Connection(Model):
    """``id`` is the platform's. The secret's version that holds is named here: writing this row is what commits a
    change of credentials. ``changing_since`` marks a change that has begun and not ended. ``refresh_at`` is None
    where no token can be replaced without a member's consent; ``renew_at`` is when one is replaced even if nobody needs
    it. ``renewing`` names the version of the secret that a renewal under way is going to write.
    """

    id: str
    version: int = 0
    status: Status = "pending"
    changing_since: datetime | None = None
    secret_version: str = ""
    account: str = ""
    details: dict[str, str] = Field(default_factory=dict)
    profiles: tuple[Profile, ...] = ()
    token_expires_at: datetime | None = None
    refresh_at: datetime | None = None
    renew_at: datetime | None = None
    renewing: str = ""
    connected_at: datetime | None = None
    connected_by: str = ""

    def unusable(self, now: datetime) -> str | None:
        """Why nothing can leave by it; None where messages may."""
        if self.status == "awaiting_consent":
            return "a member has yet to consent at the vendor"
        if self.status != "connected":
            return "it is not connected"
        if self.token_expires_at is not None and now >= self.token_expires_at and self.refresh_at is None:
            return "the consent given at the vendor has ended: authorize it again"
        return None

    def begin_change(self, now: datetime, status: Status | None = None) -> Self:
        """The connection while it is being changed; Conflict while somebody else does that."""
        if self.changing_since is not None and now - self.changing_since < CHANGING:
            raise Conflict("this connection is being changed at the moment: try again in a minute")
        return self.model_copy(update={"changing_since": now, "status": status or self.status})

    def begin_renewal(self, now: datetime, version: str) -> Self:
        """As `begin_change`. What nobody needs is tried again later where this one comes to nothing."""
        later = None if self.renew_at is None else max(self.renew_at, now + RENEWED_AGAIN)
        return self.begin_change(now).model_copy(update={"renewing": version, "renew_at": later})

    def needs_refresh(self, now: datetime) -> bool:
        """Whether its token ends soon and can be replaced."""
        return self.status == "connected" and self.refresh_at is not None and now >= self.refresh_at


class Health(Model):
    """How an integration has fared. Errors are sentences free of secrets, empty where the last attempt went well."""

    last_check_at: datetime | None = None
    last_error: str = ""
    last_error_at: datetime | None = None
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tokens:
    """What consent gave; never shown (``repr`` neither)."""

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    expires_at: datetime | None = None
    refresh_at: datetime | None = None

    def renew_at(self, now: datetime) -> datetime | None:
        """When they are renewed even if nobody needs them. A token that renews itself must not end before; a refresh
        token outlives the access token, but not for ever."""
        if self.refresh_at is None or not self.refresh:
            return self.refresh_at
        return max(self.refresh_at, now + UNUSED)


@dataclass(frozen=True, slots=True)
class Secrets:
    """All that is secret of a connection: the fields that were filled in, tokens, and tokens of single profiles."""

    credentials: dict[str, str] = field(default_factory=dict, repr=False)
    tokens: Tokens | None = None
    profile_tokens: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Passed:
    """The vendor knows the credentials; ``account`` is its name for whose they are."""

    account: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The vendor refuses them; ``field`` is the credential at fault, "" where consent is."""

    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Nothing is known: the vendor did not answer, or not to the point."""

    reason: str


Verdict = Passed | Refused | Unreachable


@dataclass(frozen=True, slots=True)
class Granted:
    """What a consent gave, and whom the connection may act for."""

    tokens: Tokens
    account: str = ""
    profiles: tuple[Profile, ...] = ()
    profile_tokens: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Authorization:
    """A consent that was asked for: kept until it is taken, once. ``verifier`` is "" where the vendor has no PKCE."""

    id: str
    platform: str
    user_id: str
    redirect_uri: str
    verifier: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Integration:
    """A platform as an organisation has it; ``in_use`` tells that messages of its channel leave by it."""

    platform: Platform
    connection: Connection | None
    health: Health
    by_deployment: bool
    in_use: bool
