"""Conversions: recorded once, and earned by the right message."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from clarion import clock, keys
from clarion.domain.contact import Contact
from clarion.domain.conversions import Attribution, Conversion, ConversionDetails, NamedMessage
from clarion.domain.errors import Conflict, NotFound, RuleBroken
from clarion.hot.token import Signer
from clarion.services.aggregation import AggregationService
from clarion.services.conversions import ConversionService
from clarion.storage.conversions import ConversionTable
from clarion.storage.engagement import EngagementTable
from tests.fakes.table import TableInMemory
from tests.services.engagement_truth import stored
from tests.services.stream import record as stream_record

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SIGNER = Signer.of("a-secret-of-the-tests-only")
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class ContactsInMemory:
    """Ann and Bob of acme."""

    def get(self, org_id: str, contact_id: str) -> Contact:
        if (org_id, contact_id) not in {("acme", "ann"), ("acme", "bob")}:
            raise NotFound("contact", contact_id)
        return Contact.new(contact_id, {"email": f"{contact_id}@x.example"}, NOW)

    def find_by_email(self, org_id: str, email_key: str) -> Contact | None:
        found = email_key.removesuffix("@x.example")
        return self.get(org_id, found) if (org_id, found) == ("acme", "ann") else None


@pytest.fixture
def memory() -> TableInMemory:
    return TableInMemory(page=2)


@pytest.fixture
def service(memory: TableInMemory) -> ConversionService:
    return ConversionService(ConversionTable(memory), ContactsInMemory(), SIGNER, lambda: NOW)


def sent(memory: TableInMemory, campaign: str, days_ago: float, state: str = "claimed", contact: str = "ann") -> None:
    at = clock.stamp(NOW - timedelta(days=days_ago))
    memory.put(
        {**keys.message("acme", contact, campaign, 1, "1", "email"), "state": state, "claimed_at": at, "to": "x"}
    )


def clicked(memory: TableInMemory, campaign: str, days_ago: float, user_agent: str = BROWSER, link: int = 0) -> None:
    at = clock.stamp(NOW - timedelta(days=days_ago))
    event_id = f"{campaign}{link}{len(memory.items)}"
    memory.put({
        **keys.event("acme", "ann", at, event_id), "kind": "click", "at": at, "link": link, "method": "GET",
        "ua": user_agent, "msg": keys.message_sk(campaign, 1, "1", "email"),
    })  # fmt: skip


def record(service: ConversionService, conversion_id: str = "order-1", **said: Any) -> Conversion:
    message = said.pop("message", None)
    who = {"contact_id": said.pop("contact_id", None if message else "ann"), "email_key": said.pop("email_key", None)}
    details = {"value": Decimal("19.99"), "currency": "USD", **said}
    return service.record("acme", ConversionDetails(conversion_id=conversion_id, **details), **who, message=message)


def earned(conversion: Conversion) -> tuple[str, Attribution] | None:
    if conversion.message is None or conversion.attribution is None:
        return None
    return conversion.message.campaign, conversion.attribution


def events(memory: TableInMemory) -> list[dict[str, Any]]:
    return [item for item in memory.items.values() if item.get("kind") == "conversion"]


def test_a_conversion_and_its_event_are_kept_together(service: ConversionService, memory: TableInMemory) -> None:
    sent(memory, "k", 1)
    conversion = record(service, type="purchase")
    [event] = events(memory)
    assert event == {
        "pk": "ORG#acme#CONTACT#ann", "sk": event["sk"], "kind": "conversion", "msg": "MSG#k#0001#1#email",
        "at": "2026-11-21T12:00:00.000Z", "source": "api", "value": Decimal("19.99"), "currency": "USD",
        "type": "purchase", "conversion": "order-1", "expires_at": int((NOW + timedelta(days=400)).timestamp()),
    }  # fmt: skip
    assert ConversionTable(memory).get("acme", "order-1") is not None
    assert (conversion.contact_id, conversion.occurred_at, conversion.created_at) == ("ann", NOW, NOW)


def test_saying_it_again_counts_nothing_twice(service: ConversionService, memory: TableInMemory) -> None:
    sent(memory, "k", 1)
    first = record(service, occurred_at=NOW - timedelta(hours=1))
    sent(memory, "later", 0.5)
    again = record(service, occurred_at=NOW - timedelta(hours=1))
    without_time = record(service)
    by_address = record(service, contact_id=None, email_key="ann@x.example")
    assert first == again == without_time == by_address
    assert len(events(memory)) == 1


@pytest.mark.parametrize("other", [
    {"value": Decimal("20")}, {"currency": "EUR"}, {"contact_id": "bob"}, {"type": "lead"}, {"campaign_id": "k"},
    {"occurred_at": NOW - timedelta(minutes=1)},
])  # fmt: skip
def test_the_same_id_with_other_data_is_a_conflict(
    service: ConversionService, memory: TableInMemory, other: dict[str, Any]
) -> None:
    record(service)
    with pytest.raises(Conflict) as raised:
        record(service, **other)
    assert raised.value.field == "body.conversionId"
    assert len(events(memory)) == 1


def test_another_worker_who_was_first_decides(memory: TableInMemory) -> None:
    class Raced(ConversionTable):
        def messages(self, org_id: str, contact_id: str) -> Any:
            record(ConversionService(ConversionTable(memory), ContactsInMemory(), SIGNER, lambda: NOW))
            return super().messages(org_id, contact_id)

    late = ConversionService(Raced(memory), ContactsInMemory(), SIGNER, lambda: NOW + timedelta(seconds=5))
    assert record(late).occurred_at == NOW
    assert len(events(memory)) == 1


def test_the_latest_click_of_a_person_earns_it(service: ConversionService, memory: TableInMemory) -> None:
    for campaign, days_ago in (("old", 20), ("clicked", 10), ("newest", 1)):
        sent(memory, campaign, days_ago)
    clicked(memory, "old", 9)
    clicked(memory, "clicked", 8)
    clicked(memory, "newest", 0.5, user_agent="curl/8")
    assert earned(record(service)) == ("clicked", Attribution.CLICK)


def test_a_scanner_s_burst_earns_nothing(service: ConversionService, memory: TableInMemory) -> None:
    sent(memory, "clicked", 10)
    sent(memory, "scanned", 9)
    clicked(memory, "clicked", 5)
    for link in range(3):
        clicked(memory, "scanned", 4, link=link)
    assert earned(record(service)) == ("clicked", Attribution.CLICK)


def test_a_click_after_it_or_long_before_it_does_not_count(service: ConversionService, memory: TableInMemory) -> None:
    sent(memory, "early", 40)
    sent(memory, "before", 3)
    sent(memory, "after", 1)
    clicked(memory, "early", 32)
    clicked(memory, "after", 0.5)
    assert earned(record(service, occurred_at=NOW - timedelta(days=1, hours=12))) == ("before", Attribution.SEND)


def test_without_a_click_the_latest_message_earns_it(service: ConversionService, memory: TableInMemory) -> None:
    sent(memory, "first", 3)
    sent(memory, "second", 2)
    sent(memory, "never left", 1, state="failed")
    assert earned(record(service)) == ("second", Attribution.SEND)


def test_a_message_of_more_than_thirty_days_ago_earns_nothing(
    service: ConversionService, memory: TableInMemory
) -> None:
    sent(memory, "old", 31)
    conversion = record(service)
    assert earned(conversion) is None
    assert "msg" not in events(memory)[0]


def test_a_campaign_that_is_named_earns_it_however_old(service: ConversionService, memory: TableInMemory) -> None:
    sent(memory, "named", 90)
    sent(memory, "clicked", 2)
    clicked(memory, "clicked", 1)
    assert earned(record(service, campaign_id="named")) == ("named", Attribution.CAMPAIGN)


def test_a_campaign_the_contact_heard_nothing_of_is_refused(service: ConversionService, memory: TableInMemory) -> None:
    sent(memory, "k", 1, contact="bob")
    with pytest.raises(RuleBroken) as raised:
        record(service, campaign_id="k")
    assert raised.value.field == "body.campaignId"
    assert events(memory) == []


def test_a_message_that_is_named_earns_it_whatever_was_clicked_later(
    service: ConversionService, memory: TableInMemory
) -> None:
    sent(memory, "named", 90)
    sent(memory, "clicked", 2)
    clicked(memory, "clicked", 1)
    conversion = record(service, message=NamedMessage("named", "1", contact_id="ann"))
    assert (earned(conversion), conversion.contact_id) == (("named", Attribution.MESSAGE), "ann")
    assert events(memory)[0]["msg"] == "MSG#named#0001#1#email"


def test_a_named_message_is_the_latest_run_s_unless_the_run_is_said(
    service: ConversionService, memory: TableInMemory
) -> None:
    sent(memory, "k", 3)
    memory.put({**keys.message("acme", "ann", "k", 2, "1", "email"), "claimed_at": clock.stamp(NOW), "to": "x"})
    for conversion_id, said, run in (("a", None, 2), ("b", 1, 1)):
        conversion = record(service, conversion_id, message=NamedMessage("k", "1", contact_id="ann", run=said))
        assert conversion.message is not None
        assert conversion.message.run == run


def test_naming_the_message_again_counts_nothing_twice(service: ConversionService, memory: TableInMemory) -> None:
    sent(memory, "k", 1)
    named = NamedMessage("k", "1", contact_id="ann")
    first, again = (record(service, message=named, occurred_at=NOW) for _ in range(2))
    assert first == again
    assert len(events(memory)) == 1


def test_the_same_id_of_another_message_or_of_none_is_a_conflict(
    service: ConversionService, memory: TableInMemory
) -> None:
    sent(memory, "k", 1)
    sent(memory, "other", 1)
    record(service, "a", message=NamedMessage("k", "1", contact_id="ann"))
    record(service, "b")
    with pytest.raises(Conflict):
        record(service, "a", message=NamedMessage("other", "1", contact_id="ann"))
    with pytest.raises(Conflict):
        record(service, "a")
    with pytest.raises(Conflict):
        record(service, "b", message=NamedMessage("k", "1", contact_id="ann"))


@pytest.mark.parametrize(("message", "field"), [
    (NamedMessage("k", "1", contact_id="nobody"), "body.message.contactId"),
    (NamedMessage("k", "1", contact_id="bob"), "body.message"),
    (NamedMessage("other", "1", contact_id="ann"), "body.message"),
    (NamedMessage("k", "2", contact_id="ann"), "body.message"),
    (NamedMessage("k", "1", contact_id="ann", run=2), "body.message"),
    (NamedMessage("refused", "1", contact_id="ann"), "body.message"),
])  # fmt: skip
def test_a_message_nobody_got_is_refused_naming_the_field(
    service: ConversionService, memory: TableInMemory, message: NamedMessage, field: str
) -> None:
    sent(memory, "k", 1)
    sent(memory, "refused", 1, state="rejected")
    with pytest.raises(RuleBroken) as raised:
        record(service, message=message)
    assert raised.value.field == field
    assert events(memory) == []


@pytest.mark.parametrize(("who", "field"), [
    ({"contact_id": "nobody"}, "body.contactId"),
    ({"contact_id": None, "email_key": "nobody@x.example"}, "body.email"),
])  # fmt: skip
def test_an_unknown_contact_is_refused_naming_the_field(
    service: ConversionService, who: dict[str, Any], field: str
) -> None:
    with pytest.raises(RuleBroken) as raised:
        record(service, **who)
    assert raised.value.field == field


@pytest.mark.parametrize("moment", [NOW + timedelta(minutes=6), NOW - timedelta(days=401)])
def test_a_time_to_come_or_long_gone_is_refused(service: ConversionService, moment: datetime) -> None:
    with pytest.raises(RuleBroken) as raised:
        record(service, occurred_at=moment)
    assert raised.value.field == "body.occurredAt"


def test_what_is_recorded_is_counted_once(service: ConversionService, memory: TableInMemory) -> None:
    sent(memory, "k", 1)
    record(service, "a", value=Decimal("0.1"))
    record(service, "b", value=Decimal("0.2"))
    record(service, "c", contact_id="bob", value=Decimal("5"), currency="EUR")
    stream = [stream_record(item, number) for number, item in enumerate(events(memory))]
    for _ in range(2):
        AggregationService(EngagementTable(memory)).aggregate(stream)
    day = "STAT#DAY#2026-11-21"
    assert stored(memory) == {
        ("ORG#acme#CAMPAIGN#k", day, "email.1.conversions"): 2,
        ("ORG#acme#CAMPAIGN#k", day, "email.1.unique_conversions"): 1,
        ("ORG#acme#CAMPAIGN#k", day, "email.1.revenue.USD"): Decimal("0.3"),
        ("ORG#acme#STATS", day, "conversions"): 1,
        ("ORG#acme#STATS", day, "revenue.EUR"): 5,
    }
