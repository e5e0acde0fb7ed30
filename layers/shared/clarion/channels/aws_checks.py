"""Whether an organisation's AWS credentials may send, asked by reading the account's state."""

from collections.abc import Callable, Mapping
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import get_session

from clarion.channels.aws_failures import CallFailed, of_no_answer
from clarion.domain.connection import Passed, Refused, Unreachable, Verdict
from clarion.domain.outcomes import Stop

_WRONG_KEY = {"UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", "AuthFailure"}
_WRONG_SECRET = {"InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignature"}


def client_of(service: str, given: Mapping[str, str]) -> Any:
    """A botocore client with the organisation's own credentials, for several threads; it sends each request once."""
    config = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 1})
    return get_session().create_client(
        service,
        region_name=given["region"],
        aws_access_key_id=given["accessKeyId"],
        aws_secret_access_key=given["secretAccessKey"],
        config=config,
    )


def check_ses(client: Any, given: Mapping[str, str]) -> Verdict:
    """GetAccount; a paused account is refused, one in the sandbox is named so."""
    account = _asked(client.get_account)
    if not isinstance(account, dict):
        return account
    if not account.get("SendingEnabled", True):
        return Refused("accessKeyId", "Amazon SES has paused sending for this account")
    return Passed(given["region"] + ("" if account.get("ProductionAccessEnabled") else " (sandbox)"))


def check_sms(client: Any, given: Mapping[str, str]) -> Verdict:
    """DescribeAccountAttributes."""
    found = _asked(client.describe_account_attributes)
    if not isinstance(found, dict):
        return found
    attributes = {each.get("Name"): each.get("Value") for each in found.get("AccountAttributes", [])}
    return Passed(given["region"] + (" (sandbox)" if attributes.get("ACCOUNT_TIER") == "SANDBOX" else ""))


def _asked(call: Callable[[], dict[str, Any]]) -> dict[str, Any] | Refused | Unreachable:
    try:
        return call()
    except CallFailed as error:
        if isinstance(error, ClientError):
            return _refusal(error)
        outcome = of_no_answer(error, "AWS")
        if isinstance(outcome, Stop):
            return Refused("region", "AWS has no such region for this service")
        return Unreachable(getattr(outcome, "reason", "no answer"))


def _refusal(error: ClientError) -> Refused | Unreachable:
    code = str(error.response["Error"]["Code"])
    if code in _WRONG_KEY:
        return Refused("accessKeyId", "AWS does not know this access key")
    if code in _WRONG_SECRET:
        return Refused("secretAccessKey", "it does not belong to this access key")
    if code.startswith("AccessDenied"):
        return Refused("accessKeyId", f"the key lacks the permission for {error.operation_name}")
    return Unreachable(f"AWS answered {code}")
