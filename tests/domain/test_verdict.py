"""Who hit: people, machines, and what nobody can tell."""

import json
import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from crawleruseragents import CRAWLER_USER_AGENTS_DATA
from hypothesis import given
from hypothesis import strategies as st

from clarion import clock
from clarion.domain.verdict import Click, HitKind, Judgement, Verdict, click_verdicts, judge
from tests.shared_data import shared

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36"
)
CUBOT = "Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile"
PREFETCH = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0"
)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HUMAN, MACHINE, UNSURE = Verdict.HUMAN, Verdict.MACHINE, Verdict.UNSURE
# Image proxies and browsers inside applications: listed as crawlers, people nonetheless.
PEOPLE_LISTED_AS_CRAWLERS = (
    "GoogleImageProxy", "YahooMailProxy", "YahooCacheSystem", "FastmailUA", "MetaIAB Facebook", "Fluid",
)  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "user_agent", "method", "expected"),
    [
        ("click", CHROME, "GET", Judgement(HUMAN, "user-agent")),
        ("open", CHROME, "GET", Judgement(HUMAN, "user-agent")),
        ("click", CUBOT, "GET", Judgement(HUMAN, "user-agent")),
        ("click", CHROME, "HEAD", Judgement(MACHINE, "head")),
        ("open", "Mozilla/5.0", "GET", Judgement(MACHINE, "apple-privacy")),
        ("open", "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", "GET",
         Judgement(HUMAN, "image-proxy")),
        ("click", "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", "GET",
         Judgement(MACHINE, "image-proxy")),
        ("open", "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", "GET",
         Judgement(HUMAN, "image-proxy")),
        ("open", PREFETCH, "GET", Judgement(MACHINE, "gmail-prefetch")),
        ("click", "Mozilla/5.0 (compatible; Proofpoint URL Defense)", "GET", Judgement(MACHINE, "mail-gateway")),
        ("click", "Mimecast", "GET", Judgement(MACHINE, "mail-gateway")),
        ("click", "Python-urllib/3.11", "GET", Judgement(MACHINE, "library")),
        ("click", "python-requests/2.32.3", "GET", Judgement(MACHINE, "crawler")),
        ("click", "curl/8.5.0", "GET", Judgement(MACHINE, "crawler")),
        ("click", "facebookexternalhit/1.1", "GET", Judgement(MACHINE, "crawler")),
        ("click", "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "GET",
         Judgement(MACHINE, "crawler")),
        ("open", "", "GET", Judgement(UNSURE, "no-user-agent")),
        ("click", "", "GET", Judgement(MACHINE, "no-user-agent")),
        ("open", "Frobnicator 7", "GET", Judgement(UNSURE, "unknown-user-agent")),
    ],
)  # fmt: skip
def test_a_hit_is_judged_by_what_it_says_of_itself(
    kind: HitKind, user_agent: str, method: str, expected: Judgement
) -> None:
    assert judge(kind, user_agent, method) == expected


def test_every_mail_program_opens_as_a_person() -> None:
    agents = [each["ua"] for each in json.loads(shared("user_agents/uap_core_mail_clients.json").read_text())]
    assert len(agents) > 30
    assert {agent: judge("open", agent).verdict for agent in agents if judge("open", agent).verdict != HUMAN} == {}


def test_every_listed_crawler_is_a_machine_but_the_people_among_them() -> None:
    samples = [
        (crawler["pattern"], sample)
        for crawler in CRAWLER_USER_AGENTS_DATA
        for sample in crawler.get("instances", [])
        if crawler["pattern"] not in PEOPLE_LISTED_AS_CRAWLERS
    ]
    assert len(samples) > 2000
    assert [s for _, s in samples if judge("click", s).verdict != MACHINE] == []


def test_the_pattern_module_is_up_to_date() -> None:
    tool = Path(__file__).parents[2] / "tools/crawler_patterns.py"
    done = subprocess.run([sys.executable, str(tool), "--check"], capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout


def _clicks(*seconds_and_links: tuple[float, int]) -> list[Click]:
    return [Click(clock.stamp(NOON + timedelta(seconds=s)), link, HUMAN) for s, link in seconds_and_links]


def test_three_links_within_five_seconds_are_a_scanner() -> None:
    assert click_verdicts(_clicks((0, 1), (2, 2), (5, 3))) == [MACHINE] * 3


def test_three_links_within_more_than_five_seconds_are_a_person() -> None:
    assert click_verdicts(_clicks((0, 1), (2, 2), (5.001, 3))) == [HUMAN] * 3


def test_many_clicks_on_two_links_are_a_person() -> None:
    assert click_verdicts(_clicks((0, 1), (1, 2), (2, 1), (3, 2))) == [HUMAN] * 4


def test_a_click_minutes_after_the_burst_is_a_person() -> None:
    assert click_verdicts(_clicks((0, 1), (1, 2), (2, 3), (300, 2))) == [MACHINE] * 3 + [HUMAN]


def test_machine_clicks_help_to_make_a_burst() -> None:
    clicks = _clicks((0, 1), (1, 2), (2, 3))
    clicks[0] = clicks[0]._replace(verdict=MACHINE)
    assert click_verdicts(clicks) == [MACHINE] * 3


def _within(first: Click, click: Click) -> bool:
    return timedelta(0) <= clock.moment(click.at) - clock.moment(first.at) <= timedelta(seconds=5)


def _by_definition(clicks: list[Click]) -> list[Verdict]:
    """The rule word by word: is there a span of five seconds around the click with three links?"""
    verdicts = []
    for click in clicks:
        spans = [[c for c in clicks if _within(first, c)] for first in clicks if _within(first, click)]
        burst = any(len({c.link for c in span}) >= 3 for span in spans)
        verdicts.append(MACHINE if burst else click.verdict)
    return verdicts


@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(1, 5), st.sampled_from(list(Verdict))), max_size=25),
    st.randoms(use_true_random=False),
)
def test_bursts_are_found_as_defined_in_any_order(raw: list[tuple[int, int, Verdict]], rnd: random.Random) -> None:
    clicks = [Click(clock.stamp(NOON + timedelta(seconds=fifths / 5)), link, verdict) for fifths, link, verdict in raw]
    rnd.shuffle(clicks)
    assert click_verdicts(clicks) == _by_definition(clicks)
