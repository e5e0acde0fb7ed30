"""Accounts and sessions in a Cognito user pool; its errors as ours.

Errors: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html#API_InitiateAuth_Errors
and the same section of the other operations.
"""

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from clarion.domain.account import Account, Tokens
from clarion.domain.errors import Conflict, DomainError, Invalid, RuleBroken, TooMany, Unauthenticated

_ORGANISATION = "custom:organisation"
_Mapping = Mapping[str, Callable[[str], DomainError]]


def _field(name: str, message: str) -> DomainError:
    return Invalid([{"field": name, "message": message}])


def _wrong_code(_: str) -> DomainError:
    return _field("body.code", "the code is wrong or has expired")


def _wrong_login(_: str) -> DomainError:
    return Unauthenticated("wrong e-mail address or password")


def _ended_session(_: str) -> DomainError:
    return Unauthenticated("the session has ended: log in again")


def _refused_password(reason: str) -> DomainError:
    return _field("body.password", reason)


def _too_many(_: str) -> DomainError:
    return TooMany("too many attempts: wait a while, then try again")


_ALWAYS: _Mapping = {
    "LimitExceededException": _too_many,
    "TooManyRequestsException": _too_many,
    "TooManyFailedAttemptsException": _too_many,
}
_SIGN_UP: _Mapping = {
    "UsernameExistsException": lambda _: Conflict("there is an account with this e-mail address", "body.email"),
    "InvalidPasswordException": _refused_password,
    "InvalidParameterException": _refused_password,  # all else that is sent was checked before
    "CodeDeliveryFailureException": lambda _: RuleBroken("no code could be sent to this address", "body.email"),
}
_CONFIRM: _Mapping = dict.fromkeys(
    # Unknown, and confirmed before, look like a wrong code: who has an account is nobody's business.
    (
        "CodeMismatchException",
        "ExpiredCodeException",
        "InvalidParameterException",
        "NotAuthorizedException",
        "UserNotFoundException",
    ),
    _wrong_code,
)
_LOG_IN: _Mapping = {
    "NotAuthorizedException": _wrong_login,
    "UserNotFoundException": _wrong_login,
    "InvalidParameterException": _wrong_login,
    "UserNotConfirmedException": lambda _: RuleBroken(
        "confirm your e-mail address first, with the code that was sent to it", "body.email"
    ),
    "PasswordResetRequiredException": lambda _: RuleBroken("reset your password first", "body.password"),
}
_SESSION: _Mapping = dict.fromkeys(
    (
        "NotAuthorizedException",
        "UserNotFoundException",
        "InvalidParameterException",
        "UnauthorizedException",
        "UnsupportedTokenTypeException",
    ),
    _ended_session,
)


class CognitoAccounts:
    """``client`` is a botocore ``cognito-idp`` client; pool and app client are the stack's."""

    def __init__(self, client: Any, pool_id: str, client_id: str) -> None:
        self._client, self._pool_id, self._client_id = client, pool_id, client_id

    def sign_up(self, email: str, password: str, organisation: str) -> tuple[str, str]:
        """The new user's id, and where the code went (masked; empty where no code is needed)."""
        answer = self._call(
            "sign_up",
            _SIGN_UP,
            ClientId=self._client_id,
            Username=email,
            Password=password,
            UserAttributes=[{"Name": "email", "Value": email}, {"Name": _ORGANISATION, "Value": organisation}],
        )
        return answer["UserSub"], answer.get("CodeDeliveryDetails", {}).get("Destination", "")

    def remove_unconfirmed(self, email: str) -> None:
        """Forget an account whose address nobody ever proved to be theirs; one that was confirmed meanwhile stays."""
        account = self.find(email)
        if account and not account.confirmed:
            self._call("admin_delete_user", _SIGN_UP, UserPoolId=self._pool_id, Username=email)

    def confirm(self, email: str, code: str) -> None:
        """The code proves that the address is theirs."""
        self._call("confirm_sign_up", _CONFIRM, ClientId=self._client_id, Username=email, ConfirmationCode=code)

    def log_in(self, email: str, password: str) -> Tokens:
        """A new session."""
        parameters = {"USERNAME": email, "PASSWORD": password}
        return self._tokens(self._authenticate("USER_PASSWORD_AUTH", parameters, _LOG_IN), "")

    def refresh(self, refresh_token: str) -> Tokens:
        """The session with fresh tokens."""
        answer = self._authenticate("REFRESH_TOKEN_AUTH", {"REFRESH_TOKEN": refresh_token}, _SESSION)
        return self._tokens(answer, refresh_token)

    def end_session(self, refresh_token: str) -> None:
        """No token comes from this refresh token any more; ending it twice is no error."""
        self._call("revoke_token", _SESSION, ClientId=self._client_id, Token=refresh_token)

    def end_all_sessions(self, access_token: str) -> None:
        """No refresh token of the user works any more."""
        self._call("global_sign_out", _SESSION, AccessToken=access_token)

    def find(self, email: str) -> Account | None:
        """The account with that address."""
        try:
            user = self._client.admin_get_user(UserPoolId=self._pool_id, Username=email)
        except ClientError as error:
            if error.response["Error"]["Code"] == "UserNotFoundException":
                return None
            raise _ours(error, {}) from None
        attributes = {each["Name"]: each["Value"] for each in user["UserAttributes"]}
        return Account(
            user_id=attributes["sub"],
            email=attributes.get("email", email),
            organisation=attributes.get(_ORGANISATION, ""),
            confirmed=user["UserStatus"] != "UNCONFIRMED",
        )

    def _authenticate(self, flow: str, parameters: Mapping[str, str], errors: _Mapping) -> Mapping[str, Any]:
        return self._call(
            "initiate_auth", errors, ClientId=self._client_id, AuthFlow=flow, AuthParameters=dict(parameters)
        )

    def _call(self, operation: str, errors: _Mapping, **request: Any) -> Mapping[str, Any]:
        try:
            answer: Mapping[str, Any] = getattr(self._client, operation)(**request)
        except ClientError as error:
            raise _ours(error, errors) from None
        return answer

    def _tokens(self, answer: Mapping[str, Any], refresh_token: str) -> Tokens:
        result = answer.get("AuthenticationResult")
        if result is None:
            raise RuleBroken(f"this account asks for a further step to log in: {answer['ChallengeName']}")
        return Tokens(
            access_token=result["AccessToken"],
            id_token=result["IdToken"],
            refresh_token=result.get("RefreshToken", refresh_token),
            expires_in=result["ExpiresIn"],
            token_type=result["TokenType"],
        )


def _ours(error: ClientError, errors: _Mapping) -> Exception:
    """Cognito's error as one of ours; what is not the caller's doing stays as it is."""
    code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    known = {**_ALWAYS, **errors}.get(code)
    return known(message) if known else error
