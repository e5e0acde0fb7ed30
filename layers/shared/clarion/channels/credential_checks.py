"""Whether credentials are good, found out by a call that changes nothing, one per vendor."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

from clarion.channels import sendgrid
from clarion.channels.aws_checks import check_ses, check_sms
from clarion.channels.http import Answer, HttpClient
from clarion.channels.mailgun import EU as MAILGUN_EU
from clarion.channels.mailgun import US as MAILGUN_US
from clarion.channels.oauth import TokenEndpoints
from clarion.channels.origins import Origins
from clarion.channels.profiles import ProfileList
from clarion.channels.smtp_check import check_smtp
from clarion.domain.connection import Granted, Passed, Refused, Secrets, Unreachable, Verdict
from clarion.domain.outcomes import Retry, Unknown
from clarion.domain.platform import Platform

AwsClients = Callable[[str, Mapping[str, str]], Any]
"""A botocore client by service and credentials."""


class CredentialChecks:
    """``redirect_uri`` is our page for a platform, by its id."""

    def __init__(
        self,
        origins: Origins,
        endpoints: TokenEndpoints,
        profiles: ProfileList,
        aws: AwsClients,
        redirect_uri: Callable[[str], str],
    ) -> None:
        self._origins, self._endpoints, self._profiles = origins, endpoints, profiles
        self._aws, self._redirect_uri = aws, redirect_uri

    def check(self, platform: Platform, secrets: Secrets) -> Verdict:
        """Never raises for what the vendor does. Where members consent: of the tokens, if there are any, else of the
        app's credentials."""
        given = secrets.credentials
        try:
            match platform.id:
                case "ses":
                    return check_ses(self._aws("sesv2", given), given)
                case "aws-sms":
                    return check_sms(self._aws("pinpoint-sms-voice-v2", given), given)
                case "smtp":
                    return check_smtp(given, private=self._origins.private_mail_servers)
                case "sendgrid":
                    return self._sendgrid(given)
                case "mailgun":
                    return self._mailgun(given)
                case "twilio":
                    return self._twilio(platform, given)
            if secrets.tokens is None:
                fault = self._endpoints.app_fault(platform, given, self._redirect_uri(platform.id))
                return fault or Passed()
            found = self._profiles.of(platform, given, secrets.tokens)
        except ValueError as error:  # of the client: credentials that no header can carry
            return Refused("", str(error))
        return Passed(found.account) if isinstance(found, Granted) else found

    def _sendgrid(self, given: Mapping[str, str]) -> Verdict:
        key = given["apiKey"]
        base = self._origins.of("sendgrid", mail_origin("sendgrid", given))
        answer = _get(base, "/v3/scopes", f"Bearer {key}", [key])
        if not isinstance(answer, Answer) or answer.status != 200:
            return _verdict(answer, {401: "apiKey", 403: "apiKey"})
        scopes = _told(answer).get("scopes") or []
        return Passed() if "mail.send" in scopes else Refused("apiKey", "the key lacks the permission Mail Send")

    def _mailgun(self, given: Mapping[str, str]) -> Verdict:
        key, domain = given["apiKey"], given["domain"]
        base = self._origins.of("mailgun", mail_origin("mailgun", given))
        basic = _basic("api", key)
        answer = _get(base, f"/v3/domains/{domain}", f"Basic {basic}", [key, basic])
        if not isinstance(answer, Answer) or answer.status != 200:
            return _verdict(answer, {401: "apiKey", 403: "apiKey", 404: "domain"})
        state = (_told(answer).get("domain") or {}).get("state")
        return Passed(domain) if state == "active" else Refused("domain", f"the domain is {state}, not active")

    def _twilio(self, platform: Platform, given: Mapping[str, str]) -> Verdict:
        sid, token = given["accountSid"], given["authToken"]
        basic = _basic(sid, token)
        base = self._origins.of("twilio", platform.api)
        answer = _get(base, f"/2010-04-01/Accounts/{sid}.json", f"Basic {basic}", [token, basic])
        if not isinstance(answer, Answer) or answer.status != 200:
            return _verdict(answer, {401: "authToken", 403: "authToken", 404: "accountSid"})
        account = _told(answer)
        if account.get("status") != "active":
            return Refused("accountSid", f"the account is {account.get('status')}, not active")
        return Passed(str(account.get("friendly_name") or ""))


def mail_origin(platform: str, given: Mapping[str, str]) -> str:
    """The published origin of the data region that was chosen."""
    european = given.get("region") == "eu"
    if platform == "sendgrid":
        return sendgrid.EU if european else sendgrid.GLOBAL
    return MAILGUN_EU if european else MAILGUN_US


def _get(base: str, path: str, authorization: str, secrets: list[str]) -> Answer | Retry | Unknown:
    client = HttpClient(base, headers={"Authorization": authorization}, secrets=secrets, connections=1)
    return client.request("GET", path)


def _told(answer: Answer) -> Mapping[str, Any]:
    """The answer's object; empty where it is none."""
    found = answer.json()
    return found if isinstance(found, dict) else {}


def _basic(user: str, password: str) -> str:
    return b64encode(f"{user}:{password}".encode()).decode()


def _verdict(answer: Answer | Retry | Unknown, blamed: Mapping[int, str]) -> Refused | Unreachable:
    """``blamed`` has the credential at fault by status."""
    if isinstance(answer, Retry | Unknown):
        return Unreachable(answer.reason)
    if answer.status not in blamed:
        return Unreachable(f"the vendor answered {answer.status}")
    told = _told(answer)
    errors = told.get("errors")
    listed = errors[0].get("message") if isinstance(errors, list) and errors and isinstance(errors[0], dict) else None
    return Refused(blamed[answer.status], answer.words(told.get("message") or listed or f"it answered {answer.status}"))
