"""The four small pages a recipient can meet. They hold no data of anybody, so nothing in them needs escaping."""

from binascii import b2a_base64
from hashlib import sha256

_STYLE = """
:root{color-scheme:light dark}
body{font:1.125rem/1.5 system-ui,sans-serif;margin:0;padding:1.5rem;background:Canvas;color:CanvasText}
main{max-width:32rem;margin:10vh auto 0}
h1{font-size:1.5rem;line-height:1.25}
button{font:inherit;font-weight:600;min-height:3rem;padding:.5rem 1.5rem;border:2px solid #1d4ed8;border-radius:.5rem;
background:#1d4ed8;color:#fff;cursor:pointer}
button:focus-visible{outline:3px solid CanvasText;outline-offset:3px}
"""

_STYLE_HASH = b2a_base64(sha256(_STYLE.encode()).digest(), newline=False).decode()
SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def _page(title: str, content: str) -> str:
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{title}</h1>\n{content}\n</main>\n</body>\n</html>\n"
    )


# An empty action posts to the page's own address, token included.
CONFIRM = _page(
    "Unsubscribe from these e-mails?",
    "<p>You will get no more marketing e-mails from this sender.</p>\n"
    '<form method="post" action="">\n'
    '<input type="hidden" name="confirm" value="unsubscribe">\n'
    '<button type="submit">Unsubscribe</button>\n</form>',
)
UNSUBSCRIBED = _page(
    "You are unsubscribed",
    "<p>You will get no more marketing e-mails from this sender. You can close this page.</p>",
)
NOT_FOUND = _page(
    "This link does not work",
    "<p>It may be incomplete: please open it from the original message, or copy it from there in full.</p>",
)
UNAVAILABLE = _page("Please try again", "<p>Something is not working on our side. Please try again in a minute.</p>")
