"""The inbox's pages. Whatever a message holds is escaped; a mail's own HTML stays in a sandbox."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

from local.entries import KINDS, Entry, Mail, Message

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; --line: #8884; --soft: #8882; }
* { box-sizing: border-box; }
body { max-width: 64rem; margin: 1.5rem auto 4rem; padding: 0 1rem; }
h1 { font-size: 1.6rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin-top: 2rem; }
form { display: flex; flex-wrap: wrap; gap: .6rem; align-items: end; }
label { display: grid; font-size: .85rem; }
input, select, button { font: inherit; padding: .35rem .6rem; min-height: 2.5rem; max-width: 100%; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .45rem .7rem .45rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { white-space: nowrap; font-weight: 600; }
td { overflow-wrap: anywhere; }
.facts th { width: 1%; padding-right: 1.5rem; }
.when { white-space: nowrap; font-variant-numeric: tabular-nums; }
.kind { background: var(--soft); border-radius: .4rem; padding: .1rem .5rem; font-size: .85rem;
        white-space: nowrap; }
.none { padding: 2rem 0; opacity: .75; }
.body { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line); border-radius: .5rem;
        padding: 1rem; margin: 1rem 0; }
.text { border-radius: 1.1rem; max-width: 26rem; background: var(--soft); }
iframe { width: 100%; height: 36rem; border: 1px solid var(--line); background: #fff; }
summary { padding: .5rem 0; cursor: pointer; }
nav { margin: 1rem 0; }
nav a { display: inline-block; padding: .4rem 0; }
@media (max-width: 40rem) {
  .list thead { display: none; }
  .list, .list tbody, .list tr, .list td { display: block; border: 0; padding: 0; }
  .list .when, .list .when + td { display: inline-block; margin-right: .7rem; }
  .list tr { border-bottom: 1px solid var(--line); padding: .7rem 0; }
  .facts th, .facts td { display: block; width: auto; border: 0; padding: 0; }
  .facts th { padding-top: .6rem; font-size: .85rem; }
}
"""
_URL = re.compile(r"https?://[^\s<>\"]+")
_NOT_ITS_END = ".,;:!?'\")]}»”’"
_TITLE = 90
_TITLES = {"mail": "mails", "text": "texts", "post": "posts", "ad": "ads"}


def listing(entries: Sequence[Entry], total: int, to: str, kind: str, page: int, more: bool) -> bytes:
    """One page of the list."""
    rows = "".join(
        f'<tr><td class="when">{_time(entry)}</td><td><span class="kind">{entry.kind}</span></td>'
        f"<td>{escape(entry.recipient)}</td>"
        f'<td><a href="/inbox/{entry.number}">{escape(_title(entry))}</a></td></tr>'
        for entry in entries
    )
    choices = "".join(
        f'<option value="{each}"{" selected" if each == kind else ""}>{_TITLES[each]}</option>' for each in KINDS
    )
    turns = [("newer", page - 1)] if page else []
    turns += [("older", page + 1)] if more else []
    turn = " · ".join(
        f'<a href="/inbox?{escape(urlencode({"to": to, "kind": kind, "page": number}))}">{name}</a>'
        for name, number in turns
    )
    listed = (
        '<table class="list"><thead><tr><th>Sent<th>Kind<th>To<th>Message</thead>'
        f"<tbody>{rows}</tbody></table><nav>{turn}</nav>"
    )
    content = (
        f'<form><label>Recipient or profile <input name="to" type="search" value="{escape(to)}"></label>'
        f'<label>Kind <select name="kind"><option value="">all</option>{choices}</select></label>'
        f"<button>Search</button></form><p>{total:,} {'message' if total == 1 else 'messages'}</p>"
        f"{listed if entries else '<p class=none>Nothing has been sent yet that fits.</p>'}"
    )
    return _page("Inbox", content)


def one(entry: Entry) -> bytes:
    """The page of one message."""
    content = _mail(entry) if isinstance(entry, Mail) else _CONTENTS[entry.kind](entry)
    heading = {"text": f"Text to {entry.recipient}", "post": f"Post on {entry.recipient}"}.get(
        entry.kind, _title(entry)
    )
    return _page(heading, f'<nav><a href="/inbox">Inbox</a></nav>{content}')


def not_found() -> bytes:
    """For a number, or an id, that nothing has."""
    return _page("Not found", '<nav><a href="/inbox">Inbox</a></nav><p>There is no such message.</p>')


def _mail(mail: Mail) -> str:
    headers = {
        "Message id": mail.message_id,
        "Configuration set": mail.configuration_set,
        **mail.headers,
        **_tags(mail.tags),
    }
    links = "".join(f"<li>{_linked(url)}" for url in _Links.of(mail.html))
    return (
        f"{_facts({'From': mail.sender, 'To': mail.recipient, 'Sent': _time(mail)})}"
        f"<details><summary>Headers and tags</summary>{_facts(headers)}</details>"
        # Without allow-scripts nothing in a mail can run or reach this page.
        f'<h2>HTML</h2><iframe sandbox="allow-popups" src="/inbox/{mail.number}/html" title="HTML part"></iframe>'
        f'<h2>Text</h2><div class="body">{_linked(mail.text)}</div><h2>Links</h2><ul>{links}</ul>'
    )


def _text(message: Message) -> str:
    content = message.content
    segments = content.get("segments")
    cost = f"{segments} {'segment' if segments == 1 else 'segments'}, {content.get('encoding', '')}"
    facts = {"To": message.recipient, "From": content.get("sender"), "Sent": _time(message), "Length": cost}
    return (
        f'{_facts(facts)}<div class="body text">{_linked(content.get("body"))}</div>'
        f"<details><summary>Tags</summary>{_facts({'Id': content['id'], **_tags(content.get('tags'))})}</details>"
    )


def _post(message: Message) -> str:
    content = message.content
    facts = {
        "Profile": message.recipient,
        "Published": _time(message),
        "Link": content.get("link"),
        "Title of the link": content.get("link_title"),
        **_media(content.get("media")),
        "Id": content["id"],
    }
    return f'<div class="body">{_linked(content.get("text")) or "(no text)"}</div>{_facts(facts)}'


def _ad(message: Message) -> str:
    content = message.content
    facts = {
        "Account": message.recipient,
        "Status": content.get("status"),
        "Budget": f"{content.get('daily_budget')} {content.get('currency')} a day",
        "Link": content.get("url"),
        "Headlines": content.get("headlines"),
        "Descriptions": content.get("descriptions"),
        "Image": content.get("image_url"),
        "Countries": content.get("countries"),
        "Keywords": content.get("keywords"),
        "Audience": content.get("audience") or "everybody there",
        "Advertiser": content.get("advertiser"),
        "Special categories": content.get("special_categories"),
        "Runs": f"{content.get('start_at')} to {content.get('end_at') or 'further notice'}",
        "Made": _time(message),
        "Id": content["id"],
    }
    return _facts(facts)


_CONTENTS = {"text": _text, "post": _post, "ad": _ad}


def _title(entry: Entry) -> str:
    if isinstance(entry, Mail):
        return entry.subject or "(no subject)"
    content = entry.content
    names = {"text": "body", "post": "text", "ad": "name"}
    text = str(content.get(names[entry.kind]) or content.get("link") or "")
    title = " ".join(_URL.sub("…", text).split())
    return f"{title[:_TITLE]}…" if len(title) > _TITLE else title or f"({entry.kind})"


def _tags(tags: Any) -> dict[str, str]:
    return {f"Tag {name}": str(value) for name, value in tags.items()} if isinstance(tags, dict) else {}


def _media(media: Any) -> dict[str, str]:
    found = [each for each in media if isinstance(each, dict)] if isinstance(media, list) else []
    return {
        f"Medium {number}": f"{each.get('url')}\n{each.get('content_type')} {each.get('alt_text')}".rstrip()
        for number, each in enumerate(found, 1)
    }


def _facts(facts: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><th>{escape(name)}<td>{'<br>'.join(_linked(line) for line in _lines(value))}"
        for name, value in facts.items()
        if value
    )
    return f'<table class="facts">{rows}</table>'


def _lines(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list | tuple) else str(value).split("\n")


def _linked(text: Any) -> str:
    """Escaped, with web addresses to click on."""
    plain, found, at = str(text or ""), [], 0
    for match in _URL.finditer(plain):
        url = match[0].rstrip(_NOT_ITS_END)
        end = match.start() + len(url)
        link = f'<a href="{escape(url)}" rel="noreferrer">{escape(url)}</a>'
        found += [escape(plain[at : match.start()]), link]
        at = end
    return "".join([*found, escape(plain[at:])])


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
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style>'
        f"<h1>{escape(title)}</h1>{content}</html>"
    ).encode()


def _time(entry: Entry) -> str:
    return datetime.fromtimestamp(entry.sent_at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
