"""The channels that show messages to developers and to nobody else."""

import json
import socket
from datetime import date
from typing import Any

import pytest

from clarion.channels.console import (
    Console,
    ConsoleAdPlatform,
    ConsoleAudiences,
    ConsolePostChannel,
    ConsoleTextChannel,
)
from clarion.channels.null_ads import NullAdPlatform, NullAudiences
from clarion.domain.ad import AdPlatform, AdResults
from clarion.domain.ad_audience import AudienceMember, AudienceUploads, UploadedAudience
from clarion.domain.outcomes import Accepted, Retry, Unknown
from clarion.domain.post import Absent, PostChannel, PostMetrics
from clarion.domain.text_message import TextChannel
from tests.channels.adverts import URL, an_advert
from tests.channels.http_server import LoopbackHttp
from tests.channels.posts import LINK, a_post, an_image
from tests.channels.texts import a_text
from tests.channels.vendor_server import LoopbackVendor

MESSAGES = "/inbox/messages"
DAY = date(2026, 12, 1)


def shown(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def unused_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_a_text_message_is_one_line_with_what_it_costs(capsys: pytest.CaptureFixture[str]) -> None:
    channel: TextChannel = ConsoleTextChannel(Console())
    text = a_text(body="Ça\nva? https://acme.example/é")
    (outcome,) = channel.send([text])
    assert isinstance(outcome, Accepted)
    assert outcome.vendor_id.startswith("console-")
    assert shown(capsys) == [
        {
            "id": outcome.vendor_id,
            "kind": "text",
            "to": text.to,
            "sender": text.sender,
            "body": text.body,
            "encoding": "GSM-7",
            "segments": 1,
            "tags": dict(text.message_tags),
        }
    ]


def test_every_text_message_has_an_id_of_its_own_and_the_same_each_time() -> None:
    channel = ConsoleTextChannel(Console())
    texts = [a_text(1), a_text(2)]
    first, second = channel.send(texts)
    assert first != second
    assert channel.send(texts) == [first, second]


def test_more_than_a_batch_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="at most 10"):
        ConsoleTextChannel(Console()).send([a_text()] * 11)


def test_a_post_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    channel: PostChannel = ConsolePostChannel(Console())
    post = a_post(profile_id="console", media=(an_image(),))
    assert channel.publish(post) == Accepted("console-p1")
    (line,) = shown(capsys)
    assert (line["id"], line["kind"], line["profile"]) == ("console-p1", "post", "console")
    assert (line["text"], line["link"], line["link_title"]) == (post.text, LINK, "Bells")
    assert line["media"] == [
        {"url": "https://media.acme.example/a.png", "content_type": "image/png", "alt_text": "A bell"}
    ]


def test_a_campaign_is_one_line_and_paused(capsys: pytest.CaptureFixture[str]) -> None:
    platform: AdPlatform = ConsoleAdPlatform(Console(), "console")
    assert platform.create(an_advert(special_categories=frozenset({"politics", "housing"}))) == Accepted(
        "console-01JDXYZ"
    )
    (line,) = shown(capsys)
    assert (line["kind"], line["account"], line["status"]) == ("ad", "console", "paused")
    assert (line["daily_budget"], line["currency"]) == ("12.50", "EUR")
    assert (line["name"], line["url"], line["headlines"][0]) == ("Bells & whistles [01JDXYZ]", URL, "Bells")
    assert (line["start_at"], line["end_at"]) == ("2026-12-01T23:30:00+00:00", "2026-12-24T00:00:00+00:00")
    assert line["special_categories"] == ["housing", "politics"]


def test_an_audience_is_counted_and_nobody_in_it_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    uploads: AudienceUploads = ConsoleAudiences()
    audience = UploadedAudience("01JA", "Bell ringers")
    members = [AudienceMember("ann@acme.example"), AudienceMember("bob@acme.example")]
    begun = uploads.begin(audience)
    assert isinstance(begun, Accepted)
    assert uploads.add(begun.vendor_id, members) == uploads.finish(begun.vendor_id) == begun
    assert an_advert(audience_id=begun.vendor_id).audience_id == begun.vendor_id
    first, second = shown(capsys)
    assert first == {"id": begun.vendor_id, "kind": "audience", "name": "Bell ringers [01JA]"}
    assert second == {"id": begun.vendor_id, "kind": "audience", "added": 2}


def test_nobody_has_seen_anything() -> None:
    assert ConsolePostChannel(Console()).metrics("console-p1") == PostMetrics(0, 0, 0, 0, 0)
    assert ConsoleAdPlatform(Console(), "console").results("console-1", DAY, DAY) == AdResults()


def test_the_inbox_gets_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    with LoopbackVendor({f"POST {MESSAGES}": (201, {})}) as inbox:
        console = Console(f"{inbox.url}{MESSAGES}")
        assert ConsolePostChannel(console).publish(a_post()) == Accepted("console-p1")
        (asked,) = inbox.calls(f"POST {MESSAGES}")
    assert asked.headers["content-type"] == "application/json"
    assert [line["id"] for line in shown(capsys)] == ["console-p1"]


def test_an_inbox_that_is_not_there_is_asked_again_later(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(f"http://127.0.0.1:{unused_port()}{MESSAGES}")
    outcomes = [
        *ConsoleTextChannel(console).send([a_text(1), a_text(2)]),
        ConsolePostChannel(console).publish(a_post()),
        ConsolePostChannel(console).find(a_post()),
        ConsoleAdPlatform(console, "console").create(an_advert()),
    ]
    assert [type(each) for each in outcomes] == [Retry] * 5
    assert shown(capsys) == [], "what did not leave is not shown"


def test_an_inbox_that_refuses_is_asked_again_later() -> None:
    with LoopbackHttp((503, b"being emptied")) as inbox:
        outcome = ConsolePostChannel(Console(inbox.url)).publish(a_post())
    assert outcome == Retry(None, "the inbox answered 503: being emptied")


def test_an_answer_that_was_lost_proves_nothing_of_a_message_and_makes_an_ad_no_second_time() -> None:
    with LoopbackHttp("hang up") as inbox:
        console = Console(inbox.url)
        assert isinstance(ConsolePostChannel(console).publish(a_post()), Unknown)
        assert isinstance(ConsoleTextChannel(console).send([a_text()])[0], Unknown)
        assert isinstance(ConsoleAdPlatform(console, "console").create(an_advert()), Retry)


def test_a_post_is_found_in_the_inbox() -> None:
    found, broken = f"GET {MESSAGES}/console-p1", f"GET {MESSAGES}/console-p3"
    with LoopbackVendor({found: (200, {}), broken: (500, {})}) as inbox:
        channel = ConsolePostChannel(Console(f"{inbox.url}{MESSAGES}"))
        assert channel.find(a_post()) == Accepted("console-p1")
        assert channel.find(a_post(id="p2")) == Absent()
        assert channel.find(a_post(id="p3")) == Retry(None, "the inbox answered 500")


def test_an_ad_campaign_is_found_in_the_inbox() -> None:
    with LoopbackVendor({f"GET {MESSAGES}/console-01JDXYZ": (200, {})}) as inbox:
        platform = ConsoleAdPlatform(Console(f"{inbox.url}{MESSAGES}"), "console")
        assert platform.find("01JDXYZ") == Accepted("console-01JDXYZ")
        assert platform.find("01JDXYA") == Absent()


def test_without_an_inbox_nothing_is_kept() -> None:
    assert ConsolePostChannel(Console()).find(a_post()) == Absent()


@pytest.mark.parametrize("url", ["https://inbox.example/messages", "http://10.0.0.1/messages", "inbox"])
def test_the_inbox_is_on_this_machine(url: str) -> None:
    with pytest.raises(ValueError, match="on this machine"):
        Console(url)


def test_ads_that_lead_nowhere_are_accepted_under_the_same_ids_each_time(capsys: pytest.CaptureFixture[str]) -> None:
    platform: AdPlatform = NullAdPlatform()
    assert platform.create(an_advert()) == platform.create(an_advert()) == Accepted("null-01JDXYZ")
    assert platform.results("null-01JDXYZ", DAY, DAY) == AdResults()
    assert platform.find("01JDXYZ") == Absent()
    uploads: AudienceUploads = NullAudiences()
    begun = uploads.begin(UploadedAudience("01JA", "Ringers"))
    assert isinstance(begun, Accepted)
    assert begun.vendor_id.isdigit()
    members = [AudienceMember("ann@acme.example")]
    assert uploads.add(begun.vendor_id, members) == uploads.finish(begun.vendor_id) == begun
    assert shown(capsys) == []
