"""Cron over the answers of four cron libraries to their own tests, and to one another's zones."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from clarion.domain.cron import Cron
from tests.shared_data import shared

SECONDS = {"vixie5": False, "seconds6_first": True}


def cases(name):
    return json.loads(shared(f"cron_vectors/{name}.json").read_text())


def named(items):
    return [pytest.param(case, id=f"{case['id']} {case['expr']} {case['tz']}") for case in items]


AGREED = [
    case
    for case in cases("library_tests_dev") + cases("world_consensus_dev")
    if case["all_agree"] and case["dialect"] in SECONDS
]
NEVER = [case for case in AGREED if not case["expected_next"]]
DISPUTED = cases("dst_policy_disagreements")


def runs(case, count):
    cron, zone = Cron.parse(case["expr"], seconds=SECONDS[case["dialect"]]), ZoneInfo(case["tz"])
    moment, found = datetime.fromisoformat(case["from"]), []
    for _ in range(count):
        following = cron.after(moment, zone)
        assert following is not None
        moment = following
        found.append(moment.astimezone(zone).isoformat())
    return found


def test_the_vectors_are_all_there():
    assert (len(AGREED), len(NEVER), len(DISPUTED)) == (272, 2, 21)


@pytest.mark.parametrize("case", named(case for case in AGREED if case["expected_next"]))
def test_what_all_libraries_agree_on_holds(case):
    assert runs(case, len(case["expected_next"])) == case["expected_next"]


@pytest.mark.parametrize("case", named(NEVER))
def test_what_all_libraries_never_fire_is_refused(case):
    with pytest.raises(ValueError, match="never comes"):
        Cron.parse(case["expr"])


@pytest.mark.parametrize("case", named(DISPUTED))
def test_where_libraries_differ_most_of_them_hold_or_else_those_that_fire_after_a_gap(case):
    answers = list(case["answers"].values())
    most = max(answers.count(answer) for answer in answers)
    leading = [answer for answer in answers if answers.count(answer) == most]
    # Two against two, over a gap of a day or one at midnight: two leave the run out, so the others' comes earlier.
    assert runs(case, 5) == min(leading)


def test_an_instant_matches_or_does_not():
    """All but macros, ``?``, and one library's own reading of a step in the day of the month."""
    checked = 0
    for case in cases("robfig_matches"):
        if case["expr"].startswith("@") or "?" in case["expr"] or "*/" in case["expr"]:
            continue
        at, zone = datetime.fromisoformat(case["at"]), ZoneInfo(case["tz"])
        before = at.replace(second=0).timestamp() - 1
        found = Cron.parse(case["expr"]).after(datetime.fromtimestamp(before, zone), zone)
        assert (found == at) is case["matches"], case
        checked += 1
    assert checked == 14
