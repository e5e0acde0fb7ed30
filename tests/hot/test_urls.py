from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from clarion.hot.token import Signer, Ticket
from clarion.hot.urls import TrackingUrls

SIGNER = Signer.of("0123456789abcdefghijklmnopqrstuv")
ORG, CAMPAIGN, CONTACT = (f"01J8Z3K9X4M5N6P7Q8R9S0T1V{digit}" for digit in "123")


@pytest.mark.parametrize("base", ["https://t.example.com", "https://t.example.com/"])
def test_each_url_has_its_path_and_a_token_for_it(base: str) -> None:
    urls = TrackingUrls(SIGNER, base, ORG, CAMPAIGN, 12, "1")
    root = f"https://t.example.com/connect/automation/{CAMPAIGN}/1"
    assert urls.open(CONTACT).startswith(f"{root}/email/open/?t=")
    assert urls.click(CONTACT, 7).startswith(f"{root}/link/click/?t=")
    assert urls.unsubscribe(CONTACT).startswith(f"{root}/email/unsubscribe/?t=")
    assert SIGNER.read("open", CAMPAIGN, "1", _token(urls.open(CONTACT))) == Ticket(ORG, CONTACT, 12, "email")
    assert SIGNER.read("click", CAMPAIGN, "1", _token(urls.click(CONTACT, 7))) == Ticket(ORG, CONTACT, 12, "email", 7)
    assert SIGNER.read("unsubscribe", CAMPAIGN, "1", _token(urls.unsubscribe(CONTACT))) is not None


def test_another_channel_is_kept_in_its_tokens() -> None:
    ticket = SIGNER.read(
        "click", CAMPAIGN, "1", _token(TrackingUrls(SIGNER, "", ORG, CAMPAIGN, 1, "1", "sms").click(CONTACT, 0))
    )
    assert ticket is not None
    assert ticket.channel == "sms"


def test_a_step_of_any_text_survives_the_path() -> None:
    url = TrackingUrls(SIGNER, "https://t.example.com", ORG, CAMPAIGN, 1, "a/b ü?").open(CONTACT)
    step = unquote(urlsplit(url).path.split("/")[4])
    assert step == "a/b ü?"
    assert SIGNER.read("open", CAMPAIGN, step, _token(url)) is not None


def _token(url: str) -> str:
    return parse_qs(urlsplit(url).query)["t"][0]
