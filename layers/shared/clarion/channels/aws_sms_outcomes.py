"""What AWS End User Messaging SMS answers, as our outcomes (error and reason names: botocore's model).

A refusal that depends on the recipient or its country is a `Rejected`, though the owner could mend some of them (a
country that is not enabled): one reader there must not hold up all the others.
"""

from typing import Any

from botocore.exceptions import ClientError

from clarion.channels.aws_failures import asked_pause, of_no_answer
from clarion.domain.outcomes import Outcome, Rejected, Retry, Stop, Unknown
from clarion.domain.phones import without_numbers
from clarion.domain.text_message import OPTED_OUT

_SERVICE = "AWS End User Messaging"
_OPTED_OUT = "DESTINATION_PHONE_NUMBER_OPTED_OUT"
_OF_THE_RECIPIENT = {
    "COUNTRY_CODE_MISMATCH",
    "COUNTRY_NOT_ENABLED",
    "DESTINATION_COUNTRY_BLOCKED",
    "DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION",
    "DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE",
    "INTERNATIONAL_SENDING_NOT_SUPPORTED",
    "INVALID_IDENTITY_FOR_DESTINATION_COUNTRY",
    "PRICE_OVER_THRESHOLD",
    "SENDER_ID_NOT_REGISTERED",
    "SENDER_ID_NOT_SUPPORTED",
    "SENDER_ID_REQUIRES_REGISTRATION",
}
_OF_A_FIELD = {"CANNOT_PARSE", "FIELD_VALIDATION_FAILED", "INVALID_PARAMETER", "INVALID_REQUEST"}
_FIELDS_OF_THE_MESSAGE = {"destinationphonenumber", "messagebody"}


def of_error(error: Exception) -> Outcome:
    """What a call that raised one of `aws_failures.CallFailed` has proven."""
    if not isinstance(error, ClientError):
        return of_no_answer(error, _SERVICE)
    answer: Any = error.response
    name = str(answer.get("Error", {}).get("Code", ""))
    status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    code = str(answer.get("Reason") or name)
    text = without_numbers(str(answer.get("Error", {}).get("Message") or code))[:300]
    if status >= 500 or status < 400:
        return Unknown(f"{_SERVICE} answered {status}")
    if name == "ThrottlingException" or status == 429:
        return Retry(asked_pause(error), text, throttled=True)
    if status == 408:
        return Retry(None, f"{_SERVICE} did not receive the whole request")
    if code == _OPTED_OUT:
        return Rejected(OPTED_OUT, text)
    if code in _OF_THE_RECIPIENT or (code in _OF_A_FIELD and _about_the_message(answer.get("Fields"))):
        return Rejected(code, text)
    return Stop(code, text)


def _about_the_message(fields: Any) -> bool:
    """Whether the fields AWS complains of are this message's own; where it names none, the sender's are not at fault:
    they are checked by reasons of their own."""
    names = {str(field.get("Name", "")).lower() for field in fields or [] if isinstance(field, dict)}
    return names <= _FIELDS_OF_THE_MESSAGE
