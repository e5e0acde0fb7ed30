"""What stands around connections: a vault, vendors that say what they are told to, a clock."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from clarion.domain.access import Role
from clarion.domain.connection import Granted, Passed, Refused, Secrets, Tokens, Unreachable, Verdict
from clarion.domain.errors import NotFound
from clarion.domain.outlet import Outlet
from clarion.domain.platform import Platform
from clarion.services.authorizations import AuthorizationService
from clarion.services.connections import ConnectionService
from clarion.storage.connections import AuthorizationTable, ConnectionTable
from tests.fakes.table import TableInMemory

ORG, OTHER = "01J00000000000000000000ACM", "01J00000000000000000000GBX"
SENDGRID_KEY = "SG.a-key-that-nobody-may-see"
APP_SECRET = "an-app-secret-that-nobody-may-see"
APP = {"clientId": "client123", "clientSecret": APP_SECRET}
KEY = b"a key of the tests alone"


class Clock:
    """Stands still unless told otherwise."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class VaultInMemory:
    """``kept`` has the versions by organisation and platform; ``before`` runs before each write."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], dict[str, Secrets]] = {}
        self.reads = 0
        self.before: Callable[[str], None] = lambda _: None

    def put(self, org_id: str, platform: str, version: str, secrets: Secrets) -> None:
        self.before("put")
        self.kept.setdefault((org_id, platform), {})[version] = secrets

    def get(self, org_id: str, platform: str, version: str) -> Secrets:
        self.reads += 1
        try:
            return self.kept[org_id, platform][version]
        except KeyError:
            raise NotFound("secret", platform) from None

    def delete(self, org_id: str, platform: str) -> None:
        self.before("delete")
        self.kept.pop((org_id, platform), None)


class Vendor:
    """Says ``verdict`` to credentials, ``granted`` to codes and ``renewed`` to tokens that end."""

    def __init__(self) -> None:
        self.verdict: Verdict = Passed("Acme Inc")
        self.granted: Granted | Refused | Unreachable = Granted(Tokens("access-1"))
        self.renewed: Tokens | Refused | Unreachable = Tokens("access-2")
        self.asked: list[Secrets] = []
        self.exchanged: list[tuple[str, str, str]] = []
        self.given_back: list[tuple[Secrets, bool]] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def check(self, platform: Platform, secrets: Secrets) -> Verdict:
        self.asked.append(secrets)
        self.meanwhile()
        return self.verdict

    def exchange(
        self, platform: Platform, secrets: Secrets, code: str, verifier: str, redirect_uri: str
    ) -> Granted | Refused | Unreachable:
        self.exchanged.append((code, verifier, redirect_uri))
        return self.granted

    def refresh(self, platform: Platform, secrets: Secrets) -> Tokens | Refused | Unreachable:
        self.meanwhile()
        return self.renewed

    def revoke(self, platform: Platform, secrets: Secrets, end_consent: bool) -> str:
        self.meanwhile()
        self.given_back.append((secrets, end_consent))
        return "revoked"


@dataclass
class Deployed:
    """The deployment's own channels."""

    name: str | None = None
    shared: list[Outlet] = field(default_factory=list)

    def platform(self) -> str | None:
        return self.name

    def outlets(self, channel: str) -> list[Outlet]:
        return self.shared


@dataclass
class Members:
    """Everybody's role."""

    role: Role | None = Role.ADMIN

    def role_in(self, user_id: str, org_id: str) -> Role | None:
        return self.role


@dataclass
class Integrations:
    """The services over a table in memory."""

    clock: Clock = field(default_factory=Clock)
    table: TableInMemory = field(default_factory=TableInMemory)
    vault: VaultInMemory = field(default_factory=VaultInMemory)
    vendor: Vendor = field(default_factory=Vendor)
    deployed: Deployed = field(default_factory=Deployed)
    members: Members = field(default_factory=Members)

    def __post_init__(self) -> None:
        self.store = ConnectionTable(self.table)
        self.service = ConnectionService(self.store, self.vault, self.vendor, self.vendor, self.deployed, self.clock)
        self.consents = AuthorizationService(
            self.store,
            self.vault,
            AuthorizationTable(self.table),
            self.members,
            self.vendor,
            lambda: KEY,
            self.clock,
        )

    def connect(self, platform: str = "sendgrid", **credentials: str) -> None:
        given = credentials or ({"apiKey": SENDGRID_KEY} if platform == "sendgrid" else APP)
        self.service.connect(ORG, "u-owner", platform, given)

    def secrets(self, platform: str = "sendgrid") -> Secrets:
        """Those that hold."""
        connection = self.store.get(ORG, platform)
        assert connection is not None
        return self.vault.get(ORG, platform, connection.secret_version)
