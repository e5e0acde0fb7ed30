"""Signing up is two writes in two systems: whatever gets lost between them is made good by the next step."""

from datetime import UTC, datetime

import pytest

from clarion.domain.account import Account, Tokens
from clarion.domain.errors import Conflict, DomainError
from clarion.domain.ids import derived_id
from clarion.services.sign_in import SignInService
from clarion.storage.organisations import OrganisationTable
from tests.fakes.table import TableInMemory

EMAIL, PASSWORD = "ann@example.com", "Correct-Horse-7"
ORGANISATION = derived_id("organisation", "user of ann@example.com")


class AccountsInMemory:
    """A user pool."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}

    def sign_up(self, email: str, password: str, organisation: str) -> tuple[str, str]:
        if email in self.accounts:
            raise Conflict("taken", "body.email")
        self.accounts[email] = Account(f"user of {email}", email, organisation, confirmed=False)
        return f"user of {email}", "a***"

    def remove_unconfirmed(self, email: str) -> None:
        del self.accounts[email]

    def confirm(self, email: str, code: str) -> None:
        self.accounts[email] = self.accounts[email]._replace(confirmed=True)

    def log_in(self, email: str, password: str) -> Tokens:
        return Tokens("access", "id", "refresh", 3600, "Bearer")

    def refresh(self, refresh_token: str) -> Tokens:
        raise NotImplementedError

    def end_session(self, refresh_token: str) -> None:
        raise NotImplementedError

    def end_all_sessions(self, access_token: str) -> None:
        raise NotImplementedError

    def find(self, email: str) -> Account | None:
        return self.accounts.get(email)


class BrokenTable(TableInMemory):
    """Loses its first transaction."""

    lost = False

    def transact(self, actions: list[dict[str, object]]) -> None:  # type: ignore[override]
        if not self.lost:
            self.lost = True
            raise ConnectionError("the function died")
        super().transact(actions)


@pytest.fixture
def accounts() -> AccountsInMemory:
    return AccountsInMemory()


@pytest.fixture
def table() -> TableInMemory:
    return BrokenTable()


@pytest.fixture
def service(accounts: AccountsInMemory, table: TableInMemory) -> SignInService:
    """Its first sign-up made the account and died before it made the organisation."""
    service = SignInService(accounts, OrganisationTable(table), lambda: datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(ConnectionError):
        service.sign_up(EMAIL, PASSWORD, "Acme")
    assert table.items == {}
    return service


def organisation(table: TableInMemory) -> tuple[str, str | None]:
    stored = OrganisationTable(table)
    return stored.get(ORGANISATION).name, stored.role_in(f"user of {EMAIL}", ORGANISATION)


def test_signing_up_again_starts_anew_and_makes_the_organisation(service: SignInService, table: TableInMemory) -> None:
    service.sign_up(EMAIL, PASSWORD, "Another name")
    assert organisation(table) == ("Another name", "owner")


def test_signing_up_again_once_confirmed_is_refused_and_makes_the_organisation(
    service: SignInService, table: TableInMemory
) -> None:
    service._accounts.confirm(EMAIL, "123456")
    with pytest.raises(Conflict):
        service.sign_up(EMAIL, PASSWORD, "Another name")
    assert organisation(table) == ("Acme", "owner")


def test_confirming_makes_the_organisation(service: SignInService, table: TableInMemory) -> None:
    service.confirm(EMAIL, "123456")
    assert organisation(table) == ("Acme", "owner")


def test_logging_in_makes_the_organisation_once(service: SignInService, table: TableInMemory) -> None:
    service.log_in(EMAIL, PASSWORD)
    service.log_in(EMAIL, PASSWORD)
    assert organisation(table) == ("Acme", "owner")
    assert len(table.items) == 3


def test_who_was_invited_and_named_no_organisation_gets_none(
    service: SignInService, accounts: AccountsInMemory, table: TableInMemory
) -> None:
    accounts.accounts[EMAIL] = Account("u", EMAIL, "", confirmed=True)
    service.log_in(EMAIL, PASSWORD)
    assert table.items == {}


def test_a_failed_confirmation_makes_nothing(
    service: SignInService, accounts: AccountsInMemory, table: TableInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(email: str, code: str) -> None:
        raise DomainError("wrong code")

    monkeypatch.setattr(accounts, "confirm", refuse)
    with pytest.raises(DomainError):
        service.confirm(EMAIL, "0")
    assert table.items == {}
