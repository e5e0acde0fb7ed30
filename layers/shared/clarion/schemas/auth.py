"""Signing up and in, as the API speaks of it."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from clarion.domain.account import SignedUp, Tokens
from clarion.domain.addresses import normalise_email
from clarion.domain.model import Model
from clarion.domain.organisation import NAME_LENGTH

EmailText = Annotated[
    str, Field(max_length=320, json_schema_extra={"format": "email"}), AfterValidator(normalise_email)
]
PasswordText = Annotated[SecretStr, Field(min_length=1, max_length=256)]
TokenText = Annotated[SecretStr, Field(min_length=1, max_length=8192)]
OrganisationName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME_LENGTH)]


class SignUpRequest(Model):
    """The organisation is created with the account, which owns it."""

    email: EmailText
    password: PasswordText
    organisation_name: OrganisationName


class SignedUpView(Model):
    """``confirmation`` says where the code went."""

    user_id: str
    organisation_id: str
    confirmation: str

    @classmethod
    def of(cls, signed_up: SignedUp) -> Self:
        sent_to = signed_up.code_sent_to
        return cls(
            user_id=signed_up.user_id,
            organisation_id=signed_up.organisation_id,
            confirmation=f"code sent to {sent_to}" if sent_to else "not needed",
        )


class ConfirmRequest(Model):
    """``code`` was sent by e-mail."""

    email: EmailText
    code: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]


class LogInRequest(Model):
    """The password is the user pool's to check; it is kept nowhere."""

    email: EmailText
    password: PasswordText


class RefreshRequest(Model):
    """The refresh token of the session."""

    refresh_token: TokenText


class LogOutRequest(Model):
    """Without a refresh token all sessions of the user end."""

    refresh_token: TokenText | None = None


class SessionView(Model):
    """Send the access token as ``Authorization: Bearer …``; it lasts ``expiresIn`` seconds."""

    access_token: str
    id_token: str
    refresh_token: str
    expires_in: int
    token_type: str

    @classmethod
    def of(cls, tokens: Tokens) -> Self:
        return cls(**tokens._asdict())
