"""The inbox: the pages and the JSON that show what the stack has sent.

/inbox?to=&page=                       newest first, 50 on a page, searched by recipient
/inbox/<number>                        one mail: headers, tags, links, text and HTML (sandboxed)
/inbox/<number>/html                   the mail's HTML alone
/inbox/mails.json?after=&limit=&to=    {"mails": [...], "next": number | null}, oldest first
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlencode

from local.outbox import Mail, Outbox

_PAGE_SIZE = 50
_JSON_LIMIT = 1000
_HTML = "text/html; charset=utf-8"

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #8884; vertical-align: top; }
th { white-space: nowrap; }
td { overflow-wrap: anywhere; }
iframe { width: 100%; height: 36rem; border: 1px solid #8884; background: #fff; }
pre { white-space: pre-wrap; border: 1px solid #8884; padding: 1rem; }
nav { margin: 1rem 0; }
"""


@dataclass(frozen=True)
class Answer:
    """A whole HTTP answer."""

    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


def answer(outbox: Outbox, path: str, query_string: str) -> Answer:
    """Answer one request below /inbox; `/` leads there."""
    query = {name: values[-1] for name, values in parse_qs(query_string).items()}
    if path == "/":
        return Answer(302, "text/plain", b"", (("location", "/inbox"),))
    rest = path.removeprefix("/inbox").strip("/")
    if rest == "":
        return _list(outbox, query.get("to", ""), _number(query.get("page"), 0))
    if rest == "mails.json":
        return _mails_json(outbox, query)
    name, _, part = rest.partition("/")
    mail = outbox.mail(int(name)) if name.isdigit() else None
    if mail is None or part not in ("", "html"):
        return Answer(404, _HTML, _page("Not found", "<p>There is no such mail.</p>"))
    if part:
        return Answer(200, _HTML, mail.html.encode(), (("content-security-policy", "sandbox allow-popups"),))
    return Answer(200, _HTML, _one(mail))


def _mails_json(outbox: Outbox, query: dict[str, str]) -> Answer:
    after = _number(query.get("after"), -1)
    limit = min(_number(query.get("limit"), _JSON_LIMIT), _JSON_LIMIT)
    mails = outbox.after(after, limit, query.get("to", ""))
    body = {"mails": [mail.as_json() for mail in mails], "next": mails[-1].number if mails else None}
    return Answer(200, "application/json", json.dumps(body).encode())


def _list(outbox: Outbox, to: str, page: int) -> Answer:
    mails, total = outbox.newest(to, page, _PAGE_SIZE)
    rows = "".join(
        f"<tr><td>{_time(mail)}</td><td>{escape(', '.join(mail.to))}</td>"
        f'<td><a href="/inbox/{mail.number}">{escape(mail.subject) or "(no subject)"}</a></td></tr>'
        for mail in mails
    )
    turn = []
    if page:
        turn.append(f'<a href="/inbox?{escape(urlencode({"to": to, "page": page - 1}))}">newer</a>')
    if (page + 1) * _PAGE_SIZE < total:
        turn.append(f'<a href="/inbox?{escape(urlencode({"to": to, "page": page + 1}))}">older</a>')
    content = (
        f'<form><label>Recipient <input name="to" type="search" value="{escape(to)}"></label> '
        f"<button>Search</button></form><p>{total} mails</p>"
        f"<table><thead><tr><th>Sent<th>To<th>Subject</thead><tbody>{rows}</tbody></table>"
        f"<nav>{' · '.join(turn)}</nav>"
    )
    return Answer(200, _HTML, _page("Inbox", content))


def _one(mail: Mail) -> bytes:
    envelope = {"From": mail.sender, "To": ", ".join(mail.to), "Sent": _time(mail)}
    headers = {
        "Message id": mail.message_id,
        "Configuration set": mail.configuration_set,
        **mail.headers,
        **{f"Tag {name}": value for name, value in mail.tags.items()},
    }
    links = "".join(f'<li><a href="{escape(url)}" rel="noreferrer">{escape(url)}</a>' for url in _Links.of(mail.html))
    content = (
        f'<nav><a href="/inbox">Inbox</a></nav>{_table(envelope)}'
        f"<details><summary>Headers and tags</summary>{_table(headers)}</details>"
        # Without allow-scripts nothing in a mail can run or reach this page.
        f'<h2>HTML</h2><iframe sandbox="allow-popups" src="/inbox/{mail.number}/html" title="HTML part"></iframe>'
        f"<h2>Text</h2><pre>{escape(mail.text)}</pre><h2>Links</h2><ul>{links}</ul>"
    )
    return _page(mail.subject or "(no subject)", content)


def _table(facts: dict[str, str]) -> str:
    rows = "".join(f"<tr><th>{escape(name)}<td>{escape(value)}" for name, value in facts.items() if value)
    return f"<table>{rows}</table>"


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.urls: list[str] = []

    @classmethod
    def of(cls, html: str) -> list[str]:
        links = cls()
        links.feed(html)
        return links.urls

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if tag in ("a", "area") and href and href.startswith(("http://", "https://")):
            self.urls.append(href)


def _page(title: str, content: str) -> bytes:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)} · Clarion</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f"<h1>{escape(title)}</h1>{content}</html>"
    ).encode()


def _time(mail: Mail) -> str:
    return datetime.fromtimestamp(mail.sent_at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.lstrip("-").isdigit() else default
