"""What is said of the campaign types is what their models and their launch do."""

import re
from itertools import pairwise
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from clarion.domain.campaign import NEXT, Status
from clarion.domain.campaign_details import ONLY_FOR, CampaignDetails, CampaignType
from clarion.domain.campaign_type_words import HELP
from clarion.domain.campaign_types import CampaignTypeGuide, campaign_types
from clarion.schemas.campaigns import CreateCampaignRequest

GUIDES = campaign_types()
FIELDS = {info.alias or name for name, info in CampaignDetails.model_fields.items()}
each_type = pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.type)

# A value for every field that not all types have, by its path.
SOMETHING: dict[str, Any] = {
    "templateId": "t1",
    "social": {"text": "Sale!"},
    "ads": {"url": "https://shop.example/"},
    "recurring": {"cron": "0 9 * * *"},
    "steps": [{"id": "first", "templateId": "t1"}],
    "milestone": {"type": "count", "of": "opens", "reaches": 3},
    "goal": {"event": "click"},
    "exitOn": ["goal"],
    "reentry": {"after": "P90D"},
    "experiment": {"variants": [{"id": "a", "share": 50}, {"id": "b", "share": 50}]},
    "schedule.recipientTime": True,
}


def with_field(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    name, _, inner = path.partition(".")
    return {**body, name: {**body.get(name, {}), inner: value} if inner else value}


def test_every_type_is_described() -> None:
    assert [guide.type for guide in GUIDES] == list(get_args(CampaignType))


@each_type
def test_every_field_of_a_campaign_is_listed_or_refused_by_each_type(guide: CampaignTypeGuide) -> None:
    listed = {field.name for field in guide.fields}
    assert listed | {path for path in guide.refuses if "." not in path} == FIELDS
    assert listed.isdisjoint(guide.refuses)


def test_no_help_is_left_over() -> None:
    assert set(HELP) == FIELDS


@each_type
@pytest.mark.parametrize("path", ONLY_FOR)
def test_a_type_takes_the_fields_it_lists_and_refuses_the_others_by_name(guide: CampaignTypeGuide, path: str) -> None:
    body = with_field({"name": "x", "type": guide.type}, path, SOMETHING[path])
    if path not in guide.refuses:
        CampaignDetails.model_validate(body)
        return
    with pytest.raises(ValidationError) as refused:
        CampaignDetails.model_validate(body)
    [error] = refused.value.errors()
    assert ".".join(map(str, error["loc"])) == path


@each_type
def test_rules_are_about_what_the_type_has(guide: CampaignTypeGuide) -> None:
    about = {rule.about.split(".")[0] for rule in guide.rules}
    assert about <= {field.name for field in guide.fields} | {"status", "changes"}
    assert {"status", "changes", "expireAfter", "schedule", "holdOut"} <= about
    assert len({rule.about for rule in guide.rules}) == len(guide.rules)
    assert not {rule.about for rule in guide.rules} & set(guide.refuses)


@each_type
def test_a_type_goes_from_state_to_state_as_campaigns_do(guide: CampaignTypeGuide) -> None:
    [words] = [rule.text for rule in guide.rules if rule.about == "status"]
    way = [Status(word) for word in re.findall("draft|scheduled|running|completed", words)][:4]
    assert way == [Status.DRAFT, Status.SCHEDULED, Status.RUNNING, Status.COMPLETED]
    assert all(after in NEXT[before] for before, after in pairwise(way))


@each_type
def test_the_example_is_a_campaign_of_its_type_with_nothing_but_listed_fields(guide: CampaignTypeGuide) -> None:
    request = CreateCampaignRequest.model_validate(guide.example)
    assert request.type == guide.type
    assert set(guide.example) <= {field.name for field in guide.fields}


@each_type
def test_what_stands_for_a_required_field_is_required_itself(guide: CampaignTypeGuide) -> None:
    required = {field.name: field.instead for field in guide.fields if field.required}
    assert all(required[instead] == name for name, instead in required.items() if instead)
