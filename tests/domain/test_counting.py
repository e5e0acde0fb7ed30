"""Counting by message: what moves when something earlier, harder or stranger becomes known."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from clarion.domain import counting
from clarion.domain.counting import Outcome, apply
from clarion.domain.engagement import (
    CampaignDay,
    CampaignLink,
    Event,
    Kind,
    Malformed,
    MessageRef,
    MessageState,
    metric_name,
    metric_parts,
)

MESSAGE = MessageRef("acme", "ann", "k", 1, "1", "email")
MONDAY, TUESDAY = CampaignDay("acme", "k", "2026-11-23"), CampaignDay("acme", "k", "2026-11-24")
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def event(kind: Kind, at: str = "2026-11-23T10:00:00.000Z", **more: Any) -> Event:
    event.number = getattr(event, "number", 0) + 1  # type: ignore[attr-defined]
    sk = f"EVENT#{at}#{event.number}"  # type: ignore[attr-defined]
    return Event("acme", "ann", sk, kind, at, MESSAGE, user_agent=more.pop("user_agent", BROWSER), **more)


def after(*events: Event, variant: str = "") -> Outcome:
    return apply(MESSAGE, MessageState(to="ann@x.example", variant=variant), events)


def test_a_first_open_that_was_earlier_moves_the_unique_open_to_its_day() -> None:
    late = after(event(Kind.OPEN, "2026-11-24T00:00:01.000Z"))
    assert late.increments == {TUESDAY: {"email.1.opens_human": 1, "email.1.unique_opens": 1}}
    early = apply(MESSAGE, late.state, [event(Kind.OPEN, "2026-11-23T23:59:59.000Z")])
    assert early.increments == {
        TUESDAY: {"email.1.unique_opens": -1},
        MONDAY: {"email.1.opens_human": 1, "email.1.unique_opens": 1},
    }


def test_a_machine_open_is_no_unique_open() -> None:
    outcome = after(event(Kind.OPEN, user_agent="Mozilla/5.0"))
    assert outcome.increments == {MONDAY: {"email.1.opens_machine": 1}}
    assert outcome.state.first_open_at is None


def test_a_click_is_no_open() -> None:
    assert "email.1.opens_human" not in after(event(Kind.CLICK, link=2)).increments[MONDAY]


def test_clicks_count_on_the_day_and_on_the_link() -> None:
    outcome = after(event(Kind.CLICK, link=2), event(Kind.CLICK, "2026-11-23T11:00:00.000Z", link=2))
    assert outcome.increments == {
        MONDAY: {"email.1.clicks_human": 2, "email.1.unique_clicks": 1},
        CampaignLink("acme", "k", 1, "1", 2): {"clicks_human": 2, "unique_clicks": 1},
    }
    assert outcome.state.links == {2: 2}


@pytest.mark.parametrize("order", [("soft", "hard"), ("hard", "soft")])
def test_a_message_bounces_once_and_hard_wins(order: tuple[str, str]) -> None:
    state = MessageState()
    total: dict[str, Decimal] = {}
    for bounce_type in order:
        outcome = apply(MESSAGE, state, [event(Kind.BOUNCE, bounce_type=bounce_type)])
        state = outcome.state
        for metric, amount in outcome.increments.get(MONDAY, {}).items():
            total[metric] = total.get(metric, Decimal(0)) + amount
    assert {metric: figure for metric, figure in total.items() if figure} == {"email.1.bounces_hard": 1}
    assert state.bounce_type == "hard"


def test_deliveries_and_unsubscribes_count_once_per_message() -> None:
    outcome = after(*[event(kind) for kind in (Kind.DELIVERY, Kind.UNSUBSCRIBE) for _ in range(3)])
    assert outcome.increments == {MONDAY: {"email.1.deliveries": 1, "email.1.unsubscribes": 1}}


@pytest.mark.parametrize(("kinds", "reason"), [
    ([Kind.UNSUBSCRIBE, Kind.COMPLAINT, Kind.BOUNCE], "complaint"),
    ([Kind.BOUNCE, Kind.UNSUBSCRIBE], "unsubscribed"),
    ([Kind.BOUNCE, Kind.OPEN], "hard_bounce"),
    ([Kind.DELIVERY, Kind.OPEN], None),
])  # fmt: skip
def test_what_the_recipient_said_goes_before_what_a_server_says(kinds: list[Kind], reason: str | None) -> None:
    found = after(*[event(kind, bounce_type="hard" if kind is Kind.BOUNCE else None) for kind in kinds]).suppression
    assert (found and found.reason) == reason


@pytest.mark.parametrize("channel", ["social", "ads"])
def test_nobody_is_unsubscribed_from_what_is_published(channel: str) -> None:
    published = MESSAGE._replace(channel=channel)
    unsubscribe = Event("acme", "ann", "EVENT#1", Kind.UNSUBSCRIBE, "2026-11-23T10:00:00.000Z", published)
    assert apply(published, MessageState(to="ann"), [unsubscribe]).suppression is None


def test_revenue_is_exact_and_kept_by_currency() -> None:
    sales = [event(Kind.CONVERSION, value=Decimal("0.1"), currency=currency) for currency in ("USD", "USD", "EUR")]
    assert after(*sales).increments[MONDAY] == {
        "email.1.conversions": 3, "email.1.unique_conversions": 1,
        "email.1.revenue.USD": Decimal("0.2"), "email.1.revenue.EUR": Decimal("0.1"),
    }  # fmt: skip


def test_hits_beyond_what_a_message_remembers_are_a_machine_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "REMEMBERED", 2)
    outcome = after(*[event(Kind.OPEN, f"2026-11-23T10:00:0{n}.000Z") for n in range(5)])
    assert outcome.increments == {
        MONDAY: {"email.1.opens_human": 2, "email.1.opens_machine": 3, "email.1.unique_opens": 1}
    }
    assert len(outcome.state.applied) == 2
    assert [each.at[17:19] for each in outcome.marked] == ["02", "03", "04"]


def test_clicks_on_a_post_are_judged_however_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "REMEMBERED", 2)
    post = MESSAGE._replace(contact="page", channel="social")
    crawler = {"user_agent": "facebookexternalhit/1.1"}
    clicks = [event(Kind.CLICK, f"2026-11-23T10:00:0{n}.000Z", link=0, **(crawler if n < 3 else {})) for n in range(6)]
    clicks += [event(Kind.CLICK, "2026-11-24T00:00:00.000Z", link=0)]
    expected = {
        MONDAY: {"social.1.clicks_machine": 3, "social.1.clicks_human": 3, "social.1.unique_clicks": 1},
        TUESDAY: {"social.1.clicks_human": 1},
        CampaignLink("acme", "k", 1, "1", 0): {"clicks_machine": 3, "clicks_human": 4, "unique_clicks": 1},
    }
    whole = apply(post, MessageState(), clicks)
    assert whole.increments == expected
    assert (whole.state.first_click_at, whole.state.last_click_at) == (clicks[3].at, clicks[-1].at)
    assert len(whole.state.applied) == 2
    state, totals = MessageState(), Counter[tuple[object, str]]()
    for click in reversed(clicks):
        outcome = apply(post, state, [click])
        state = outcome.state
        for row, metrics in outcome.increments.items():
            totals.update({(row, metric): int(amount) for metric, amount in metrics.items()})
    assert {key: n for key, n in totals.items() if n} == {
        (row, metric): n for row, metrics in expected.items() for metric, n in metrics.items()
    }


def test_a_variant_s_message_counts_for_the_variant() -> None:
    outcome = after(event(Kind.DELIVERY), event(Kind.CLICK, link=2), variant="b")
    assert outcome.increments == {
        MONDAY: {"email.1:b.deliveries": 1, "email.1:b.clicks_human": 1, "email.1:b.unique_clicks": 1},
        CampaignLink("acme", "k", 1, "1", 2): {"clicks_human": 1, "unique_clicks": 1},
    }
    assert outcome.state.variant == "b"


def test_what_is_taken_back_is_taken_back_from_the_variant() -> None:
    soft = after(event(Kind.BOUNCE, bounce_type="soft"), variant="b")
    hard = apply(MESSAGE, soft.state, [event(Kind.BOUNCE, bounce_type="hard")])
    assert hard.increments == {MONDAY: {"email.1:b.bounces_soft": -1, "email.1:b.bounces_hard": 1}}


def test_counting_anew_counts_for_the_variant() -> None:
    opened = event(Kind.OPEN)
    states, increments = counting.rebuild({MESSAGE: MessageState(variant="b")}, [opened])
    assert increments == {MONDAY: {"email.1:b.opens_human": 1, "email.1:b.unique_opens": 1}}
    assert states[MESSAGE].variant == "b"


@pytest.mark.parametrize("variant", ["", "b", "winner"])
def test_a_metric_s_name_can_be_taken_apart_again(variant: str) -> None:
    parts = ("email", "welcome-2", variant, "revenue.USD")
    assert metric_parts(metric_name(*parts)) == parts


def test_a_step_that_a_variant_could_be_taken_for_is_refused() -> None:
    with pytest.raises(Malformed, match="msg"):
        Event("acme", "ann", "EVENT#x", Kind.OPEN, "2026-11-23T10:00:00.000Z", MESSAGE._replace(step="1:b"))


def test_an_event_applied_before_changes_nothing() -> None:
    opened = event(Kind.OPEN)
    first = after(opened)
    assert apply(MESSAGE, first.state, [opened]) == Outcome(first.state, {})


def test_an_event_that_says_no_amount_cannot_be_made() -> None:
    with pytest.raises(Malformed, match="value"):
        event(Kind.CONVERSION, currency="USD", value=Decimal("NaN"))
