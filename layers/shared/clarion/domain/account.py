"""A person's account with the user pool, and the tokens of a session."""

from typing import NamedTuple


class Account(NamedTuple):
    """``user_id`` is the pool's ``sub``; ``organisation`` the name given at sign-up, empty for invited people."""

    user_id: str
    email: str
    organisation: str
    confirmed: bool


class Tokens(NamedTuple):
    """What a session is made of; ``expires_in`` are seconds. A renewed session keeps its refresh token."""

    access_token: str
    id_token: str
    refresh_token: str
    expires_in: int
    token_type: str


class SignedUp(NamedTuple):
    """``code_sent_to`` is masked, and empty where no code is needed."""

    user_id: str
    organisation_id: str
    code_sent_to: str
