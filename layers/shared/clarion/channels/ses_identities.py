"""What the deployment's SES account says of the domains it sends for (GetEmailIdentity)."""

from collections.abc import Collection
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from clarion.domain.sending_identity import SendingIdentity


class SesIdentities:
    """``client`` is a botocore SES v2 client. Only of ``domains`` and what is below them SES is asked: the account is
    shared, and what else is in it concerns nobody here."""

    def __init__(self, client: Any, domains: Collection[str]) -> None:
        self._client, self._domains = client, domains

    def of(self, domain: str) -> SendingIdentity | None:
        """None where SES has no such identity, may not be asked, or does not answer: what is known does without."""
        if not any(domain == allowed or domain.endswith(f".{allowed}") for allowed in self._domains):
            return None
        try:
            answer = self._client.get_email_identity(EmailIdentity=domain)
        except (BotoCoreError, ClientError):
            return None
        signing = answer.get("DkimAttributes", {})
        path = answer.get("MailFromAttributes", {})
        status = signing.get("Status", "NOT_STARTED")
        enabled = signing.get("SigningEnabled", False)
        return SendingIdentity(
            selectors=tuple(signing.get("Tokens", ())),
            signs=enabled and status == "SUCCESS",
            signing=status if enabled else "signing is switched off",
            mail_from=path.get("MailFromDomain", "") if path.get("MailFromDomainStatus") == "SUCCESS" else "",
        )
