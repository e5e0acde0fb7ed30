"""Every vendor that is spoken to by HTTP, at its contract server: one e-mail, text, post or advertisement for each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clarion.channels.facebook_page import FacebookPageChannel
from clarion.channels.google_ads import GoogleAds
from clarion.channels.google_ads_client import GoogleAdsClient
from clarion.channels.graph import Graph
from clarion.channels.instagram import InstagramChannel
from clarion.channels.linkedin import LinkedInChannel
from clarion.channels.mailgun import MailgunChannel
from clarion.channels.meta_ads import MetaAds
from clarion.channels.sendgrid import SendGridChannel
from clarion.channels.twilio import TwilioChannel
from clarion.channels.x import XChannel
from clarion.channels.x_client import XClient
from clarion.domain.mail import MailChannel
from clarion.domain.outcomes import Outcome
from clarion.domain.text_message import TextChannel
from tests.channels.adverts import an_advert
from tests.channels.mails import a_mail
from tests.channels.posts import DraftsInMemory, a_post, an_image
from tests.channels.texts import a_text
from tests.contract_servers.dialogue import Answers, Dialogue
from tests.contract_servers.documents import Contract
from tests.contract_servers.google import GoogleAdsServer
from tests.contract_servers.mail_vendors import mailgun, sendgrid
from tests.contract_servers.meta import facebook_page, instagram, meta_ads
from tests.contract_servers.server import Reply
from tests.contract_servers.social_vendors import linkedin, x
from tests.contract_servers.text_vendors import twilio

NOW = 1_795_269_600.0  # 2026-11-21T14:00:00Z
SECRET = "very-secret-credential"

PAGE, IG_ACCOUNT, COMPANY = "1067280970047460", "17841405822304914", "urn:li:organization:2414183"
TWILIO_ACCOUNT = "AC" + "a" * 32
CUSTOMER = "/v25/customers/1234567890"
SEARCH = f"POST {CUSTOMER}/googleAds:searchStream"

_NONE = Reply(200, body={"data": []})


@dataclass(frozen=True)
class HttpVendor:
    """``act`` sends, publishes or makes one thing at a URL, with so many seconds of patience for each answer; ``call``
    is the operation that does it, ``answers`` what goes well. ``looks_first`` of those whose attempt begins by looking
    for what an earlier one made, ``found`` then being the answers that show it."""

    serve: Callable[[Answers], Dialogue]
    call: str
    answers: Mapping[str, Reply | Sequence[Reply]]
    act: Callable[[str, float], Outcome]
    found: Mapping[str, Reply | Sequence[Reply]] | None = None

    @property
    def looks_first(self) -> bool:
        return self.found is not None

    def server(self, changes: Answers | None = None) -> Dialogue:
        """Where everything goes well but ``changes``."""
        return self.serve({**self.answers, **(changes or {})})


def mail_channel_of_sendgrid(url: str, seconds: float = 10) -> MailChannel:
    return SendGridChannel(SECRET, url, read_seconds=seconds, now=lambda: NOW)


def mail_channel_of_mailgun(url: str, seconds: float = 10) -> MailChannel:
    return MailgunChannel(SECRET, "mg.acme.example", url, read_seconds=seconds, now=lambda: NOW)


def text_channel_of_twilio(url: str, seconds: float = 10) -> TextChannel:
    callback = "https://hooks.acme.example/webhooks/twilio"
    return TwilioChannel(TWILIO_ACCOUNT, TWILIO_ACCOUNT, SECRET, callback, url, read_seconds=seconds, now=lambda: NOW)


def graph(url: str, seconds: float = 10) -> Graph:
    return Graph(SECRET, "app-secret", url, read_seconds=seconds, now=lambda: NOW)


def google(url: str, seconds: float = 10) -> GoogleAdsClient:
    return GoogleAdsClient(
        SECRET, "developer-token", "1234567890", "1112223334", url, read_seconds=seconds, now=lambda: NOW
    )


def rows(*found: dict[str, Any]) -> Reply:
    """An answer of Google to a query."""
    return Reply(200, body=[{"results": list(found)}] if found else [])


def _on(contract: Callable[[], Contract]) -> Callable[[Answers], Dialogue]:
    return lambda answers: Dialogue(contract(), answers)


def _mail(channel: Callable[[str, float], MailChannel]) -> Callable[[str, float], Outcome]:
    return lambda url, seconds: channel(url, seconds).send([a_mail()])[0]


def _on_a_page(url: str, seconds: float) -> Outcome:
    return FacebookPageChannel(graph(url, seconds)).publish(a_post(profile_id=PAGE))


def _on_instagram(url: str, seconds: float) -> Outcome:
    channel = InstagramChannel(graph(url, seconds), DraftsInMemory(), wait=lambda seconds: None)
    return channel.publish(a_post(profile_id=IG_ACCOUNT, media=(an_image(),)))


def _on_linkedin(url: str, seconds: float) -> Outcome:
    return LinkedInChannel(SECRET, url, read_seconds=seconds, now=lambda: NOW).publish(a_post(profile_id=COMPANY))


def _on_x(url: str, seconds: float) -> Outcome:
    client = XClient(SECRET, url, read_seconds=seconds, now=lambda: NOW)
    return XChannel(client, DraftsInMemory(), wait=lambda seconds: None).publish(a_post())


def _listed(number: str) -> Reply:
    return Reply(200, body={"data": [{"id": number, "name": an_advert().vendor_name}]})


VENDORS = {
    "sendgrid": HttpVendor(_on(sendgrid), "POST /v3/mail/send", {}, _mail(mail_channel_of_sendgrid)),
    "mailgun": HttpVendor(_on(mailgun), "POST /v3/mg.acme.example/messages.mime", {}, _mail(mail_channel_of_mailgun)),
    "twilio": HttpVendor(
        _on(twilio), f"POST /2010-04-01/Accounts/{TWILIO_ACCOUNT}/Messages.json", {},
        lambda url, seconds: text_channel_of_twilio(url, seconds).send([a_text()])[0],
    ),
    "facebook_page": HttpVendor(
        _on(facebook_page), f"POST /v25.0/{PAGE}/feed",
        {f"POST /v25.0/{PAGE}/feed": Reply(200, body={"id": f"{PAGE}_77"})}, _on_a_page,
    ),
    "instagram": HttpVendor(
        _on(instagram), f"POST /v25.0/{IG_ACCOUNT}/media_publish", {
            f"POST /v25.0/{IG_ACCOUNT}/media": Reply(200, body={"id": "5001"}),
            "GET /v25.0/5001": Reply(200, body={"id": "5001", "status_code": "FINISHED"}),
            f"POST /v25.0/{IG_ACCOUNT}/media_publish": Reply(200, body={"id": "900"}),
        }, _on_instagram,
    ),
    "linkedin": HttpVendor(
        _on(linkedin), "POST /rest/posts",
        {"POST /rest/posts": Reply(201, {"x-restli-id": "urn:li:share:7243"})}, _on_linkedin,
    ),
    "x": HttpVendor(
        _on(x), "POST /2/tweets", {"POST /2/tweets": Reply(201, body={"data": {"id": "14", "text": "Bells"}})}, _on_x,
    ),
    "meta_ads": HttpVendor(
        _on(meta_ads), "POST /v25.0/act_42/campaigns", {
            "GET /v25.0/act_42": Reply(200, body={"currency": "EUR"}),
            **dict.fromkeys(
                ("GET /v25.0/act_42/campaigns", "GET /v25.0/101/adsets", "GET /v25.0/101/ads"), _NONE
            ),
            **{f"POST /v25.0/act_42/{edge}": Reply(200, body={"id": str(101 + number)})
               for number, edge in enumerate(("campaigns", "adsets", "adcreatives", "ads"))},
        },
        lambda url, seconds: MetaAds(graph(url, seconds), "act_42", "1067").create(an_advert()),
        found={"GET /v25.0/act_42/campaigns": _listed("101")},
    ),
    "google_ads": HttpVendor(
        GoogleAdsServer, f"POST {CUSTOMER}/googleAds:mutate", {
            SEARCH: [
                rows(), rows({"customer": {"currencyCode": "EUR", "timeZone": "Europe/Berlin"}}),
                rows(*({"geoTargetConstant": {"countryCode": code, "resourceName": f"geoTargetConstants/{number}"}}
                       for code, number in (("DE", 2276), ("AT", 2040)))),
            ],
            f"POST {CUSTOMER}/googleAds:mutate": Reply(200, body={"mutateOperationResponses": [
                {"campaignResult": {"resourceName": "customers/1234567890/campaigns/77"}},
            ]}),
        },
        lambda url, seconds: GoogleAds(google(url, seconds)).create(an_advert()),
        found={SEARCH: rows({"campaign": {"id": "77", "name": an_advert().vendor_name}})},
    ),
}  # fmt: skip
"""By the names of their adapters."""
