"""What is to be measured is measured: a new adapter or webhook function has its cold start in the benchmark."""

from pathlib import Path

import pytest

from bench.import_time import CASES, MADE_AT_FIRST
from clarion.domain.platforms import PLATFORMS

WEBHOOKS = Path(__file__).resolve().parents[2] / "functions" / "webhooks"


@pytest.mark.parametrize("platform", PLATFORMS)
def test_each_platforms_adapter_has_its_import_time_measured(platform):
    module = {"facebook": "facebook_page"}.get(platform, platform.replace("-", "_"))
    assert any(f"clarion.channels.{module} import" in code for code in CASES.values())


def test_each_webhooks_function_has_its_cold_start_measured_with_what_it_makes_first():
    functions = {path.stem: path.read_text() for path in WEBHOOKS.glob("*.py")}
    assert MADE_AT_FIRST.keys() == functions.keys()
    for function, made in MADE_AT_FIRST.items():
        assert f"from clarion.wiring import {made}\n" in functions[function]
