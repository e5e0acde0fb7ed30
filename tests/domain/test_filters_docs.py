"""The examples of docs/filters.md are filters that compile."""

import json
import re
from pathlib import Path

import pytest

from clarion.domain.audience import DynamicFilter

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "filters.md").read_text()
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]


@pytest.mark.parametrize("example", EXAMPLES, ids=json.dumps)
def test_an_example_is_accepted(example: dict[str, object]) -> None:
    whole = example if "type" in example else {"type": "dynamic", "filter": {"datatype": "contact", "where": example}}
    assert DynamicFilter.model_validate(whole).filter.datatype == "contact"


def test_the_page_has_examples() -> None:
    assert len(EXAMPLES) >= 5
