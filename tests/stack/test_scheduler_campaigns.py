"""Campaigns over time on the deployed stack: journeys, the recipients' own hours, A/B tests, retries."""

import time
from datetime import timedelta

import pytest

from local.job.mailbox import opened
from local.stack import Stack
from tests.stack.company import Company, Letter, eventually, in_seconds

# What takes minutes begins here, and is judged in test_scheduler_under_fire.py.
pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("recurring", "victim")]


@pytest.fixture(scope="module")
def company(stack: Stack) -> Company:
    return Company(stack)


def steps(company: Company, **delays: str) -> list[dict[str, str]]:
    template = company.template()
    return [{"id": name, "templateId": template, "delay": delay} for name, delay in delays.items()]


def test_a_drip_takes_everybody_through_its_steps_but_whoever_leaves(company: Company) -> None:
    unsubscriber, clicker, *others = company.enlist([{}] * 6)
    drip = company.campaign(
        type="drip",
        steps=steps(company, welcome="PT0S", tips="PT8S", offer="PT2S"),
        goal={"event": "click"},
        status="running",
    )
    eventually(lambda: len(company.letters(drip)) == 6, 60)  # behind the crowd of the victim
    mails = {mail["tags"]["contact"]: opened(mail) for mail in company.mails(drip)}
    assert company.api.fetch(mails[unsubscriber].unsubscribe_url, "POST", {"List-Unsubscribe": "One-Click"}) == 200
    assert company.api.fetch(mails[clicker].links[0]) == 302
    [newcomer] = company.enlist([{}])
    stayers = {*others, newcomer}
    eventually(lambda: {Letter(contact, 1, "offer") for contact in stayers} <= set(company.letters(drip)), 60)
    eventually(lambda: "pending" not in company.outcomes(drip, 1).values())
    assert company.seen(drip)["status"] == "running"
    assert company.move(drip, "cancelled")["status"] == "cancelled"
    [uninvited] = company.enlist([{}])

    account = company.proven(drip)
    assert account.outcomes == {
        **{Letter(contact, 1, step): "sent" for contact in stayers for step in ("welcome", "tips", "offer")},
        Letter(unsubscriber, 1, "welcome"): "sent",
        Letter(unsubscriber, 1, "tips"): "skipped.unsubscribed",
        Letter(clicker, 1, "welcome"): "sent",
        Letter(clicker, 1, "tips"): "skipped.goal_reached",
    }
    assert uninvited not in {letter.contact for letter in account.letters}
    by_step = {step["step"]: step["sends"] for step in company.report(drip)["steps"]}
    assert by_step == {"welcome": 7, "tips": 5, "offer": 5}


def test_a_drip_ends_at_its_end_and_nobody_enters_or_goes_on(stack: Stack) -> None:
    company = Company(stack)
    contacts = company.enlist([{}] * 3)
    drip = company.campaign(
        type="drip",
        steps=steps(company, welcome="PT0S", later="PT1H"),
        schedule={"endAt": in_seconds(10)},
        status="running",
    )
    eventually(lambda: len(company.letters(drip)) == 3)
    time.sleep(10)
    company.tick()
    assert company.ended(drip)["status"] == "completed"
    company.enlist([{}])
    account = company.proven(drip)
    assert account.outcomes == {Letter(contact, 1, "welcome"): "sent" for contact in contacts}


def test_a_drip_that_is_cancelled_sends_no_further_step(stack: Stack) -> None:
    company = Company(stack)
    contacts = company.enlist([{}] * 3)
    drip = company.campaign(type="drip", steps=steps(company, welcome="PT0S", tips="PT5S"), status="running")
    eventually(lambda: company.outcomes(drip, 1) == cancelled_after_the_welcome(contacts))
    company.move(drip, "cancelled")
    time.sleep(6)
    company.tick()
    assert company.proven(drip).outcomes == cancelled_after_the_welcome(contacts)


def cancelled_after_the_welcome(contacts: list[str]) -> dict[Letter, str]:
    welcomed = {Letter(contact, 1, "welcome"): "sent" for contact in contacts}
    return welcomed | {Letter(contact, 1, "tips"): "pending" for contact in contacts}


def test_every_zone_is_served_at_its_own_hour(stack: Stack) -> None:
    company = Company(stack)
    past, future, nowhere = company.enlist([{"timezone": "Pacific/Kiritimati"}, {"timezone": "Pacific/Pago_Pago"}, {}])
    soon = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + 4))
    campaign = company.campaign(
        schedule={"startAt": soon, "timezone": "UTC", "recipientTime": True}, status="scheduled"
    )
    company.tick()
    eventually(lambda: company.seen(campaign)["recipients"]["sent"] == 2)
    zones = {zone["timezone"]: zone for zone in company.seen(campaign)["zones"]}
    numbers = {name: [zone[field] for field in ("audience", "fallback", "sent")] for name, zone in zones.items()}
    assert numbers == {"Pacific/Kiritimati": [1, 0, 1], "UTC": [1, 1, 1], "Pacific/Pago_Pago": [1, 0, 0]}
    assert zones["UTC"]["dueAt"].startswith(soon)
    company.let_pass(timedelta(minutes=5), campaign)
    company.tick()
    assert company.seen(campaign)["status"] == "running"
    company.move(campaign, "cancelled")

    account = company.proven(campaign)
    assert account.of("sent") == {Letter(contact, 1, "1") for contact in (past, nowhere)}
    assert account.of("pending") == {Letter(future, 1, "1")}


def test_an_experiment_s_winner_goes_to_whoever_waited_and_the_hold_out_gets_nothing(stack: Stack) -> None:
    company = Company(stack)
    contacts = company.enlist([{}] * 50)
    variants = [{"id": "a", "share": 25, "subject": "Anna"}, {"id": "b", "share": 25, "subject": "Berta"}]
    campaign = company.campaign(
        experiment={"variants": variants, "metric": "unique_clicks", "decideAfter": "PT2S"},
        holdOut=20,
        status="running",
    )
    eventually(lambda: company.seen(campaign)["recipients"]["planned"])
    eventually(
        lambda: all(row["state"] == "done" for row in company.ledger(campaign) if row.get("variant") in ("a", "b"))
    )
    first = eventually(
        lambda: mails if len(mails := list(company.mails(campaign))) == sent(company, campaign) else None
    )
    liked = [opened(mail) for mail in first if mail["subject"] == "Berta"]
    assert 0 < len(liked) < len(first) < 50
    for mail in liked:
        assert company.api.fetch(mail.links[0]) == 302

    def clicks() -> dict[str, int]:
        [step] = company.report(campaign)["steps"]
        return {variant["variant"]: variant["uniqueClicks"] for variant in step["variants"]}

    eventually(lambda: clicks() == {"a": 0, "b": len(liked)})

    def named() -> bool:
        """The scheduler looks after a run once a minute, and a look may be lost with its worker."""
        company.let_pass(timedelta(minutes=2), campaign)
        company.tick()
        seen = company.seen(campaign)
        assert seen["status"] != "paused", seen["statusReason"]
        return bool(seen["winner"] == "b")

    eventually(named)
    company.let_pass(timedelta(minutes=2), campaign)
    company.tick()
    assert company.ended(campaign)["status"] == "completed"

    account = company.proven(campaign)
    assert {letter.contact for letter in account.outcomes} == set(contacts)
    assert account.counts() == {"sent": len(account.letters), "skipped.hold_out": 50 - len(account.letters)}
    assert 0 < len(account.of("skipped.hold_out")) < 50
    later = [mail for mail in company.mails(campaign) if mail not in first]
    assert {mail["subject"] for mail in later} == {"Berta"}


def test_retrying_sends_to_those_alone_whose_message_failed(stack: Stack) -> None:
    company = Company(stack)
    template = company.template(html="<p>{{ 100 // attributes.share }}</p>")
    contacts = company.enlist([{"attributes": {"share": n}} for n in range(4)])
    campaign = company.campaign(templateId=template, status="running")
    assert company.ended(campaign)["status"] == "completed_with_failures"
    account = company.proven(campaign)
    assert account.of("render_failed") == {Letter(contacts[0], 1, "1")}
    contact = company.api.call("GET", f"/crm/contacts/{contacts[0]}")
    mended = {"email": contact["email"], "attributes": {"share": 5}}
    company.api.call("PUT", f"/crm/contacts/{contacts[0]}", mended)

    company.api.call("POST", f"/crm/marketing/campaigns/{campaign}/retry-failed")
    assert company.ended(campaign)["status"] == "completed"
    assert company.proven(campaign).counts() == {"sent": 4}


def sent(company: Company, campaign: str) -> int:
    return int(company.seen(campaign)["recipients"]["sent"])
