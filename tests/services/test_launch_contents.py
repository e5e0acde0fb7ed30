"""What a launch freezes of a post, or refuses by the field at fault."""

from typing import Any

import pytest

from clarion.domain.campaign import Campaign
from clarion.domain.errors import RuleBroken
from clarion.services.launch_contents import ContentCompiler
from tests.fakes.delivery import campaign_details
from tests.fakes.world import Clock, Templates

NOW = Clock()()
LONG = "t" * 3_001
LINKEDIN = {"platform": "linkedin", "profile": "urn:li:organization:5"}
X = {"platform": "x", "profile": "99"}
PICTURE = {"url": "https://media.shop.example/a.png", "contentType": "image/png"}


class LongTemplates(Templates):
    def social_text(self, org_id: str, template_id: str) -> str:
        return LONG


def compile_post(templates: Templates, **social: Any) -> None:
    details = campaign_details(channels=["social"], social=social)
    campaign = Campaign(id="c", owner="u", created_at=NOW, updated_at=NOW, **dict(details))
    ContentCompiler(templates, lambda url: None).compile("o", campaign, "social")


@pytest.mark.parametrize(
    ("templates", "social", "field"),
    [
        (Templates(), {"text": LONG, "profiles": [X, LINKEDIN]}, "body.social.text"),
        (LongTemplates(), {"profiles": [LINKEDIN]}, "body.templateId"),
        (Templates(), {"media": [PICTURE] * 5, "profiles": [LINKEDIN, X]}, "body.social.media"),
    ],
)
def test_what_one_of_the_networks_refuses_for_certain_is_refused_at_launch(
    templates: Templates, social: dict[str, Any], field: str
) -> None:
    with pytest.raises(RuleBroken) as refused:
        compile_post(templates, **social)
    assert refused.value.field == field


def test_what_the_networks_named_take_is_frozen() -> None:
    compile_post(Templates(), text=LONG, profiles=[X])
