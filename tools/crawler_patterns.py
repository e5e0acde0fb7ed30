"""Writes layers/shared/clarion/domain/crawler_patterns.py from the PyPI package crawler-user-agents (MIT).

The package's 1,500 patterns cost 0.5 ms a look-up. A few words name most crawlers; only the patterns that those words
do not cover are kept, which costs 0.17 ms. Run with ``--check`` to learn whether the module is up to date.
"""

import re
import sys
from importlib.metadata import version
from pathlib import Path

from crawleruseragents import CRAWLER_USER_AGENTS_DATA

MODULE = Path(__file__).parents[1] / "layers/shared/clarion/domain/crawler_patterns.py"
WORDS = (
    "(?<!cu)bot",  # CUBOT makes telephones
    "crawl",
    "spider",
    "https?://",
    "headless",
    "python",
    "curl",
    "wget",
    "libwww",
    "slurp",
    "java/",
    "monitor",
    "validator",
    "archiver",
)
# A person is behind these: proxies that fetch the images of an opened mail, and browsers inside applications.
PEOPLE = ("GoogleImageProxy", "YahooMailProxy", "YahooCacheSystem", "FastmailUA", "MetaIAB Facebook", "Fluid")
_WIDTH = 108


def patterns() -> list[str]:
    """The package's patterns that WORDS do not cover, in the package's order, without those of people."""
    words = re.compile("|".join(WORDS), re.IGNORECASE)
    kept = []
    for crawler in CRAWLER_USER_AGENTS_DATA:
        pattern: str = crawler["pattern"]
        samples = crawler.get("instances") or [pattern.replace("\\", "")]
        if not all(words.search(sample) for sample in samples) and pattern not in PEOPLE:
            kept.append(pattern)
    return kept


def module() -> str:
    """The module's source."""
    lines, line = [], ""
    for pattern in patterns():
        if line and len(line) + len(pattern) + 1 > _WIDTH:
            lines.append(line)
            line = ""
        line += f"{pattern}|"
    lines.append(line.removesuffix("|"))
    body = "\n".join(f"    {_literal(text)}" for text in lines)
    return (
        f'"""User agents of crawlers, from crawler-user-agents {version("crawler-user-agents")} (MIT).\n\n'
        "Made by tools/crawler_patterns.py: change that and run it again.\n"
        f'"""\n\nWORDS = {_literal("|".join(WORDS))}\n\nPATTERNS = (\n{body}\n)\n'
    )


def _literal(text: str) -> str:
    if '"' in text:
        raise ValueError(f"a quotation mark in {text!r}")
    return f'r"{text}"' if "\\" in text else f'"{text}"'


if __name__ == "__main__":
    if "--check" in sys.argv:
        current = MODULE.read_text() == module()
        print("up to date" if current else f"{MODULE} is out of date: run tools/crawler_patterns.py")
        sys.exit(not current)
    MODULE.write_text(module())
