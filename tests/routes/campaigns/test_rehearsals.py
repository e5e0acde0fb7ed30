"""POST /crm/marketing/campaigns/{campaign_id}/audience-preview, …/preview, …/test-sends; POST …/audience-preview"""

from typing import Any

import pytest

from clarion import keys
from clarion.storage.table import Table
from tests.routes.campaigns.conftest import EVERYBODY
from tests.routes.conftest import ACME, OWNER, STRANGER, VIEWER


@pytest.fixture
def contact(call: Any) -> str:
    """Ann, who lives in Berlin."""
    body = {"email": "ann@example.com", "firstName": "Ann", "timezone": "Europe/Berlin"}
    return str(call("contacts", "create_contact", body=body).json["id"])


@pytest.fixture
def campaign(call: Any, ready: Any) -> str:
    """A draft of Acme."""
    return str(call("campaigns", "create_campaign", body=ready.campaign()).json["id"])


def reach(call: Any, campaign: str, **options: Any) -> Any:
    return call("campaigns", "preview_campaign_audience", path={"campaign_id": campaign}, **options)


def preview(call: Any, campaign: str, body: Any = None, **options: Any) -> Any:
    return call("campaigns", "preview_campaign", path={"campaign_id": campaign}, body=body or {}, **options)


def send_test(call: Any, campaign: str, body: Any = None, **options: Any) -> Any:
    body = body or {"to": ["me@shop.example"]}
    return call("campaigns", "send_test", path={"campaign_id": campaign}, body=body, **options)


def suppress(table: Table, address: str) -> None:
    table.put({**keys.suppression(ACME, "email", address), "address": address})


def test_the_reach_of_a_campaign_is_told_with_reasons(call: Any, campaign: str, contact: str, table: Table) -> None:
    gone = call("contacts", "create_contact", body={"email": "gone@example.com"}).json["id"]
    suppress(table, "gone@example.com")
    answer = reach(call, campaign, user=VIEWER)
    assert answer.status == 200
    none = {"no_consent": 0, "no_address": 0, "invalid_address": 0, "hold_out": 0, "capped": 0}
    assert answer.json == {
        "audience": 2,
        "wouldReceive": 1,
        "excluded": {"suppressed": 1, **none},
        "variants": {},
        "timezones": [{"timezone": "Europe/Berlin", "contacts": 1}],
        "fallback": {"timezone": "UTC", "contacts": 0},
        "sample": [
            {"contactId": contact, "email": "ann@example.com", "phone": None, "reason": None},
            {"contactId": gone, "email": "gone@example.com", "phone": None, "reason": "suppressed"},
        ],
        "exact": True,
        "share": 1.0,
    }


def test_the_reach_by_one_of_its_channels_is_told_when_it_is_asked_for(call: Any, ready: Any, contact: str) -> None:
    both = call("campaigns", "create_campaign", body=ready.campaign(channels=["email", "sms"])).json["id"]
    by = {channel: reach(call, both, query={"channel": channel}).json for channel in ("email", "sms")}
    assert by["email"]["wouldReceive"] == 1
    assert by["sms"]["excluded"]["no_address"] == 1
    refused = reach(call, both, query={"channel": "social"})
    assert (refused.status, refused.json["errors"][0]["field"]) == (400, "query.channel")


def test_the_reach_of_an_audience_is_told_saved_or_inline(call: Any, ready: Any, contact: str) -> None:
    for body in ({"audienceId": ready.audience}, {"audience": EVERYBODY, "channel": "email"}):
        answer = call("audiences", "preview_audience", body=body, user=VIEWER)
        assert (answer.status, answer.json["wouldReceive"], answer.json["exact"]) == (200, 1, True)


@pytest.mark.parametrize(("body", "field"), [
    ({}, "body"), ({"audience": EVERYBODY, "audienceId": "x"}, "body"),
    ({"audienceId": "x", "channel": "fax"}, "body.channel"), ({"audienceId": "x", "channel": "social"}, "body.channel"),
    ({"audience": {"type": "static"}}, "body.audience.contactIds"),
])  # fmt: skip
def test_an_audience_that_is_none_is_refused_naming_the_field(call: Any, body: Any, field: str) -> None:
    answer = call("audiences", "preview_audience", body=body)
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, field)


def test_another_organisation_s_audience_is_not_found_and_its_contacts_are_not_counted(
    call: Any, ready: Any, contact: str
) -> None:
    body = {"audienceId": ready.audience}
    assert call("audiences", "preview_audience", body=body, user=STRANGER).status == 404
    answer = call("audiences", "preview_audience", body={"audience": EVERYBODY}, user=STRANGER)
    assert (answer.status, answer.json["audience"]) == (200, 0)


def test_a_campaign_without_an_audience_is_refused_naming_the_field(call: Any, ready: Any) -> None:
    draft = call("campaigns", "create_campaign", body=ready.campaign(audienceId=None)).json["id"]
    answer = reach(call, draft)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "body.audienceId")


def test_a_campaign_s_message_is_rendered_for_a_contact(call: Any, ready: Any, contact: str) -> None:
    variants = [{"id": "a", "share": 50}, {"id": "b", "share": 50, "subject": "Hi {{ contact.firstName }}"}]
    body = ready.campaign(experiment={"variants": variants})
    campaign = call("campaigns", "create_campaign", body=body).json["id"]
    first = preview(call, campaign, {"contactId": contact}, user=VIEWER)
    assert (first.status, first.json["subject"]) == (200, "Hello")
    assert "https://shop.example/" in first.json["html"]
    second = preview(call, campaign, {"contactId": contact, "variant": "b"})
    assert second.json["subject"] == "Hi Ann"
    made_up = preview(call, campaign, {"contact": {"firstName": "Bob"}, "variant": "b", "step": "1"})
    assert made_up.json["subject"] == "Hi Bob"


@pytest.mark.parametrize("options", [{"step": "2"}, {"variant": "z"}, {"language": "de"}])
def test_what_the_campaign_does_not_have_is_refused_naming_the_field(
    call: Any, campaign: str, options: dict[str, str]
) -> None:
    [field] = options
    for route in (preview, send_test):
        answer = route(call, campaign, {**({"to": ["me@shop.example"]} if route is send_test else {}), **options})
        assert (answer.status, answer.json["errors"][0]["field"]) == (400, f"body.{field}")


def test_a_test_message_goes_to_the_addresses_named(call: Any, campaign: str, contact: str, table: Table) -> None:
    suppress(table, "gone@shop.example")
    answer = send_test(call, campaign, {"to": ["me@shop.example", "gone@shop.example"], "contactId": contact})
    assert answer.status == 200
    sent, refused = answer.json["results"]
    assert (sent["to"], sent["outcome"]) == ("me@shop.example", "sent")
    assert sent["detail"].startswith(f"null-test.{campaign}.")
    assert (refused["to"], refused["outcome"]) == ("gone@shop.example", "skipped.suppressed")


@pytest.fixture
def texting(call: Any, ready: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """A draft of Acme that writes text messages, which a development channel takes."""
    from clarion import settings

    monkeypatch.setenv("DEVELOPMENT_CHANNELS", "null")
    settings.settings.cache_clear()
    source = {"name": "Texts", "smsText": "Hi {{ contact.firstName }}: https://shop.example/sale"}
    template = call("templates", "create_template", body=source).json["id"]
    body = ready.campaign(channels=["sms"], templateId=template)
    return str(call("campaigns", "create_campaign", body=body).json["id"])


def test_a_campaign_s_text_is_previewed_with_what_it_costs(call: Any, texting: str, contact: str) -> None:
    answer = preview(call, texting, {"contactId": contact}, user=VIEWER)
    assert answer.status == 200
    link = len(f"http://127.0.0.1:8080/connect/automation/{texting}/1/link/click/?t=") + 72
    assert answer.json == {
        **dict.fromkeys(("subject", "preheader", "html", "text", "social")),
        "sms": {
            "text": "Hi Ann: https://shop.example/sale",
            "segments": 2,
            "encoding": "GSM-7",
            "charactersLeft": 306 - len("Hi Ann: ") - link,
        },
    }


def test_a_test_text_goes_to_the_numbers_named(call: Any, texting: str, contact: str, table: Table) -> None:
    table.put({**keys.suppression(ACME, "sms", "+16172531000"), "address": "+16172531000"})
    answer = send_test(call, texting, {"to": ["+49 30 90182080", "+16172531000"], "contactId": contact})
    assert answer.status == 200
    assert [(each["to"], each["outcome"]) for each in answer.json["results"]] == [
        ("+493090182080", "sent"),
        ("+16172531000", "skipped.suppressed"),
    ]
    refused = send_test(call, texting, {"to": ["+16172531000", "me@shop.example"]})
    assert (refused.status, refused.json["errors"][0]["field"]) == (400, "body.to.1")


def test_what_everybody_would_see_is_not_tried(call: Any, ready: Any, texting: str) -> None:
    for channel in ("social", "ads"):
        body = ready.campaign(channels=["sms", channel])
        draft = call("campaigns", "create_campaign", body=body).json["id"]
        answer = send_test(call, draft, {"to": ["+493090182080"], "channel": channel})
        assert (answer.status, answer.json["errors"][0]["field"]) == (422, "body.channels")


@pytest.mark.parametrize(("to", "field"), [
    ([], "body.to"), ([f"m{n}@shop.example" for n in range(11)], "body.to"), (["nobody"], "body.to.0"),
])  # fmt: skip
def test_addresses_that_are_none_or_too_many_are_refused(call: Any, campaign: str, to: list[str], field: str) -> None:
    answer = send_test(call, campaign, {"to": to})
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, field)


def test_a_hundred_test_messages_a_day_are_enough(call: Any, campaign: str) -> None:
    ten = [f"m{n}@shop.example" for n in range(10)]
    assert [send_test(call, campaign, {"to": ten}).status for _ in range(11)] == [200] * 10 + [429]


def test_a_channel_that_is_not_connected_sends_no_test(
    call: Any, campaign: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from clarion import settings, wiring

    monkeypatch.setenv("EMAIL_CHANNEL", "fax")
    settings.settings.cache_clear()
    wiring.trials.cache_clear()
    wiring.organisation_channels.cache_clear()
    answer = send_test(call, campaign)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "body.channels")


@pytest.mark.parametrize("route", [reach, preview, send_test])
def test_another_organisation_sees_no_such_campaign(call: Any, campaign: str, route: Any) -> None:
    assert route(call, campaign, user=OWNER).status == 200
    assert route(call, campaign, user=STRANGER).status == 404


def test_a_viewer_sends_nothing(call: Any, campaign: str) -> None:
    assert send_test(call, campaign, user=VIEWER).status == 403


@pytest.mark.parametrize("route", [preview, send_test])
def test_another_organisation_s_contact_is_not_found(call: Any, campaign: str, route: Any) -> None:
    stranger = call("contacts", "create_contact", body={"email": "x@example.com"}, user=STRANGER).json["id"]
    assert route(call, campaign, {"to": ["me@shop.example"], "contactId": stranger} if route is send_test else {
        "contactId": stranger
    }).status == 404  # fmt: skip
