"""What the inbox's JSON answers, page by page. Needs no running stack."""

import json
from pathlib import Path
from typing import Any

import pytest

from local.inbox import answer
from local.outbox import Outbox

ANN, BOB = "Ann@example.com", "bob@example.com"
SENT = [ANN, BOB, BOB, ANN, BOB, ANN]


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    """As after a restart: the mails that were sent before."""
    rest = {"message_id": "m", "sender": "s", "subject": "", "text": "", "html": "", "sent_at": 0.0}
    rest |= {"tags": {}, "headers": {}, "configuration_set": ""}
    path = tmp_path / "mails.jsonl"
    path.write_text("".join(f"{json.dumps({'to': [to], **rest})}\n" for to in SENT))
    return Outbox(path)


def page(outbox: Outbox, query: str) -> tuple[list[int], Any]:
    body = json.loads(answer(outbox, "/inbox/mails.json", query).body)
    return [mail["number"] for mail in body["mails"]], body["next"]


@pytest.mark.parametrize("limit", [1, 2, 3, 1000])
def test_pages_hold_every_mail_of_the_recipient_and_are_empty_only_at_the_end(outbox: Outbox, limit: int) -> None:
    found: list[int] = []
    after: Any = -1
    while after is not None:
        numbers, after = page(outbox, f"to=ann@EXAMPLE.com&after={after}&limit={limit}")
        assert len(numbers) <= limit
        assert (numbers == []) == (after is None)
        found += numbers
    assert found == [0, 3, 5]


def test_without_a_recipient_every_mail_is_listed(outbox: Outbox) -> None:
    assert page(outbox, "") == ([0, 1, 2, 3, 4, 5], 5)
    assert page(outbox, "after=3&limit=1") == ([4], 4)
    assert page(outbox, "after=-9&limit=-1") == ([], None)
