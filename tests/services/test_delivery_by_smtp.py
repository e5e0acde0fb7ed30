"""A delivery with nothing of it faked but the table: composed, sent by SMTP, and read back from the wire."""

import email
from email import policy
from email.message import EmailMessage
from urllib.parse import parse_qs, urlsplit

import pytest

from clarion.channels.smtp import SmtpChannel
from clarion.channels.smtp_server import SmtpServer
from clarion.content.compile import compile_mail
from clarion.content.compose import MailComposer
from clarion.content.render import CompiledMail
from clarion.domain.campaign import Status
from clarion.domain.template import MailSource
from clarion.hot.token import Signer, Ticket
from clarion.hot.urls import TrackingUrls
from tests.channels.smtp_server import LoopbackSmtp
from tests.fakes.delivery import CAMPAIGN, ORG, Delivery
from tests.fakes.world import Templates

SIGNER = Signer.of("a-secret-of-the-tests-only")
SOURCE = MailSource(
    subject="Hallo {{ contact.firstName }}",
    html='<html><body><p>Für <b>{{ contact.firstName }}</b>: <a href="https://shop.example/?a=1&amp;b=2">los</a></p></body></html>',
)


@pytest.fixture
def delivery(monkeypatch: pytest.MonkeyPatch) -> Delivery:
    """The usual delivery, its content compiled from SOURCE."""
    compiled = compile_mail(SOURCE)
    monkeypatch.setattr(Templates, "compiled", lambda *_: (compiled.to_json(), compiled.links))
    return Delivery()


def test_every_mail_arrives_once_with_signed_links_and_one_click_headers(delivery: Delivery) -> None:
    ids = delivery.people(3, firstName="Zoë <b>")
    delivery.launch()
    with LoopbackSmtp() as server:
        channel = SmtpChannel(SmtpServer.parse(f"smtp://127.0.0.1:{server.port}"))
        delivery.through(
            channel,
            lambda run, batch_id, variant: MailComposer(
                run,
                run.step(batch_id).id,
                0,
                CompiledMail.from_json(delivery.runs.content(run.id, run.content_of(batch_id, variant).digest)),
                TrackingUrls(SIGNER, "https://t.shop.example", ORG, CAMPAIGN, 1, run.step(batch_id).id),
            ),
        )
        delivery.work()
        channel.close()
    assert delivery.campaign().status == Status.COMPLETED
    assert sorted(received.recipients[0] for received in server.received) == [f"p{n}@example.com" for n in range(3)]
    for received in server.received:
        message = email.message_from_bytes(received.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        contact = ids[int(received.recipients[0][1])]
        assert message["subject"] == "Hallo Zoë <b>"
        assert message["list-id"] == f"<{ORG.lower()}.shop.example>"
        lines = received.content.partition(b"\r\n\r\n")[0].split(b"\r\n")
        assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
        [one_click] = [line.decode() for line in lines if line.startswith(b"List-Unsubscribe: ")]
        url = one_click.removeprefix("List-Unsubscribe: <").removesuffix(">")
        assert ticket("unsubscribe", url) == Ticket(ORG, contact, 1, "email", 0)
        text, html = (message.get_body((subtype,)) for subtype in ("plain", "html"))
        assert text is not None
        assert html is not None
        assert "Zoë &lt;b&gt;" in html.get_content()
        assert "Zoë <b>" in text.get_content()
        clicks = [part for part in html.get_content().split('"') if "/link/click/" in part]
        assert [ticket("click", click) for click in clicks] == [Ticket(ORG, contact, 1, "email", 0)]
        pixels = [part for part in html.get_content().split('"') if "/email/open/" in part]
        assert [ticket("open", pixel) for pixel in pixels] == [Ticket(ORG, contact, 1, "email", 0)]


def ticket(purpose: str, url: str) -> Ticket | None:
    """What a tracking URL's token says, None for one that was not signed for this purpose and campaign."""
    token = parse_qs(urlsplit(url).query)["t"][0]
    assert urlsplit(url).path.startswith(f"/connect/automation/{CAMPAIGN}/1/")
    return SIGNER.read(purpose, CAMPAIGN, "1", token)  # type: ignore[arg-type]  # one of the three purposes
