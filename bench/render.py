"""How fast mails are compiled and rendered: ``python -m bench.render`` prints a table.

Single process. MJML sources are read from ../shared where it exists; a small built-in mail is always measured.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from clarion.content.compile import compile_mail
from clarion.content.plain_text import plain_text
from clarion.content.render import CompiledMail
from clarion.domain.template import MailSource

MJML = Path(__file__).resolve().parents[2] / "shared/data/email_templates/mjml_src"
GREETING = "Hi {{ contact.firstName | default('friend') }}, news for {{ attributes.city }}"
SMALL = """<!doctype html><html><body><h1>Hello {{ contact.firstName | default("friend") }}</h1>
<p>Since {{ attributes.since }} you have collected {{ attributes.points }} points.</p>
<p><a href="https://shop.example/new?utm_source=mail&amp;utm_medium=email">See what is new</a>
<a href="https://shop.example/account">Your account</a></p>
{% for tag in contact.tags %}<p>{{ loop.index }}. {{ tag }}</p>{% endfor %}
<p><a href="{{ unsubscribe_url }}">Unsubscribe</a></p></body></html>"""
CONTACT = {
    "id": "01J8X",
    "email": "ada@example.com",
    "firstName": "Ada",
    "lastName": "Lovelace",
    "attributes": {"since": 2019, "points": 420, "city": "London"},
    "tags": ["gold", "news"],
}


def seconds(work: Callable[[], object], budget: float = 1.0) -> float:
    """The fastest of as many runs as fit the budget."""
    best = budget
    end = time.perf_counter() + budget
    while (start := time.perf_counter()) < end:
        work()
        best = min(best, time.perf_counter() - start)
    return best


def render(mail: CompiledMail) -> object:
    urls = [f"https://t.example/c/AbCdEfGhIjKlMnOpQrStUvWxYz0123456789.{number}" for number in range(len(mail.links))]
    return mail.render(
        CONTACT, link_urls=urls, open_url="https://t.example/o/x", unsubscribe_url="https://t.example/u/x"
    )


def main() -> None:
    sources = {"built-in, small": MailSource(subject=GREETING, preheader="For you", html=SMALL)}
    for path in sorted(MJML.glob("*.mjml"), key=lambda path: path.stat().st_size)[::12]:
        head, opening, body = path.read_text().partition("<mj-body")
        greeted = head + opening + body.replace("</mj-text>", f"{GREETING}</mj-text>", 1)
        sources[f"{path.name}, greeted"] = MailSource(subject=GREETING, mjml=greeted)
    print(f"Python {sys.version.split()[0]}; best of one second each")
    columns = ("mail", "HTML KB", "links", "compile ms", "load ms", "render µs", "mails/s", "text per mail µs")
    print(("{:28}" + "{:>12}" * 6 + "{:>20}").format(*columns))
    for name, source in sources.items():
        mail = compile_mail(source)
        stored = mail.to_json()
        rendered = mail.render(CONTACT, link_urls=mail.links, open_url=None, unsubscribe_url="https://t.example/u")
        times = [
            seconds(work)
            for work in (
                lambda source=source: compile_mail(source),
                lambda stored=stored: CompiledMail.from_json(stored),
                lambda mail=mail: render(mail),
                lambda html=rendered.html: plain_text(html),
            )
        ]
        print(
            f"{name[:27]:28}{len(rendered.html) / 1000:12.1f}{len(mail.links):12}{times[0] * 1e3:12.1f}"
            f"{times[1] * 1e3:12.1f}{times[2] * 1e6:12.0f}{1 / times[2]:12,.0f}{times[3] * 1e6:20,.0f}"
        )


if __name__ == "__main__":
    main()
