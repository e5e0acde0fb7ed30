"""Consent at a vendor: asked for by us alone, taken up once, renewed in time."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from clarion.domain.access import Role
from clarion.domain.connection import Granted, Profile, Refused, Tokens, Unreachable
from clarion.domain.errors import Conflict, Forbidden, NotFound, RuleBroken
from clarion.domain.oauth_state import challenge_of
from tests.fakes.connections import ORG, OTHER, Integrations

PAGE = "https://t.example.com/connect/oauth/{}/callback"
PROFILE = Profile(id="1", name="@acme", kind="account")


@pytest.fixture
def office() -> Integrations:
    made = Integrations()
    for platform in ("x", "linkedin"):
        made.connect(platform)
    hours_2 = made.clock.now + timedelta(hours=2)
    tokens = Tokens("access-1", "refresh-1", hours_2, hours_2 - timedelta(minutes=12))
    made.vendor.granted = Granted(tokens, "@acme", (PROFILE,), {"1": "page-token"})
    return made


def begin(office: Integrations, platform: str = "x") -> dict[str, str]:
    """The parameters of the vendor's page."""
    url = office.consents.begin(ORG, "u-owner", platform, PAGE.format(platform))
    return dict(parse_qsl(urlsplit(url).query))


def finish(
    office: Integrations, asked: dict[str, str], platform: str = "x", code: str = "code", error: str = ""
) -> None:
    office.consents.finish(platform, asked["state"], code, error)


def status(office: Integrations, platform: str = "x") -> str:
    connection = office.store.get(ORG, platform)
    assert connection is not None
    return connection.status


def test_the_vendors_page_is_told_what_we_want(office: Integrations) -> None:
    url = office.consents.begin(ORG, "u-owner", "x", PAGE.format("x"))
    assert url.startswith("https://x.com/i/oauth2/authorize?")
    asked = dict(parse_qsl(urlsplit(url).query))
    assert asked.pop("state")
    assert len(asked.pop("code_challenge")) == 43
    assert asked == {
        "response_type": "code",
        "client_id": "client123",
        "redirect_uri": PAGE.format("x"),
        "scope": "tweet.read tweet.write users.read media.write offline.access",
        "code_challenge_method": "S256",
    }


def test_linkedin_refuses_pkce_so_it_gets_none(office: Integrations) -> None:
    asked = begin(office, "linkedin")
    assert "code_challenge" not in asked
    finish(office, asked, "linkedin")
    assert office.vendor.exchanged == [("code", "", PAGE.format("linkedin"))]


def test_the_verifier_stays_here_and_fits_the_challenge(office: Integrations) -> None:
    asked = begin(office)
    finish(office, asked)
    [(code, verifier, redirect_uri)] = office.vendor.exchanged
    assert (code, redirect_uri) == ("code", PAGE.format("x"))
    assert challenge_of(verifier) == asked["code_challenge"]
    assert verifier not in str(asked)


def test_consent_connects_the_platform(office: Integrations) -> None:
    finish(office, begin(office))
    connection = office.store.get(ORG, "x")
    assert connection is not None
    assert (connection.status, connection.account, connection.profiles) == ("connected", "@acme", (PROFILE,))
    assert connection.token_expires_at == office.clock.now + timedelta(hours=2)
    secrets = office.secrets("x")
    assert secrets.tokens is not None
    assert (secrets.tokens.access, secrets.profile_tokens) == ("access-1", {"1": "page-token"})
    assert not any(word in str(office.table.items) for word in ("access-1", "refresh-1", "page-token"))


def test_a_state_is_good_once(office: Integrations) -> None:
    asked = begin(office)
    finish(office, asked)
    with pytest.raises(Forbidden):
        finish(office, asked)
    assert len(office.vendor.exchanged) == 1


def test_a_refusal_spends_it_too(office: Integrations) -> None:
    asked = begin(office)
    with pytest.raises(RuleBroken, match="did not give its consent"):
        finish(office, asked, code="", error="access_denied")
    with pytest.raises(Forbidden):
        finish(office, asked)
    assert status(office) == "awaiting_consent"


def test_a_state_is_good_for_ten_minutes(office: Integrations) -> None:
    asked = begin(office)
    office.clock.go_on(seconds=600)
    with pytest.raises(Forbidden):
        finish(office, asked)
    assert office.vendor.exchanged == []


def test_a_state_is_good_for_its_platform(office: Integrations) -> None:
    asked = begin(office)
    with pytest.raises(Forbidden):
        finish(office, asked, "linkedin")
    finish(office, asked)


@pytest.mark.parametrize("forged", ["", "x", "e30.AAAA", "\u00e9.\u00e9"])
def test_what_we_did_not_ask_for_is_refused(office: Integrations, forged: str) -> None:
    with pytest.raises(Forbidden):
        finish(office, {"state": forged})
    assert office.vendor.exchanged == []


@pytest.mark.parametrize("role", [None, Role.VIEWER, Role.EDITOR])
def test_who_may_not_connect_any_more_does_not(office: Integrations, role: Role | None) -> None:
    asked = begin(office)
    office.members.role = role
    with pytest.raises(Forbidden):
        finish(office, asked)
    assert office.vendor.exchanged == []


def test_what_was_disconnected_meanwhile_stays_so(office: Integrations) -> None:
    asked = begin(office)
    office.service.disconnect(ORG, "x")
    with pytest.raises(Forbidden):
        finish(office, asked)
    assert office.store.get(ORG, "x") is None


def test_consent_is_asked_for_after_the_app_is_known(office: Integrations) -> None:
    with pytest.raises(RuleBroken, match="credentials of your app first"):
        office.consents.begin(OTHER, "u-stranger", "x", PAGE.format("x"))
    with pytest.raises(RuleBroken, match="by credentials alone"):
        office.consents.begin(ORG, "u-owner", "sendgrid", PAGE.format("sendgrid"))
    with pytest.raises(NotFound):
        office.consents.begin(ORG, "u-owner", "myspace", PAGE.format("myspace"))


@pytest.mark.parametrize("answer", [Refused("", "the code is not valid"), Unreachable("no connection to the vendor")])
def test_when_the_vendor_gives_no_access_that_is_told_and_noted(
    office: Integrations, answer: Refused | Unreachable
) -> None:
    office.vendor.granted = answer
    with pytest.raises(RuleBroken, match=answer.reason):
        finish(office, begin(office))
    assert status(office) == "awaiting_consent"
    assert office.service.get(ORG, "x").health.last_error == answer.reason


def test_a_token_is_renewed_before_it_ends(office: Integrations) -> None:
    finish(office, begin(office))
    office.clock.go_on(seconds=3600)
    office.consents.refresh(ORG, "x")
    assert office.secrets("x").tokens == Tokens(
        "access-1", "refresh-1", office.clock.now + timedelta(hours=1), office.clock.now + timedelta(minutes=48)
    ), "it is too early"
    office.clock.go_on(seconds=48 * 60)
    until = office.clock.now + timedelta(hours=2)
    office.vendor.renewed = Tokens("access-2", "refresh-2", until, until - timedelta(minutes=12))
    connection = office.consents.refresh(ORG, "x")
    assert office.secrets("x").tokens == office.vendor.renewed
    assert connection is not None
    assert (connection.token_expires_at, connection.profiles) == (until, (PROFILE,))
    assert office.secrets("x").profile_tokens == {"1": "page-token"}


def ends_soon(office: Integrations) -> None:
    finish(office, begin(office))
    office.clock.go_on(seconds=110 * 60)


def test_one_worker_renews_and_the_others_go_on_with_the_old_token(office: Integrations) -> None:
    ends_soon(office)

    def meanwhile() -> None:
        office.vendor.meanwhile = lambda: pytest.fail("renewed twice: refresh tokens are good once")
        other = office.consents.refresh(ORG, "x")
        assert other is not None
        assert other.status == "connected"
        tokens = office.vault.get(ORG, "x", other.secret_version).tokens
        assert tokens is not None
        assert tokens.access == "access-1"

    office.vendor.meanwhile = meanwhile
    office.consents.refresh(ORG, "x")
    tokens = office.secrets("x").tokens
    assert tokens is not None
    assert tokens.access == "access-2"


def test_a_consent_that_the_vendor_ended_is_asked_for_again(office: Integrations) -> None:
    ends_soon(office)
    office.vendor.renewed = Refused("", "the token was revoked")
    connection = office.consents.refresh(ORG, "x")
    assert connection is not None
    assert connection.status == "awaiting_consent"
    assert office.service.get(ORG, "x").health.last_error == "the token was revoked"
    finish(office, begin(office))
    assert status(office) == "connected"


def test_a_vendor_that_does_not_answer_is_asked_again(office: Integrations) -> None:
    ends_soon(office)
    office.vendor.renewed = Unreachable("the vendor did not answer in time")
    office.consents.refresh(ORG, "x")
    assert status(office) == "connected"
    office.vendor.renewed = Tokens("access-2")
    office.consents.refresh(ORG, "x")
    assert office.secrets("x").tokens == Tokens("access-2")


def test_without_a_connection_there_is_nothing_to_renew(office: Integrations) -> None:
    assert office.consents.refresh(OTHER, "x") is None


def test_a_consent_that_comes_while_credentials_change_is_refused_and_its_code_not_spent(office: Integrations) -> None:
    asked = begin(office)

    def meanwhile(_: str) -> None:
        office.vault.before = lambda _: None
        with pytest.raises(Conflict):
            finish(office, asked)

    office.vault.before = meanwhile
    office.connect("x")
    assert office.vendor.exchanged == []
