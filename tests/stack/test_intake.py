"""Texts, posts and ads handed in to the inbox, and how they are shown. Needs no running stack."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from local.front import Front
from local.inbox import Answer, answer
from local.intake import MOST_BYTES, take
from local.outbox import Outbox
from local.settings import Settings

SCRIPT = "<script>alert(1)</script>"
TEXT = {
    "id": "console-t1", "kind": "text", "to": "+12065550101", "sender": "Clarion", "encoding": "UCS-2", "segments": 2,
    "body": f"Sale (http://127.0.0.1:8080/connect/x/?t=a&u=b~)! {SCRIPT}", "tags": {"campaign": "k"},
}  # fmt: skip
POST = {
    "id": "console-p1", "kind": "post", "profile": "console", "text": "Bells", "link": "https://shop.example/bells",
    "link_title": "All bells",
    "media": [{"url": "https://shop.example/a.png", "content_type": "image/png", "alt_text": "A bell"}],
}  # fmt: skip
AD = {
    "id": "console-a1", "kind": "ad", "account": "console", "status": "paused", "name": "Bells [a1]",
    "daily_budget": "12.50", "currency": "EUR", "headlines": ["Ring", "Rang"], "descriptions": ["All that rings."],
    "url": "https://shop.example/", "image_url": None, "countries": ["DE", "AT"], "keywords": [], "audience": None,
    "advertiser": "Acme", "special_categories": [], "start_at": "2026-12-01T00:00:00+00:00", "end_at": None,
}  # fmt: skip


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox.jsonl")


def hand_in(outbox: Outbox, message: Any, client: str = "127.0.0.1", content_type: str = "application/json") -> Answer:
    return take(outbox, client, content_type, json.dumps(message).encode())


def page(outbox: Outbox, path: str, query: str = "") -> str:
    found = answer(outbox, path, query)
    assert found.status == 200
    return found.body.decode()


def listed(outbox: Outbox, query: str = "") -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = json.loads(answer(outbox, "/inbox/messages.json", query).body)["messages"]
    return messages


def test_what_is_handed_in_is_listed_with_the_mails_and_after_a_restart(outbox: Outbox, tmp_path: Path) -> None:
    mail: dict[str, Any] = {
        "message_id": "m",
        "sender": "s",
        "to": ["ann@x.example"],
        "subject": "Hi",
        "text": "",
        "html": "",
    }
    mail |= {"sent_at": 0.0, "tags": {}, "headers": {}, "configuration_set": ""}
    (tmp_path / "outbox.jsonl").write_text(f"{json.dumps(mail)}\n")
    outbox = Outbox(tmp_path / "outbox.jsonl")
    assert [hand_in(outbox, each).status for each in (TEXT, POST, AD)] == [201] * 3
    for kept in (outbox, Outbox(tmp_path / "outbox.jsonl")):
        assert [(each["number"], each["kind"]) for each in listed(kept)] == [
            (0, "mail"), (1, "text"), (2, "post"), (3, "ad"),
        ]  # fmt: skip
        assert listed(kept)[0]["subject"] == "Hi"
        assert {name: listed(kept)[1][name] for name in TEXT} == TEXT
        mails = json.loads(answer(kept, "/inbox/mails.json", "").body)
        assert ([each["number"] for each in mails["mails"]], mails["next"]) == ([0], 0)
        assert "kind" not in mails["mails"][0]


def test_messages_are_found_by_their_recipient_and_by_their_kind(outbox: Outbox) -> None:
    for each in (TEXT, POST, {**POST, "id": "console-p2", "profile": "acme"}, AD):
        hand_in(outbox, each)
    assert [each["id"] for each in listed(outbox, "to=%2B1206")] == ["console-t1"]
    assert [each["id"] for each in listed(outbox, "to=ACME")] == ["console-p2"]
    assert [each["id"] for each in listed(outbox, "kind=ad&to=console")] == ["console-a1"]
    assert [each["id"] for each in listed(outbox, "kind=post&after=1")] == ["console-p2"]
    assert "/inbox/3" in page(outbox, "/inbox", "kind=ad")
    assert "/inbox/0" not in page(outbox, "/inbox", "kind=ad")
    assert "Nothing has been sent yet that fits" in page(outbox, "/inbox", "to=nobody")


def test_a_text_is_shown_with_its_length_and_its_links_to_click_on(outbox: Outbox) -> None:
    hand_in(outbox, TEXT)
    shown = page(outbox, "/inbox/0")
    link = "http://127.0.0.1:8080/connect/x/?t=a&amp;u=b~"
    assert f'(<a href="{link}" rel="noreferrer">{link}</a>)!' in shown
    for fact in ("+12065550101", "Clarion", "2 segments, UCS-2"):
        assert fact in shown


def test_a_post_is_shown_with_its_profile_link_and_media(outbox: Outbox) -> None:
    hand_in(outbox, POST)
    shown = page(outbox, "/inbox/0")
    for fact in ("console", "All bells", 'href="https://shop.example/bells"', "image/png A bell"):
        assert fact in shown


def test_an_ad_is_shown_with_its_budget_and_that_it_is_paused(outbox: Outbox) -> None:
    hand_in(outbox, AD)
    shown = page(outbox, "/inbox/0")
    for fact in ("paused", "12.50 EUR a day", "Ring<br>Rang", "DE<br>AT", 'href="https://shop.example/"'):
        assert fact in shown
    assert "Keywords" not in shown, "what is empty is left out"


def test_nothing_in_a_message_becomes_markup(outbox: Outbox) -> None:
    hand_in(outbox, TEXT)
    hand_in(outbox, {**POST, "text": SCRIPT, "link": "javascript:alert(1)", "media": [{"url": '"><img src=x>'}]})
    hand_in(outbox, {**AD, "name": SCRIPT, "headlines": SCRIPT})
    for path in ("/inbox", "/inbox/0", "/inbox/1", "/inbox/2"):
        shown = page(outbox, path)
        assert "<script" not in shown
        assert "<img" not in shown
        assert 'href="javascript' not in shown


@pytest.mark.parametrize("kind", ["text", "post", "ad"])
def test_a_message_that_lacks_what_its_page_shows_is_shown_all_the_same(outbox: Outbox, kind: str) -> None:
    whom = {"text": "to", "post": "profile", "ad": "account"}[kind]
    assert hand_in(outbox, {"id": "1", "kind": kind, whom: "somebody", "tags": 1, "media": [1]}).status == 201
    assert "somebody" in page(outbox, "/inbox/0")
    assert "somebody" in page(outbox, "/inbox")


def test_an_ad_that_is_there_stays_as_it_is_and_a_text_that_is_sent_twice_is_there_twice(outbox: Outbox) -> None:
    assert [hand_in(outbox, each).status for each in (AD, {**AD, "name": "New"}, TEXT, TEXT)] == [201, 200, 201, 201]
    assert [each.get("name", "") for each in listed(outbox)] == ["Bells [a1]", "", ""]


def test_a_message_is_found_by_its_id(outbox: Outbox) -> None:
    hand_in(outbox, POST)
    found = answer(outbox, "/inbox/messages/console-p1", "")
    assert (found.status, json.loads(found.body)["text"]) == (200, "Bells")
    assert answer(outbox, "/inbox/messages/console-p2", "").status == 404


@pytest.mark.parametrize("path", ["/inbox/7", "/inbox/0/html", "/inbox/0/x", "/inbox/²", "/inbox/-1", "/inbox/x"])
def test_what_is_not_there_is_not_found(outbox: Outbox, path: str) -> None:
    hand_in(outbox, TEXT)
    assert answer(outbox, path, "").status == 404


@pytest.mark.parametrize("client", ["10.0.0.7", "192.168.1.4", "::ffff:10.0.0.7", "", "somewhere"])
def test_messages_are_taken_from_this_machine_alone(outbox: Outbox, client: str) -> None:
    assert hand_in(outbox, TEXT, client=client).status == 403
    assert len(outbox) == 0


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_web_page_elsewhere_cannot_post(outbox: Outbox, content_type: str) -> None:
    assert hand_in(outbox, TEXT, content_type=content_type).status == 415
    assert len(outbox) == 0


@pytest.mark.parametrize("message", [
    [], "x", {}, {**TEXT, "kind": "mail"}, {**TEXT, "kind": ["text"]}, {**TEXT, "to": ""}, {**TEXT, "to": 7},
    {**TEXT, "id": None}, {**POST, "profile": None}, {**AD, "account": []},
])  # fmt: skip
def test_what_is_no_message_is_refused(outbox: Outbox, message: Any) -> None:
    assert hand_in(outbox, message).status == 400
    assert len(outbox) == 0


def test_octets_that_are_no_json_are_refused(outbox: Outbox) -> None:
    for body in (b"", b"{", b"\xff"):
        assert take(outbox, "127.0.0.1", "application/json", body).status == 400
    assert take(outbox, "127.0.0.1", "application/json", b" " * (MOST_BYTES + 1)).status == 413


async def _nothing(*_: Any) -> None:
    raise AssertionError("the emulator is not asked")


def request(outbox: Outbox, home: Path, method: str, path: str, *chunks: bytes) -> tuple[int, bytes]:
    """What the front answers on the web port."""
    front = Front(_nothing, outbox, Settings(home, 1, 2))
    scope = {
        "type": "http", "server": ("127.0.0.1", 2), "client": ("127.0.0.1", 9), "method": method, "path": path,
        "query_string": b"", "headers": [(b"content-type", b"application/json")],
    }  # fmt: skip
    waiting = [{"type": "http.request", "body": each, "more_body": True} for each in chunks]
    waiting.append({"type": "http.request", "body": b"", "more_body": False})
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(front(scope, receive, send))
    return sent[0]["status"], sent[1]["body"]


def test_the_front_takes_messages_and_shows_them(outbox: Outbox, tmp_path: Path) -> None:
    body = json.dumps(TEXT).encode()
    assert request(outbox, tmp_path, "POST", "/inbox/messages", body[:9], body[9:]) == (201, b'{"id": "console-t1"}')
    assert request(outbox, tmp_path, "GET", "/inbox/messages/console-t1")[0] == 200
    assert request(outbox, tmp_path, "POST", "/inbox/messages", *[b" " * 1024] * 300)[0] == 413
    for method, path in (("POST", "/inbox"), ("DELETE", "/inbox/0"), ("PUT", "/inbox/messages")):
        assert request(outbox, tmp_path, method, path)[0] == 405
