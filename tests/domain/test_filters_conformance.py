"""The filter language against cases harvested from three implementations of MongoDB's query operators."""

import json
from typing import Any

import pytest

from clarion.domain.filters import FilterRejected, compile_filter
from tests.shared_data import shared

CASES = json.loads(shared("mongo_filters/filter_cases_dev.json").read_text())
INVALID = json.loads(shared("mongo_filters/invalid_filters.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_filter_selects_the_documents_mongodb_would(case: dict[str, Any]) -> None:
    predicate = compile_filter(case["filter"])
    assert [index for index, document in enumerate(case["docs"]) if predicate(document)] == case["expected_indices"]


@pytest.mark.parametrize("case", INVALID, ids=lambda case: json.dumps(case["filter"]))
def test_a_filter_mongodb_would_refuse_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(FilterRejected):
        compile_filter(case["filter"])


def test_the_whole_set_was_read() -> None:
    assert (len(CASES), len(INVALID)) == (294, 17)
