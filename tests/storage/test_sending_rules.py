"""Sending rules: defaults before the first ones, one version after the other, each organisation its own."""

from datetime import date, timedelta

import pytest

from clarion import keys
from clarion.domain.errors import Stale
from clarion.domain.sending_rules import FrequencyCap, Guard, QuietHours, RampUp, RateLimit, SendingRules
from clarion.storage.sending_rules import SendingRulesTable
from clarion.storage.table import Table
from tests.fakes.table import TableInMemory

RULES = SendingRules(
    timezone="Asia/Kolkata",
    quiet_hours=(QuietHours(channels=("sms",), from_="21:00", to="08:30", timezone="campaign"),),
    frequency_caps=(FrequencyCap(channel="email", most=3, per=timedelta(days=7)),),
    rate_limits=(RateLimit(channel="email", per_second=0.5),),
    ramp_ups=(RampUp(channel="sms", starts_on=date(2026, 11, 23), daily=(50, 100)),),
    guard=Guard(enabled=False, complaints=0.002, hard_bounces=0.1, minimum_sends=1),
)


@pytest.fixture(params=["memory", "moto"])
def store(request: pytest.FixtureRequest) -> Table:
    return TableInMemory() if request.param == "memory" else request.getfixturevalue("table")


def test_who_never_set_any_has_the_defaults_at_version_0(store: Table) -> None:
    assert SendingRulesTable(store).versioned("acme") == (SendingRules(), 0)
    assert SendingRulesTable(store).get("acme") == SendingRules()


def test_every_rule_comes_back_as_it_was_kept(store: Table) -> None:
    rules = SendingRulesTable(store)
    assert rules.replace("acme", RULES, 0) == 1
    assert rules.versioned("acme") == (RULES, 1)
    assert rules.get("acme") == RULES


def test_an_older_version_is_not_written_over_a_newer_one(store: Table) -> None:
    rules = SendingRulesTable(store)
    rules.replace("acme", RULES, 0)
    for stale in (0, 2):
        with pytest.raises(Stale):
            rules.replace("acme", SendingRules(), stale)
    assert rules.replace("acme", SendingRules(timezone="Asia/Tokyo"), 1) == 2
    assert rules.versioned("acme") == (SendingRules(timezone="Asia/Tokyo"), 2)


def test_each_organisation_has_its_own(store: Table) -> None:
    SendingRulesTable(store).replace("acme", RULES, 0)
    assert SendingRulesTable(store).get("globex") == SendingRules()


def test_a_period_is_kept_as_an_iso_8601_duration(store: Table) -> None:
    SendingRulesTable(store).replace("acme", RULES, 0)
    row = store.get(keys.sending_rules("acme"))
    assert row is not None
    assert '"per":"P7D"' in row["body"]
