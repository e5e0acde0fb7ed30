"""Whom a campaign would reach, and why not everybody; and that a delivery comes to the same."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from clarion import keys
from clarion.domain.audience_reach import EXCLUSIONS, Reach
from clarion.domain.errors import Invalid, NotFound, RuleBroken
from clarion.domain.sending_rules import FrequencyCap, SendingRules
from clarion.services import audience_preview
from clarion.services.audience_preview import BUDGET_S, AudiencePreview
from clarion.storage.frequency_caps import FrequencyCapTable
from tests.fakes.delivery import CAMPAIGN, ORG, Delivery, campaign_details

WEEKLY = FrequencyCap(channel="email", most=1, per=timedelta(days=7))


class Stopwatch:
    """Every look at it takes ``tick`` seconds."""

    def __init__(self, tick: float = 0) -> None:
        self.tick, self.time = tick, 1000.0

    def __call__(self) -> float:
        self.time += self.tick
        return self.time


class Before:
    """A delivery's world before its launch."""

    def __init__(self) -> None:
        self.delivery = Delivery()
        self.stopwatch = Stopwatch()
        self.caps = FrequencyCapTable(self.delivery.table)
        self.preview = AudiencePreview(
            self.delivery.campaigns,
            self.delivery.audiences,
            self.delivery.contacts,
            self.delivery.suppressions,
            self.caps,
            self.delivery.rules,
            self.delivery.clock,
            self.stopwatch,
        )

    def of(self, **details: Any) -> Reach:
        """The preview of a campaign with these details."""
        self.delivery.service.create(ORG, CAMPAIGN, "u-owner", campaign_details(**details), None)
        return self.preview.of_campaign(ORG, CAMPAIGN)


@pytest.fixture
def before() -> Before:
    return Before()


def excluded(**counts: int) -> Mapping[str, int]:
    return dict.fromkeys(EXCLUSIONS, 0) | counts


def everybody_of_kinds(before: Before) -> None:
    """People of every kind there is."""
    before.delivery.people(300)
    before.delivery.people(7, consent={"email": "denied"})
    before.delivery.people(5, email=None)
    before.delivery.people(3, email="not an address")
    gone = before.delivery.people(4)
    before.delivery.suppressions.addresses = {before.delivery.contacts.all[each]["email"] for each in gone}


def test_each_member_is_counted_once_with_the_first_reason_that_holds(before: Before) -> None:
    everybody_of_kinds(before)
    reach = before.of()
    assert (reach.audience, reach.would_receive, reach.exact, reach.share) == (319, 300, True, 1.0)
    assert reach.excluded == excluded(suppressed=4, no_consent=7, no_address=5, invalid_address=3)
    assert reach.variants == {}


def test_a_suppressed_address_without_consent_counts_as_suppressed(before: Before) -> None:
    [contact] = before.delivery.people(1, consent={"email": "denied"})
    before.delivery.suppressions.addresses = {before.delivery.contacts.all[contact]["email"]}
    assert before.of().excluded == excluded(suppressed=1)


def test_a_delivery_comes_to_what_was_foretold(before: Before) -> None:
    everybody_of_kinds(before)
    before.delivery.clock.go_on(minutes=1)
    reach = before.of(holdOut=20)
    before.delivery.service.launch(ORG, CAMPAIGN)
    before.delivery.work()
    outcomes = dict(before.delivery.outcomes())
    assert outcomes.pop("sent") == reach.would_receive
    assert {f"skipped.{reason}": n for reason, n in reach.excluded.items() if n} == outcomes
    assert reach.excluded["hold_out"] > 0


def test_variants_are_drawn_as_the_next_run_draws_them(before: Before) -> None:
    before.delivery.people(400)
    experiment = {"variants": [{"id": "a", "share": 10}, {"id": "b", "share": 30}]}
    reach = before.of(experiment=experiment)
    assert sum(reach.variants.values()) == 400
    assert reach.variants["a"] < reach.variants["b"] < reach.variants["winner"]
    before.delivery.service.launch(ORG, CAMPAIGN)
    while before.delivery.queue.waiting and before.delivery.queue.waiting[0][0] == "plan":
        before.delivery.step()
    planned: dict[str, int] = {}
    for item in before.delivery.table.query_all(keys.run_pk(ORG, CAMPAIGN, 1), "BATCH#"):
        planned[item["variant"]] = planned.get(item["variant"], 0) + len(item["contacts"])
    assert planned == reach.variants


def test_zones_are_listed_by_size_and_those_without_one_apart(before: Before) -> None:
    before.delivery.people(3, timezone="Europe/Berlin")
    before.delivery.people(5, timezone="America/New_York")
    before.delivery.people(2)
    before.delivery.people(1, timezone="Mars/Olympus")
    before.delivery.people(9, timezone="Asia/Tokyo", consent={"email": "denied"})
    reach = before.of(schedule={"timezone": "Europe/Paris"})
    assert reach.timezones == [("America/New_York", 5), ("Europe/Berlin", 3)]
    assert (reach.fallback, reach.fallback_zone) == (3, "Europe/Paris")


def test_without_a_schedule_the_organisation_s_zone_serves(before: Before) -> None:
    before.delivery.people(1)
    before.delivery.rules.rules = SendingRules(timezone="Asia/Tokyo")
    assert before.of().fallback_zone == "Asia/Tokyo"


def test_only_the_twenty_most_frequent_zones_are_listed(before: Before) -> None:
    for n in range(12):
        before.delivery.people(2, timezone=f"Etc/GMT+{n + 1}")
        before.delivery.people(1, timezone=f"Etc/GMT-{n + 1}")
    zones = before.of().timezones
    assert len(zones) == 20
    assert [contacts for _, contacts in zones] == [2] * 12 + [1] * 8


def test_the_sample_shows_both_who_gets_it_and_who_does_not(before: Before) -> None:
    before.delivery.people(100)
    before.delivery.people(2, consent={"email": "denied"})
    sample = before.of().sample
    assert [each.reason for each in sample] == [None] * 8 + ["no_consent"] * 2
    assert all(each.email and each.contact_id in before.delivery.contacts.all for each in sample)


def test_whom_the_caps_allow_no_further_message_is_counted_and_takes_no_place(before: Before) -> None:
    first, second, _ = before.delivery.people(3)
    before.delivery.rules.rules = SendingRules(frequency_caps=(WEEKLY,))
    now = before.delivery.clock()
    before.caps.take(ORG, "email", {first: "MSG#x", second: "MSG#x"}, [WEEKLY], now - timedelta(days=6))
    for _ in range(2):
        assert before.of().excluded == excluded(capped=2)
    assert before.of().would_receive == 1


def test_a_campaign_that_ignores_caps_reaches_everybody(before: Before) -> None:
    [contact] = before.delivery.people(1)
    before.delivery.rules.rules = SendingRules(frequency_caps=(WEEKLY,))
    before.caps.take(ORG, "email", {contact: "MSG#x"}, [WEEKLY], before.delivery.clock())
    assert before.of(ignoreFrequencyCaps=True).would_receive == 1


def test_a_fixed_list_is_read_by_its_members_and_a_deleted_one_is_none(before: Before) -> None:
    before.delivery.people(50)
    members = before.delivery.people(2)
    gone = "01J99999999999999999999999"
    before.delivery.contacts.page_of_shard = None  # type: ignore[method-assign, assignment] # nobody walks them all
    audience = {"type": "static", "contactIds": [*members, members[0], gone]}
    reach = before.of(audience=audience)
    assert (reach.audience, reach.would_receive, reach.exact) == (2, 2, True)


def test_short_of_time_the_figures_are_scaled_up_from_whole_shards(
    before: Before, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audience_preview, "PAGE", 50)
    before.delivery.people(4000, timezone="Europe/Berlin")
    before.delivery.people(1000, consent={"email": "denied"})
    before.stopwatch.tick = BUDGET_S / 40
    reach = before.of()
    assert not reach.exact
    assert 0 < reach.share < 1
    assert (reach.share * 16).is_integer()
    assert reach.audience == pytest.approx(5000, rel=0.1)
    assert reach.would_receive == pytest.approx(4000, rel=0.1)
    assert reach.excluded["no_consent"] == pytest.approx(1000, rel=0.1)
    assert reach.audience == reach.would_receive + sum(reach.excluded.values())
    assert reach.timezones == [("Europe/Berlin", reach.would_receive)]


def test_where_not_one_shard_can_be_walked_the_figures_are_what_was_seen(
    before: Before, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audience_preview, "PAGE", 10)
    before.delivery.people(2000)
    before.stopwatch.tick = BUDGET_S / 5
    reach = before.of()
    assert (reach.share, reach.exact, reach.audience) == (0, False, 40)


def test_an_audience_is_previewed_by_itself_saved_or_not(before: Before) -> None:
    before.delivery.people(3, tags=["vip"])
    before.delivery.people(2, tags=[])
    definition = campaign_details(
        audience={"type": "dynamic", "filter": {"datatype": "contact", "where": {"tags": "vip"}}}
    ).audience
    assert definition is not None
    before.delivery.audiences.saved["vips"] = definition
    for audience in (definition, "vips"):
        assert before.preview.of_audience(ORG, audience, "email").would_receive == 3
    assert before.preview.of_audience(ORG, "vips", "social").excluded == excluded(no_address=3)


def test_texts_reach_those_whose_phone_has_its_country_and_is_not_on_the_list(before: Before) -> None:
    everybody: dict[str, dict[str, Any]] = {
        "": {"phone": "+49 30 90182080", "email": None},
        "suppressed": {"phone": "+1 (617) 253-1000"},
        "no_consent": {"phone": "+44 20 7946 0958", "consent": {"sms": "denied"}},
        "no_address": {"phone": None},
        "invalid_address": {"phone": "030 90182080"},
    }
    for reason, fields in everybody.items():
        before.delivery.people(1, tags=[reason], **fields)
    before.delivery.suppressions.addresses = {"+16172531000"}
    reach = before.of(channels=["sms"])
    assert (reach.audience, reach.would_receive) == (5, 1)
    assert reach.excluded == excluded(suppressed=1, no_consent=1, no_address=1, invalid_address=1)
    [reached] = [each for each in reach.sample if each.reason is None]
    assert (reached.email, reached.phone) == (None, "+49 30 90182080")


def test_of_several_channels_the_first_to_contacts_is_previewed(before: Before) -> None:
    assert before.of(channels=["social", "email"]) == before.of(channels=["email"])


def test_another_channel_of_the_campaign_is_previewed_by_name(before: Before) -> None:
    before.delivery.people(3)
    before.delivery.people(1, phone="+49 30 90182080", email=None)
    assert before.of(channels=["email", "sms"]).would_receive == 3
    assert before.preview.of_campaign(ORG, CAMPAIGN, "sms").would_receive == 1


def test_a_channel_that_the_campaign_does_not_have_is_refused(before: Before) -> None:
    before.of(channels=["email"])
    with pytest.raises(Invalid, match="no channel 'sms'"):
        before.preview.of_campaign(ORG, CAMPAIGN, "sms")


@pytest.mark.parametrize(
    ("missing", "field"),
    [
        ({"channels": []}, "body.channels"),
        ({"channels": ["social", "ads"]}, "body.channels"),
        ({"audience": None}, "body.audienceId"),
        ({"audience": None, "audienceId": "nowhere"}, "body.audienceId"),
    ],
)
def test_what_a_campaign_lacks_is_refused_naming_the_field(
    before: Before, missing: Mapping[str, Any], field: str
) -> None:
    with pytest.raises(RuleBroken) as refused:
        before.of(**missing)
    assert refused.value.field == field


def test_an_audience_or_campaign_that_is_not_there_is_not_found(before: Before) -> None:
    with pytest.raises(NotFound):
        before.preview.of_audience(ORG, "nowhere", "email")
    with pytest.raises(NotFound):
        before.preview.of_campaign(ORG, CAMPAIGN)
