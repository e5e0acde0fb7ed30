"""Was it a person? A verdict and its reason for each hit; docs/analytics.md tells the rules and their sources."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Literal, NamedTuple

from clarion import clock
from clarion.domain.crawler_patterns import PATTERNS, WORDS

RULES = 1  # version of the rules below: raise it with every change that can turn a verdict

BURST_LINKS = 3
BURST_WITHIN = timedelta(seconds=5)

HitKind = Literal["open", "click"]


class Verdict(StrEnum):
    """``unsure`` counts with people in the report's plain numbers; ``machine`` is kept apart."""

    HUMAN = "human"
    MACHINE = "machine"
    UNSURE = "unsure"


class Judgement(NamedTuple):
    """``reason`` is a stable code, e.g. ``burst``."""

    verdict: Verdict
    reason: str


class Click(NamedTuple):
    """A click as the burst rule sees it: ``at`` is a stamp (`clock`), ``verdict`` what the hit alone said."""

    at: str
    link: int
    verdict: Verdict


# Apple's Mail Privacy Protection fetches every image, read or not, and calls itself just this.
_APPLE_PRIVACY = "Mozilla/5.0"
# Gmail prefetches images of mail that nobody has opened yet.
_GMAIL_PREFETCH = "Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0"
# These fetch an image when its mail is opened, so a person is behind an open, never behind a click.
_IMAGE_PROXIES = re.compile(r"GoogleImageProxy|YahooMailProxy|YahooCacheSystem|Rambler ?Mail|FastmailUA")
_GATEWAYS = re.compile(
    r"avanan|barracuda|bitdefender|cloudmark|cyren|fireeye|forcepoint|fortigate|fortimail|hornetsecurity|ironport|"
    r"kaspersky|mailscanner|messagelabs|mimecast|proofpoint|retarus|safelinks|sophos|spamassassin|spamtitan|"
    r"symantec|trendmicro|trend micro|urldefense|vadesecure|virustotal|zscaler",
    re.IGNORECASE,
)
_LIBRARIES = re.compile(
    r"aiohttp|axios/|go-http-client|guzzle|httpclient|http_client|httpx/|node-fetch|okhttp|perl|php/|postman|"
    r"powershell|ruby|undici|urllib",
    re.IGNORECASE,
)
_CRAWLER_WORDS = re.compile(WORDS, re.IGNORECASE)
_CRAWLERS = re.compile(PATTERNS)
# What browsers and mail programs call themselves.
_PEOPLE = re.compile(
    r"^Mozilla/\d|^Opera/|mail|outlook|microsoft office|thunderbird|superhuman|postbox|lotus-notes|\bspark|barca|"
    r"the bat!|evolution|entourage",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def judge(kind: HitKind, user_agent: str, method: str = "GET") -> Judgement:
    """What a hit says of itself; bursts are judged from all clicks of a message (`click_verdicts`)."""
    if method == "HEAD":
        return Judgement(Verdict.MACHINE, "head")
    if not user_agent:
        # Some mail programs name themselves to nobody when they load an image; browsers that follow a link always do.
        return Judgement(Verdict.UNSURE if kind == "open" else Verdict.MACHINE, "no-user-agent")
    if user_agent == _APPLE_PRIVACY:
        return Judgement(Verdict.MACHINE, "apple-privacy")
    if user_agent.endswith(_GMAIL_PREFETCH):
        return Judgement(Verdict.MACHINE, "gmail-prefetch")
    if _IMAGE_PROXIES.search(user_agent):
        return Judgement(Verdict.HUMAN if kind == "open" else Verdict.MACHINE, "image-proxy")
    if _GATEWAYS.search(user_agent):
        return Judgement(Verdict.MACHINE, "mail-gateway")
    if _LIBRARIES.search(user_agent):
        return Judgement(Verdict.MACHINE, "library")
    if _CRAWLER_WORDS.search(user_agent) or _CRAWLERS.search(user_agent):
        return Judgement(Verdict.MACHINE, "crawler")
    if _PEOPLE.search(user_agent):
        return Judgement(Verdict.HUMAN, "user-agent")
    return Judgement(Verdict.UNSURE, "unknown-user-agent")


def click_verdicts(clicks: Sequence[Click]) -> list[Verdict]:
    """The verdict of each click of one message, in the order given.

    Clicks on three or more distinct links within five seconds are a scanner's, all of them, whatever each said. The
    answer depends on the set of clicks alone, not on the order in which they became known.
    """
    verdicts = [click.verdict for click in clicks]
    if len({click.link for click in clicks}) < BURST_LINKS:
        return verdicts
    order = sorted(range(len(clicks)), key=lambda index: clicks[index].at)
    times = [clock.moment(clicks[index].at) for index in order]
    links = [clicks[index].link for index in order]
    in_window: Counter[int] = Counter()
    start = judged = 0
    for end, time in enumerate(times):
        in_window[links[end]] += 1
        while time - times[start] > BURST_WITHIN:
            in_window[links[start]] -= 1
            start += 1
        if sum(count > 0 for count in in_window.values()) >= BURST_LINKS:
            for index in order[max(start, judged) : end + 1]:
                verdicts[index] = Verdict.MACHINE
            judged = end + 1
    return verdicts
