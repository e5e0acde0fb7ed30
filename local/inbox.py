"""The inbox: the pages and the JSON that show what the stack has sent.

/inbox?to=&kind=&page=                       newest first, 50 on a page, searched by recipient
/inbox/<number>                              one mail, text, post or ad
/inbox/<number>/html                         a mail's HTML alone
/inbox/mails.json?after=&limit=&to=          {"mails": [...], "next": number | null}, oldest first
/inbox/messages.json?after=&limit=&to=&kind= {"messages": [...], "next": number | null}: mails, texts, posts and ads
/inbox/messages/<id>                         the text, post or ad of that id as JSON
"""

import json
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote

from local import pages
from local.entries import KINDS, Mail
from local.outbox import Outbox

PAGE_SIZE = 50
_JSON_LIMIT = 1000
_HTML = "text/html; charset=utf-8"
_JSON = "application/json"


@dataclass(frozen=True)
class Answer:
    """A whole HTTP answer."""

    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


def answer(outbox: Outbox, path: str, query_string: str) -> Answer:
    """Answer one GET request below /inbox; `/` leads there."""
    query = {name: values[-1] for name, values in parse_qs(query_string).items()}
    if path == "/":
        return Answer(302, "text/plain", b"", (("location", "/inbox"),))
    rest = path.removeprefix("/inbox").strip("/")
    name, _, part = rest.partition("/")
    if rest == "":
        return _list(outbox, query)
    if rest == "mails.json":
        return _listed(outbox, query, "mails", "mail")
    if rest == "messages.json":
        return _listed(outbox, query, "messages", _kind(query))
    if name == "messages":
        found = outbox.kept(unquote(part))
        return Answer(200, _JSON, json.dumps(found.as_json()).encode()) if found else _not_found()
    entry = outbox.entry(int(name)) if name.isdecimal() else None
    if entry is None:
        return _not_found()
    if part == "html" and isinstance(entry, Mail):
        return Answer(200, _HTML, entry.html.encode(), (("content-security-policy", "sandbox allow-popups"),))
    return _not_found() if part else Answer(200, _HTML, pages.one(entry))


def _list(outbox: Outbox, query: dict[str, str]) -> Answer:
    to, kind, page = query.get("to", ""), _kind(query), max(_number(query.get("page"), 0), 0)
    entries, total = outbox.newest(to, kind, page, PAGE_SIZE)
    return Answer(200, _HTML, pages.listing(entries, total, to, kind, page, (page + 1) * PAGE_SIZE < total))


def _listed(outbox: Outbox, query: dict[str, str], name: str, kind: str) -> Answer:
    after = _number(query.get("after"), -1)
    limit = min(_number(query.get("limit"), _JSON_LIMIT), _JSON_LIMIT)
    entries = outbox.after(after, limit, query.get("to", ""), kind)
    shown = [entry.as_json() | ({"kind": entry.kind} if name == "messages" else {}) for entry in entries]
    return Answer(200, _JSON, json.dumps({name: shown, "next": entries[-1].number if entries else None}).encode())


def _not_found() -> Answer:
    return Answer(404, _HTML, pages.not_found())


def _kind(query: dict[str, str]) -> str:
    kind = query.get("kind", "")
    return kind if kind in KINDS else ""


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.removeprefix("-").isdecimal() else default
