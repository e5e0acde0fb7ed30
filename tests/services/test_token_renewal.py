"""Tokens are renewed once, whoever dies or comes at the same moment, and also where nobody asks for them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from clarion.domain.connection import Connection, Granted, Refused, Secrets, Tokens, Unreachable
from clarion.domain.errors import Conflict, Stale
from clarion.domain.platform import Platform
from clarion.services.token_renewal import SPARE_MS, TokenRenewal
from tests.fakes.connections import APP, ORG, OTHER, Clock, Integrations, Vendor
from tests.fakes.racing import TableOfThreads

HOURS_2, DAYS_60 = timedelta(hours=2), timedelta(days=60)
OUR_APP = APP | {"clientId": "1234567"}
WORKERS = 6
PLENTY = 300_000


Death = Callable[[Integrations, pytest.MonkeyPatch], None]


class Died(Exception):
    """The worker's end."""


def die(*_: object) -> None:
    raise Died


class Rotating(Vendor):
    """As X: each renewal gives a new refresh token, and one that comes twice ends the consent."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock, self.spent, self.answered = clock, list[str](), 0

    def tokens(self) -> Tokens:
        self.answered += 1
        until = self.clock.now + HOURS_2
        return Tokens(f"access-{self.answered}", f"refresh-{self.answered}", until, until - timedelta(minutes=12))

    def refresh(self, platform: Platform, secrets: Secrets) -> Tokens | Refused | Unreachable:
        assert secrets.tokens is not None
        if secrets.tokens.refresh in self.spent:
            return Refused("", "the refresh token was used before")
        self.spent.append(secrets.tokens.refresh)
        return self.tokens()


def consent(office: Integrations, tokens: Tokens, platform: str = "x", org_id: str = ORG) -> None:
    """``platform`` is connected, and a member consented now."""
    office.vendor.granted = Granted(tokens, "@acme")
    office.service.connect(org_id, "u-owner", platform, OUR_APP)
    url = office.consents.begin(org_id, "u-owner", platform, "https://t.example.com/callback")
    office.consents.finish(platform, dict(parse_qsl(urlsplit(url).query))["state"], "code", "")


@pytest.fixture
def office() -> Integrations:
    """X is connected, and its token ends in ten minutes."""
    clock = Clock()
    made = Integrations(clock=clock, vendor=Rotating(clock))
    consent(made, Tokens("access-0", "refresh-0", clock.now + HOURS_2, clock.now + timedelta(minutes=108)))
    clock.go_on(seconds=110 * 60)
    return made


def rotating(office: Integrations) -> Rotating:
    assert isinstance(office.vendor, Rotating)
    return office.vendor


def connection(office: Integrations, platform: str = "x", org_id: str = ORG) -> Connection:
    found = office.store.get(org_id, platform)
    assert found is not None
    return found


def test_workers_that_come_at_once_spend_a_refresh_token_once(office: Integrations) -> None:
    threads = TableOfThreads(WORKERS)
    threads.items = office.table.items
    raced = Integrations(clock=office.clock, table=threads, vault=office.vault, vendor=office.vendor)
    with ThreadPoolExecutor(WORKERS) as pool:
        found = list(pool.map(lambda _: raced.consents.refresh(ORG, "x"), range(WORKERS)))
    assert threads.refused > 0, "they did meet"
    assert rotating(office).spent == ["refresh-0"]
    for each in found:
        assert each is not None
        assert each.status == "connected"
        assert office.vault.get(ORG, "x", each.secret_version).tokens is not None, "the old token, or the new one"
    tokens = office.secrets("x").tokens
    assert tokens is not None
    assert (tokens.access, connection(office).changing_since) == ("access-1", None)


def before_the_row_is_written(office: Integrations, patch: pytest.MonkeyPatch) -> None:
    save = office.store.save
    patch.setattr(office.store, "save", lambda org, kept: save(org, kept) if kept.changing_since else die())


def before_the_vendor_is_asked(office: Integrations, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(office.vendor, "refresh", die)


def before_the_secret_is_kept(office: Integrations, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(office.vault, "put", die)


def dies(office: Integrations, death: Death, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """The worker that does ``act`` comes as far as that; the next one is well again."""
    with monkeypatch.context() as patch:
        death(office, patch)
        with pytest.raises(Died):
            act()


@pytest.mark.parametrize("death", [before_the_vendor_is_asked, before_the_row_is_written])
@pytest.mark.parametrize("hours_later", [0, 5])
def test_what_a_worker_that_died_had_got_is_not_lost(
    office: Integrations, death: Death, hours_later: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    dies(office, death, monkeypatch, lambda: office.consents.refresh(ORG, "x"))
    office.clock.go_on(seconds=59)
    office.consents.refresh(ORG, "x")
    assert rotating(office).answered <= 1, "it may still be at it"
    office.clock.go_on(seconds=1 + 3600 * hours_later)
    renewed = office.consents.refresh(ORG, "x")
    assert renewed is not None
    assert (renewed.status, renewed.renewing, renewed.changing_since) == ("connected", "", None)
    tokens = office.secrets("x").tokens
    assert tokens is not None
    assert tokens.refresh == f"refresh-{rotating(office).answered}"
    assert not renewed.needs_refresh(office.clock.now)
    assert office.service.get(ORG, "x").health.last_error == ""


def test_what_died_with_the_worker_alone_is_asked_of_a_member_again(
    office: Integrations, monkeypatch: pytest.MonkeyPatch
) -> None:
    dies(office, before_the_secret_is_kept, monkeypatch, lambda: office.consents.refresh(ORG, "x"))
    office.clock.go_on(seconds=60)
    office.consents.refresh(ORG, "x")
    assert connection(office).status == "awaiting_consent"


def test_new_credentials_of_the_app_take_up_what_was_left_behind_too(
    office: Integrations, monkeypatch: pytest.MonkeyPatch
) -> None:
    dies(office, before_the_row_is_written, monkeypatch, lambda: office.consents.refresh(ORG, "x"))
    office.clock.go_on(seconds=60)
    office.connect("x", **OUR_APP | {"clientSecret": "the-next-secret"})
    found = office.secrets("x")
    assert found.tokens is not None
    assert (found.tokens.refresh, found.credentials["clientSecret"]) == ("refresh-1", "the-next-secret")
    assert connection(office).renewing == ""


def test_credentials_that_were_being_replaced_are_not_taken_for_a_renewal(
    office: Integrations, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = OUR_APP | {"clientSecret": "never-in-force"}
    dies(office, before_the_row_is_written, monkeypatch, lambda: office.connect("x", **credentials))
    office.clock.go_on(seconds=60)
    office.consents.refresh(ORG, "x")
    found = office.secrets("x")
    assert found.tokens is not None
    assert (found.tokens.refresh, found.credentials) == ("refresh-1", OUR_APP)


def test_a_worker_that_took_too_long_yields_to_who_took_over(office: Integrations) -> None:
    def meanwhile(_: str) -> None:
        office.vault.before = lambda _: None
        office.clock.go_on(seconds=61)
        begun = connection(office).begin_renewal(office.clock.now, "of-another-worker")
        office.store.save(ORG, begun)

    office.vault.before = meanwhile
    found = office.consents.refresh(ORG, "x")
    assert found is not None
    assert found.renewing == "of-another-worker"


def renewal(office: Integrations) -> TokenRenewal:
    return TokenRenewal(office.store, office.consents.refresh, office.clock)


def counts(**found: int) -> dict[str, int]:
    return {"renewed": 0, "refused": 0, "postponed": 0, "left": 0} | found


def self_renewing(now: datetime) -> Tokens:
    """As Meta's."""
    return Tokens("sixty-days", "", now + DAYS_60, now + timedelta(days=54))


@pytest.fixture
def quiet() -> Integrations:
    """A Facebook Page is connected, and nothing is posted to it."""
    made = Integrations()
    consent(made, self_renewing(made.clock.now), "facebook")
    return made


def test_a_token_that_renews_itself_is_renewed_before_it_ends_though_nobody_posts(quiet: Integrations) -> None:
    quiet.clock.go_on(seconds=54 * 86_400 - 1)
    assert renewal(quiet).renew_due(lambda: PLENTY) == counts()
    quiet.clock.go_on(seconds=1)
    quiet.vendor.renewed = self_renewing(quiet.clock.now)
    assert renewal(quiet).renew_due(lambda: PLENTY) == counts(renewed=1)
    assert connection(quiet, "facebook").token_expires_at == quiet.clock.now + DAYS_60
    assert renewal(quiet).renew_due(lambda: PLENTY) == counts()
    quiet.clock.go_on(seconds=54 * 86_400)
    quiet.vendor.renewed = self_renewing(quiet.clock.now)
    assert renewal(quiet).renew_due(lambda: PLENTY) == counts(renewed=1)


def test_a_refresh_token_is_used_once_a_month_though_nobody_posts_and_use_puts_that_off(office: Integrations) -> None:
    assert renewal(office).renew_due(lambda: PLENTY) == counts()
    office.clock.go_on(seconds=20 * 86_400)
    office.consents.refresh(ORG, "x")
    office.clock.go_on(seconds=29 * 86_400)
    assert renewal(office).renew_due(lambda: PLENTY) == counts()
    office.clock.go_on(seconds=86_400)
    assert renewal(office).renew_due(lambda: PLENTY) == counts(renewed=1)


def test_a_token_that_nothing_can_renew_is_left_alone() -> None:
    made = Integrations()
    consent(made, Tokens("sixty-days", "", made.clock.now + DAYS_60), "linkedin")
    made.clock.go_on(seconds=59 * 86_400)
    assert renewal(made).renew_due(lambda: PLENTY) == counts()
    assert "due_pk" not in str(made.table.items)


def test_when_the_vendor_refuses_a_member_is_asked_and_the_vendor_no_more(quiet: Integrations) -> None:
    quiet.clock.go_on(seconds=54 * 86_400)
    quiet.vendor.renewed = Refused("", "the session was ended")
    assert renewal(quiet).renew_due(lambda: PLENTY) == counts(refused=1)
    assert connection(quiet, "facebook").status == "awaiting_consent"
    assert quiet.service.get(ORG, "facebook").health.last_error == "the session was ended"
    quiet.clock.go_on(seconds=86_400)
    assert renewal(quiet).renew_due(lambda: PLENTY) == counts()


def test_a_vendor_that_does_not_answer_is_asked_again_an_hour_later_until_it_does(quiet: Integrations) -> None:
    quiet.clock.go_on(seconds=54 * 86_400)
    quiet.vendor.renewed = Unreachable("no connection to the vendor")
    assert renewal(quiet).renew_due(lambda: PLENTY) == counts(postponed=1)
    assert renewal(quiet).renew_due(lambda: PLENTY) == counts()
    quiet.clock.go_on(seconds=3600)
    assert renewal(quiet).renew_due(lambda: PLENTY) == counts(postponed=1)
    quiet.clock.go_on(seconds=3600)
    quiet.vendor.renewed = self_renewing(quiet.clock.now)
    assert renewal(quiet).renew_due(lambda: PLENTY) == counts(renewed=1)


def test_one_that_fails_keeps_none_of_the_others_and_comes_after_them_next_time(
    quiet: Integrations, caplog: pytest.LogCaptureFixture
) -> None:
    quiet.clock.go_on(seconds=1)
    consent(quiet, self_renewing(quiet.clock.now), "facebook", OTHER)
    quiet.vault.kept.pop((ORG, "facebook"))
    quiet.clock.go_on(seconds=54 * 86_400)
    quiet.vendor.renewed = self_renewing(quiet.clock.now)
    assert renewal(quiet).renew_due(lambda: PLENTY) == counts(renewed=1, postponed=1)
    assert connection(quiet, "facebook", OTHER).token_expires_at == quiet.clock.now + DAYS_60
    assert "was not renewed" in caplog.text
    assert renewal(quiet).renew_due(lambda: PLENTY) == counts(), "not before an hour is over"


def test_what_there_is_no_time_for_is_left_for_the_next_look(quiet: Integrations) -> None:
    consent(quiet, self_renewing(quiet.clock.now), "facebook", OTHER)
    quiet.clock.go_on(seconds=54 * 86_400)
    quiet.vendor.renewed = self_renewing(quiet.clock.now)
    time_left = iter([SPARE_MS, SPARE_MS - 1])
    assert renewal(quiet).renew_due(lambda: next(time_left)) == counts(renewed=1, left=1)
    assert renewal(quiet).renew_due(lambda: PLENTY) == counts(renewed=1)


@pytest.mark.parametrize("change", [Conflict("being changed"), Stale("connection", "facebook")])
def test_a_change_under_way_goes_first(quiet: Integrations, change: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet.clock.go_on(seconds=54 * 86_400)

    def refuse(*_: object) -> None:
        raise change

    monkeypatch.setattr(quiet.store, "save", refuse)
    assert renewal(quiet).renew_due(lambda: PLENTY) == counts(postponed=1)


def test_what_was_disconnected_is_due_no_more(quiet: Integrations) -> None:
    quiet.service.disconnect(ORG, "facebook")
    quiet.clock.go_on(seconds=54 * 86_400)
    assert renewal(quiet).renew_due(lambda: PLENTY) == counts()


def test_new_credentials_of_another_app_leave_nothing_to_renew(quiet: Integrations) -> None:
    quiet.connect("facebook", clientId="999999", clientSecret="of-another-app")
    quiet.clock.go_on(seconds=54 * 86_400)
    assert renewal(quiet).renew_due(lambda: PLENTY) == counts()
