"""What holds however many workers there are: a cap over campaigns that race, and pausing in the middle of it all."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from local.stack import Stack
from tests.stack.company import Company, eventually

pytestmark = pytest.mark.stack

MANY = 1500


def test_ten_campaigns_started_together_share_a_cap_of_five(stack: Stack) -> None:
    company = Company(stack)
    company.rules(frequencyCaps=[{"channel": "email", "most": 5, "per": "P1D"}])
    contacts = company.enlist([{}] * 6)
    template = company.template()
    campaigns = [company.campaign(templateId=template) for _ in range(10)]
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda each: company.move(each, "running"), campaigns))
    got, missed = Counter[str](), Counter[str]()
    for campaign in campaigns:
        assert company.ended(campaign)["status"] == "completed"
        account = company.proven(campaign)
        got.update(letter.contact for letter in account.of("sent"))
        missed.update(letter.contact for letter in account.of("skipped.capped"))
    assert got == missed == dict.fromkeys(contacts, 5)


def test_a_campaign_paused_and_resumed_under_load_loses_and_repeats_nobody(stack: Stack) -> None:
    company = Company(stack)
    company.rules(rateLimits=[{"channel": "email", "perSecond": 150}])
    company.enlist_file(MANY)
    campaign = company.campaign(status="running")
    for sent in (MANY // 5, MANY // 2):
        eventually(partial(has_sent, company, campaign, sent))
        assert company.move(campaign, "paused")["status"] == "paused"
        before = standing_still(company, campaign)
        company.tick()
        time.sleep(2)
        assert company.seen(campaign)["recipients"] == before
        assert 0 < before["sent"] < MANY
        assert company.move(campaign, "running")["status"] == "running"
    assert company.ended(campaign, 90)["status"] == "completed"
    assert company.proven(campaign).counts() == {"sent": MANY}


def has_sent(company: Company, campaign: str, number: int) -> bool:
    return bool(company.seen(campaign)["recipients"]["sent"] >= number)


def standing_still(company: Company, campaign: str) -> dict[str, int]:
    """Where it stands once the workers have ended what they had begun."""
    last: list[dict[str, int]] = [{}]

    def unchanged() -> dict[str, int] | None:
        time.sleep(1.5)
        before, last[0] = last[0], company.seen(campaign)["recipients"]
        return last[0] if last[0] == before else None

    return eventually(unchanged)
