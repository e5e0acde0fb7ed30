"""Previews of a campaign's messages, channel by channel."""

from typing import Any

import pytest

from clarion.domain.errors import Invalid, NotFound, RuleBroken
from clarion.domain.message_choice import MessageChoice
from clarion.domain.rendering import Rendered
from tests.services.trial_office import ANN, CAMPAIGN, LINK, ORG, Office

LINK_ONLY = {"profiles": [{"platform": "x", "profile": "1"}], "link": "https://shop.example/"}


@pytest.fixture
def office() -> Office:
    office = Office()
    office.campaign()
    return office


def previewed(office: Office, **choice: Any) -> Rendered:
    return office.preview.preview(ORG, CAMPAIGN, MessageChoice(**{"contact_id": ANN.id, **choice}))


def test_a_preview_is_the_message_itself(office: Office) -> None:
    rendered = office.preview.preview(ORG, CAMPAIGN, MessageChoice(contact_id=ANN.id))
    assert rendered.mail is not None
    assert rendered.mail.subject == "Hello Ann"
    assert "https://shop.example/sale" in rendered.mail.text
    assert (rendered.sms, rendered.social) == (None, None)
    with pytest.raises(NotFound):
        office.preview.preview("01J00000000000000000000GBX", CAMPAIGN, MessageChoice(contact_id=ANN.id))


def test_a_campaign_by_text_shows_its_text_and_counts_it_with_its_tracking_link(office: Office) -> None:
    office.campaign(channels=["sms"], templateId="text")
    rendered = previewed(office)
    assert (rendered.mail, rendered.social) == (None, None)
    assert rendered.sms is not None
    assert rendered.sms.text == "Hi Ann: https://shop.example/sale"
    assert rendered.sms.segments.units == len("Hi Ann: ") + len(LINK)


def test_of_several_channels_the_first_is_shown_or_the_one_asked_for(office: Office) -> None:
    office.campaign(channels=["sms", "social"], templateId="both")
    assert previewed(office).social is None
    assert previewed(office, channel="social") == Rendered(social="Sale: https://shop.example/sale")
    with pytest.raises(Invalid) as refused:
        previewed(office, channel="email")
    assert refused.value.errors[0]["field"] == "body.channel"


@pytest.mark.parametrize(("details", "text"), [
    ({"templateId": "both", "social": LINK_ONLY}, "Sale: https://shop.example/sale"),
    ({"templateId": "both", "social": {**LINK_ONLY, "text": "Our own"}}, "Our own"),
    ({"templateId": "t1", "social": LINK_ONLY}, ""),
    ({"templateId": None, "social": LINK_ONLY}, ""),
])  # fmt: skip
def test_a_post_says_the_campaign_s_text_else_the_template_s(office: Office, details: Any, text: str) -> None:
    office.campaign(channels=["social"], **details)
    assert previewed(office).social == text


@pytest.mark.parametrize(("details", "field"), [
    ({"channels": ["sms"], "templateId": "t1"}, "body.templateId"),
    ({"channels": ["email"], "templateId": "text"}, "body.templateId"),
    ({"channels": ["sms"], "templateId": "gone"}, "body.templateId"),
    ({"channels": ["social"], "templateId": "gone"}, "body.templateId"),
    ({"channels": ["social"], "templateId": "t1"}, "body.templateId"),
    ({"channels": ["social"], "templateId": None}, "body.social.text"),
    ({"channels": ["ads"]}, "body.channels"),
])  # fmt: skip
def test_what_a_channel_needs_and_the_campaign_lacks_is_named(office: Office, details: Any, field: str) -> None:
    office.campaign(**details)
    with pytest.raises(RuleBroken) as refused:
        previewed(office)
    assert refused.value.field == field


def test_a_variant_s_subject_is_not_blamed_for_a_template_without_a_mail(office: Office) -> None:
    variants = [{"id": "a", "share": 50, "subject": "Hi"}, {"id": "b", "share": 50}]
    office.campaign(templateId="text", experiment={"variants": variants})
    with pytest.raises(RuleBroken, match="the template has no mail") as refused:
        previewed(office)
    assert refused.value.field == "body.templateId"
