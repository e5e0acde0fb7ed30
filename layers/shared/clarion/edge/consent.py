"""The small page a member meets who comes back from a vendor's consent page. It leads nowhere else."""

from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from html import escape

from clarion.domain.connection import Connection
from clarion.domain.errors import DomainError
from clarion.domain.platforms import platform_of
from clarion.edge.problem import problem_of
from clarion.edge.route import HtmlPage

_STYLE = """
:root{color-scheme:light dark}
body{font:1.125rem/1.5 system-ui,sans-serif;margin:0;padding:1.5rem;background:Canvas;color:CanvasText}
main{max-width:32rem;margin:10vh auto 0}
h1{font-size:1.5rem;line-height:1.25}
"""
_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def consent_told(finish: Callable[[], Connection]) -> HtmlPage:
    """What became of the consent that ``finish`` takes up."""
    try:
        connection = finish()
    except DomainError as error:
        return _page("Not connected", str(error), problem_of(error)["status"])
    title = platform_of(connection.id).title
    whose = f" as {connection.account}" if connection.account else ""
    return _page(f"{title} is connected", f"Clarion acts there{whose}. You can close this page.")


def _page(title: str, text: str, status: int = 200) -> HtmlPage:
    body = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{escape(title)}</h1>\n<p>{escape(text)}</p>\n</main>\n</body>\n</html>\n"
    )
    return HtmlPage(body, _POLICY, status)
