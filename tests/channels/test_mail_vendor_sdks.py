"""The vendors' own SDKs send the same mail: their requests keep to the same contract and say the same as ours."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from mailgun.client import Client
from sendgrid import SendGridAPIClient
from sendgrid.helpers import mail as sdk

from clarion.channels import mime
from clarion.channels.mailgun import MailgunChannel
from clarion.channels.sendgrid import SendGridChannel
from clarion.domain.mail import Mail, MailChannel
from tests.channels.mails import a_mail
from tests.contract_servers.documents import Contract
from tests.contract_servers.mail_vendors import mailgun, sendgrid
from tests.contract_servers.server import ContractServer, Received

KEY = "SG.key-of-acme"
DOMAIN = "mg.acme.example"
NOW = datetime(2026, 11, 21, 9, 0, 5, tzinfo=UTC)
MAIL = a_mail(subject="Grüße 🎈", html="<p>Grüße & 100 %</p>")


def by_sendgrids_sdk(mail: Mail, url: str) -> None:
    message = sdk.Mail(subject=mail.subject)
    message.from_email = sdk.Email(mail.sender.address, mail.sender.name)
    message.reply_to = sdk.ReplyTo(mail.reply_to)
    person = sdk.Personalization()
    person.add_to(sdk.To(mail.to))
    for name, value in mail.message_tags.items():
        person.add_custom_arg(sdk.CustomArg(name, value))
    message.add_personalization(person)
    message.content = [sdk.Content("text/plain", mail.text), sdk.Content("text/html", mail.html)]
    for name, value in [("Message-ID", mail.message_id), *mail.bulk_headers()]:
        message.add_header(sdk.Header(name, value))
    message.tracking_settings = sdk.TrackingSettings(
        click_tracking=sdk.ClickTracking(enable=False, enable_text=False),
        open_tracking=sdk.OpenTracking(enable=False),
        subscription_tracking=sdk.SubscriptionTracking(enable=False),
        ganalytics=sdk.Ganalytics(enable=False),
    )
    assert SendGridAPIClient(KEY, host=url).send(message).status_code == 202


def by_mailguns_sdk(mail: Mail, url: str) -> None:
    variables = {f"v:{name}": value for name, value in mail.message_tags.items()}
    untracked = {"o:tracking": "no", "o:tracking-clicks": "no", "o:tracking-opens": "no"}
    with Client(auth=("api", KEY), api_url=url) as client:
        answer = client.mimemessage.create(
            data={"to": mail.to, **untracked, **variables},
            files={"message": ("message.mime", mime.build(mail, NOW))},
            domain=DOMAIN,
        )
    assert answer.status_code == 200


VENDORS: dict[str, tuple[Callable[[], Contract], Callable[[Mail, str], None], Callable[[str], MailChannel]]] = {
    "sendgrid": (sendgrid, by_sendgrids_sdk, lambda url: SendGridChannel(KEY, url)),
    "mailgun": (mailgun, by_mailguns_sdk, lambda url: MailgunChannel(KEY, DOMAIN, url, now=NOW.timestamp)),
}


def essence(request: Received) -> tuple[Any, ...]:
    return request.method, request.path, request.headers["Authorization"], request.body


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_vendors_sdk_and_our_adapter_say_the_same(vendor):
    contract, by_sdk, ours = VENDORS[vendor]
    with ContractServer(contract()) as server:
        by_sdk(MAIL, server.url)
        ours(server.url).send([MAIL])
        assert server.problems == []
    theirs, mine = server.received
    assert essence(theirs) == essence(mine)
