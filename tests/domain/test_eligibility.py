"""The address a message of a channel goes to."""

import pytest

from clarion.domain.eligibility import address_of, exclusion


@pytest.mark.parametrize(("contact", "channel", "found"), [
    ({"email": "Ann@Example.com"}, "email", ("ann@example.com", None)),
    ({"email": "nobody"}, "email", (None, "invalid_address")),
    ({"email": None, "phone": "+49 30 90182080"}, "email", (None, "no_address")),
    ({"phone": "+49 30 90182080"}, "sms", ("+493090182080", None)),
    ({"phone": "030 90182080"}, "sms", (None, "invalid_address")),  # nobody knows in which country
    ({"phone": None, "email": "ann@example.com"}, "sms", (None, "no_address")),
    ({}, "sms", (None, "no_address")),
    ({"email": "ann@example.com", "phone": "+49 30 90182080"}, "fax", (None, "no_address")),
])  # fmt: skip
def test_each_channel_has_its_address(contact, channel, found):
    assert address_of(contact, channel) == found


@pytest.mark.parametrize(("consent", "suppressed", "reason"), [
    ({"sms": "granted"}, True, "suppressed"),
    ({"sms": "denied"}, False, "no_consent"),
    ({"email": "denied"}, False, None),
])  # fmt: skip
def test_consent_and_suppression_count_for_their_channel(consent, suppressed, reason):
    assert exclusion({"consent": consent}, "sms", suppressed=suppressed) == reason
