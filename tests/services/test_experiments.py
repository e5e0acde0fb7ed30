"""Deciding an A/B test by the counters."""

import pytest

from clarion import keys
from clarion.domain.experiment import Experiment, Variant
from clarion.services.experiments import ExperimentService
from clarion.storage.counters import CounterTable
from tests.fakes.table import TableInMemory

EXPERIMENT = Experiment(variants=(Variant(id="a", share=10), Variant(id="b", share=10)), metric="unique_opens")


@pytest.fixture
def memory() -> TableInMemory:
    return TableInMemory()


@pytest.fixture
def service(memory: TableInMemory) -> ExperimentService:
    return ExperimentService(CounterTable(memory))


def decide(service: ExperimentService, since: str = "2026-11-21") -> str:
    return service.decide("acme", "k", "email", "1", EXPERIMENT, since)


def put(memory: TableInMemory, date: str, suffix: int, metrics: dict[str, int], org: str = "acme") -> None:
    memory.put({**keys.day_counters(org, "k", date, suffix), **metrics})


def test_the_better_variant_wins_over_all_days_and_suffixes(memory: TableInMemory, service: ExperimentService) -> None:
    put(memory, "2026-11-21", 0, {"email.1:a.sends": 60, "email.1:b.sends": 100, "email.1:a.unique_opens": 20})
    put(memory, "2026-11-21", 3, {"email.1:a.sends": 40})
    put(memory, "2026-11-22", 1, {"email.1:b.unique_opens": 21})
    assert decide(service) == "b"


def test_what_was_counted_before_the_day_is_left_out(memory: TableInMemory, service: ExperimentService) -> None:
    put(memory, "2026-11-20", 3, {"email.1:a.sends": 10, "email.1:b.sends": 10, "email.1:b.unique_opens": 10})
    put(memory, "2026-11-21", 0, {"email.1:a.sends": 10, "email.1:b.sends": 10, "email.1:a.unique_opens": 1})
    assert decide(service, "2026-11-21") == "a"
    assert decide(service, "2026-11-20") == "b"


def test_other_steps_channels_and_organisations_have_no_say(memory: TableInMemory, service: ExperimentService) -> None:
    sends = {"email.1:a.sends": 10, "email.1:b.sends": 10, "email.1:a.unique_opens": 1}
    others = {
        "email.2:b.sends": 10, "email.2:b.unique_opens": 9, "sms.1:b.sends": 10, "sms.1:b.unique_opens": 9,
        "email.1:winner.sends": 10, "email.1:winner.unique_opens": 9, "email.1.unique_opens": 9,
    }  # fmt: skip
    put(memory, "2026-11-21", 0, sends | others)
    put(memory, "2026-11-21", 0, {"email.1:b.sends": 10, "email.1:b.unique_opens": 10}, org="globex")
    assert decide(service) == "a"


def test_without_any_counter_the_first_variant_wins(service: ExperimentService) -> None:
    assert decide(service) == "a"
