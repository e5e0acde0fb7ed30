"""Signing up and in. Each step makes sure that the person's organisation exists, so that none is left half done."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from clarion.domain.access import Role
from clarion.domain.account import Account, SignedUp, Tokens
from clarion.domain.errors import Conflict
from clarion.domain.ids import derived_id
from clarion.domain.organisation import Member, Organisation


class Accounts(Protocol):
    """The user pool."""

    def sign_up(self, email: str, password: str, organisation: str) -> tuple[str, str]: ...
    def remove_unconfirmed(self, email: str) -> None: ...
    def confirm(self, email: str, code: str) -> None: ...
    def log_in(self, email: str, password: str) -> Tokens: ...
    def refresh(self, refresh_token: str) -> Tokens: ...
    def end_session(self, refresh_token: str) -> None: ...
    def end_all_sessions(self, access_token: str) -> None: ...
    def find(self, email: str) -> Account | None: ...


class Founding(Protocol):
    """Where organisations begin."""

    def found(self, organisation: Organisation, owner: Member) -> None:
        """Keep both; an organisation that exists is left as it is."""


class SignInService:
    """E-mail addresses come normalised. Raises what ``clarion.channels.cognito`` names."""

    def __init__(self, accounts: Accounts, organisations: Founding, clock: Callable[[], datetime]) -> None:
        self._accounts, self._organisations, self._clock = accounts, organisations, clock

    def sign_up(self, email: str, password: str, organisation: str) -> SignedUp:
        """A new account and its organisation; Conflict where a confirmed account has the address.

        An account that was never confirmed makes way: whoever signed up with somebody else's address would otherwise
        have chosen the password that its owner then confirms.
        """
        try:
            user_id, code_sent_to = self._accounts.sign_up(email, password, organisation)
        except Conflict:
            account = self._accounts.find(email)
            if account is None or account.confirmed:
                self._ensure_organisation(email)
                raise
            self._accounts.remove_unconfirmed(email)
            user_id, code_sent_to = self._accounts.sign_up(email, password, organisation)
        org_id = self._found(Account(user_id, email, organisation, confirmed=False))
        return SignedUp(user_id, org_id, code_sent_to)

    def confirm(self, email: str, code: str) -> None:
        """The address is theirs."""
        self._accounts.confirm(email, code)
        self._ensure_organisation(email)

    def log_in(self, email: str, password: str) -> Tokens:
        """A session."""
        tokens = self._accounts.log_in(email, password)
        self._ensure_organisation(email)
        return tokens

    def refresh(self, refresh_token: str) -> Tokens:
        """The session with fresh tokens."""
        return self._accounts.refresh(refresh_token)

    def log_out(self, access_token: str, refresh_token: str | None) -> None:
        """End the refresh token's session, or without one all sessions of the user."""
        if refresh_token is None:
            self._accounts.end_all_sessions(access_token)
        else:
            self._accounts.end_session(refresh_token)

    def _ensure_organisation(self, email: str) -> Account | None:
        account = self._accounts.find(email)
        if account and account.organisation:
            self._found(account)
        return account

    def _found(self, account: Account) -> str:
        org_id, now = derived_id("organisation", account.user_id), self._clock()
        self._organisations.found(
            Organisation(id=org_id, name=account.organisation, created_at=now),
            Member(
                user_id=account.user_id,
                org_id=org_id,
                organisation=account.organisation,
                role=Role.OWNER,
                email=account.email,
                joined_at=now,
            ),
        )
        return org_id
