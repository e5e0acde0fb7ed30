"""What a template may hold: a mail, a text message, a post, or several of them."""

from typing import Any

import pytest
from pydantic import ValidationError

from clarion.domain.template import LONGEST_SMS_TEXT, LONGEST_SOCIAL_TEXT, TemplateSource

MAIL = {"subject": "s", "html": "<p>x</p>"}


@pytest.mark.parametrize(("source", "channels"), [
    (MAIL, ("email",)),
    ({"subject": "s", "mjml": "<mjml></mjml>", "preheader": "p", "text": "t"}, ("email",)),
    ({"smsText": "x" * LONGEST_SMS_TEXT}, ("sms",)),
    ({"socialText": "x" * LONGEST_SOCIAL_TEXT}, ("social",)),
    ({**MAIL, "smsText": "x", "socialText": "y"}, ("email", "sms", "social")),
    ({"smsText": "x", "subject": None, "preheader": "", "html": None, "mjml": None, "text": None}, ("sms",)),
])  # fmt: skip
def test_a_template_has_at_least_one_message(source: dict[str, Any], channels: tuple[str, ...]) -> None:
    assert TemplateSource.model_validate(source).channels == channels


@pytest.mark.parametrize(("source", "place", "reason"), [
    ({}, (), "write a mail"),
    ({"preheader": ""}, (), "write a mail"),
    ({"smsText": "x", "html": "<p>"}, ("subject",), "Field required"),
    ({"smsText": "x", "text": "t"}, ("subject",), "Field required"),
    ({"smsText": "x", "preheader": "p"}, ("subject",), "Field required"),
    ({"smsText": "x", "subject": "s"}, (), "exactly one of html and mjml"),
    ({"smsText": "x", **MAIL, "mjml": "<mjml>"}, (), "exactly one of html and mjml"),
    ({**MAIL, "subject": ""}, ("subject",), "at least 1"),
    ({"smsText": ""}, ("smsText",), "at least 1"),
    ({"smsText": "x" * (LONGEST_SMS_TEXT + 1)}, ("smsText",), "at most 5000"),
    ({"socialText": "x" * (LONGEST_SOCIAL_TEXT + 1)}, ("socialText",), "at most 10000"),
])  # fmt: skip
def test_half_a_mail_and_no_message_at_all_are_refused(
    source: dict[str, Any], place: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        TemplateSource.model_validate(source)
    [error] = refused.value.errors()
    assert (error["loc"], reason in error["msg"]) == (place, True), error
