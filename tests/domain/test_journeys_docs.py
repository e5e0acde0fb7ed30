"""docs/journeys.md, held to the code: its examples are journeys, and its tables name what there is."""

import json
import re
from pathlib import Path
from typing import Any, get_args

from clarion.domain.campaign_details import CampaignDetails
from clarion.domain.journey import ExitReason
from clarion.domain.progress import ContactState
from clarion.schemas.contact_progress import ContactProgressView

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "journeys.md").read_text()
EXAMPLES: list[dict[str, Any]] = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]


def test_the_examples_are_journeys() -> None:
    journeys = [CampaignDetails.model_validate(each) for each in EXAMPLES if "type" in each]
    assert [(each.type, len(each.messages)) for each in journeys] == [("drip", 3), ("milestone", 1)]


def test_the_example_of_progress_is_one() -> None:
    [progress] = [each for each in EXAMPLES if "state" in each]
    assert ContactProgressView.model_validate(progress).model_dump(mode="json", by_alias=True) == progress


def test_every_state_and_every_exit_is_explained() -> None:
    assert [state for state in ContactState if f"`{state.value}`" not in TEXT] == []
    assert [reason for reason in get_args(ExitReason) if f"| `{reason}` |" not in TEXT] == []
