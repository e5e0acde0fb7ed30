"""Connecting, rotating, disconnecting: what a crash or a second hand in between leaves behind."""

from dataclasses import replace
from datetime import timedelta

import pytest

from clarion.domain.connection import Passed, Profile, Refused, Secrets, Tokens, Unreachable
from clarion.domain.errors import Conflict, Invalid, NotFound, RuleBroken, Stale
from clarion.domain.outlet import Outlet
from tests.fakes.connections import APP, APP_SECRET, ORG, OTHER, SENDGRID_KEY, Integrations

NEW_KEY = "SG.the-next-key-that-nobody-may-see"


class Died(Exception):
    """The function's end."""


def die(*_: object) -> None:
    raise Died


@pytest.fixture
def office() -> Integrations:
    return Integrations()


def status(office: Integrations, platform: str = "sendgrid") -> str:
    connection = office.service.get(ORG, platform).connection
    return connection.status if connection else "none"


def test_good_credentials_connect_a_platform(office: Integrations) -> None:
    office.connect()
    integration = office.service.get(ORG, "sendgrid")
    assert integration.connection is not None
    assert integration.connection.status == "connected"
    assert integration.connection.account == "Acme Inc"
    assert integration.connection.connected_at == office.clock.now
    assert integration.connection.details == {"region": "us"}
    assert integration.in_use
    assert integration.health.last_check_at == office.clock.now
    assert office.secrets().credentials == {"apiKey": SENDGRID_KEY, "region": "us"}


def test_no_row_holds_a_secret(office: Integrations) -> None:
    office.connect()
    office.connect("linkedin")
    assert SENDGRID_KEY not in str(office.table.items)
    assert APP_SECRET not in str(office.table.items)


def test_neither_do_representations() -> None:
    secrets = Secrets({"apiKey": SENDGRID_KEY}, Tokens("access", "refresh"), {"1": "page"})
    assert not any(word in repr(secrets) for word in (SENDGRID_KEY, "access", "'refresh", "page"))


def test_refused_credentials_are_not_kept_and_the_field_is_named(office: Integrations) -> None:
    office.vendor.verdict = Refused("apiKey", "authorization required")
    with pytest.raises(RuleBroken, match="authorization required") as refused:
        office.connect()
    assert refused.value.field == "body.credentials.apiKey"
    assert (office.table.items, office.vault.kept) == ({}, {})


def test_when_the_vendor_cannot_be_asked_nothing_is_kept(office: Integrations) -> None:
    office.vendor.verdict = Unreachable("no connection to the vendor")
    with pytest.raises(RuleBroken, match="could not be asked, so nothing was kept: no connection") as refused:
        office.connect()
    assert refused.value.field is None
    assert (office.table.items, office.vault.kept) == ({}, {})


def test_malformed_credentials_are_refused_before_the_vendor_is_asked(office: Integrations) -> None:
    with pytest.raises(Invalid):
        office.connect(apiKey="")
    assert office.vendor.asked == []


def test_connecting_again_with_the_same_credentials_changes_nothing_more(office: Integrations) -> None:
    office.connect()
    before = office.service.get(ORG, "sendgrid").connection
    office.connect()
    after = office.service.get(ORG, "sendgrid").connection
    assert before is not None
    assert after is not None
    assert after == before.model_copy(update={"version": after.version, "secret_version": after.secret_version})
    assert len(office.vault.kept) == 1


def test_new_credentials_take_over_when_the_vendor_takes_them(office: Integrations) -> None:
    office.connect()
    connected_at = office.clock.now
    office.clock.go_on(seconds=3600)
    office.connect(apiKey=NEW_KEY)
    assert office.secrets().credentials["apiKey"] == NEW_KEY
    connection = office.service.get(ORG, "sendgrid").connection
    assert connection is not None
    assert connection.connected_at == connected_at, "rotating does not change which platform is in use"


def test_refused_new_credentials_leave_the_old_in_force(office: Integrations) -> None:
    office.connect()
    office.vendor.verdict = Refused("apiKey", "no")
    with pytest.raises(RuleBroken):
        office.connect(apiKey=NEW_KEY)
    assert office.secrets().credentials["apiKey"] == SENDGRID_KEY
    assert status(office) == "connected"


@pytest.mark.parametrize("rotating", [False, True])
def test_a_death_before_the_secret_is_kept_changes_nothing(office: Integrations, rotating: bool) -> None:
    if rotating:
        office.connect()
    office.vault.before = die
    with pytest.raises(Died):
        office.connect(apiKey=NEW_KEY)
    assert status(office) == ("connected" if rotating else "pending")
    if rotating:
        assert office.secrets().credentials["apiKey"] == SENDGRID_KEY


@pytest.mark.parametrize("rotating", [False, True])
def test_a_death_between_secret_and_row_leaves_what_was_before(
    office: Integrations, rotating: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if rotating:
        office.connect()
    save = office.store.save
    monkeypatch.setattr(
        office.store, "save", lambda org, kept: save(org, kept) if kept.changing_since is not None else die()
    )
    with pytest.raises(Died):
        office.connect(apiKey=NEW_KEY)
    monkeypatch.undo()
    assert status(office) == ("connected" if rotating else "pending")
    if rotating:
        assert office.secrets().credentials["apiKey"] == SENDGRID_KEY, "the orphan is not in force"
    office.clock.go_on(seconds=60)
    office.connect(apiKey=NEW_KEY)
    assert office.secrets().credentials["apiKey"] == NEW_KEY
    assert list(office.vault.kept) == [(ORG, "sendgrid")], "the orphan is a version of the same secret"


def test_a_connection_that_was_never_finished_can_be_forgotten(office: Integrations) -> None:
    office.vault.before = die
    with pytest.raises(Died):
        office.connect()
    office.vault.before = lambda _: None
    office.clock.go_on(seconds=60)
    office.service.disconnect(ORG, "sendgrid")
    assert (office.table.items, office.vault.kept) == ({}, {})


def test_disconnecting_forgets_everything(office: Integrations) -> None:
    office.connect()
    office.service.disconnect(ORG, "sendgrid")
    assert (office.table.items, office.vault.kept) == ({}, {})
    with pytest.raises(NotFound):
        office.service.disconnect(ORG, "sendgrid")


def test_from_the_first_moment_of_disconnecting_nothing_leaves_by_it(office: Integrations) -> None:
    office.connect()
    office.vault.before = die
    with pytest.raises(Died):
        office.service.disconnect(ORG, "sendgrid")
    assert status(office) == "disconnecting"
    assert not office.service.get(ORG, "sendgrid").in_use


def test_a_disconnection_that_died_is_finished_later(office: Integrations) -> None:
    office.connect()
    office.vault.before = die
    with pytest.raises(Died):
        office.service.disconnect(ORG, "sendgrid")
    office.vault.before = lambda _: None
    with pytest.raises(Conflict):
        office.service.disconnect(ORG, "sendgrid")
    office.clock.go_on(seconds=60)
    office.service.disconnect(ORG, "sendgrid")
    assert (office.table.items, office.vault.kept) == ({}, {})


def test_or_the_platform_is_connected_anew(office: Integrations) -> None:
    office.connect("linkedin")
    office.vault.before = lambda act: None if act == "put" else die()
    with pytest.raises(Died):
        office.service.disconnect(ORG, "linkedin")
    office.vault.kept.clear()
    office.clock.go_on(seconds=60)
    office.connect("linkedin")
    assert office.secrets("linkedin").credentials == APP


def test_while_one_changes_it_nobody_else_does(office: Integrations) -> None:
    office.connect()

    def meanwhile(_: str) -> None:
        office.vault.before = lambda _: None
        with pytest.raises(Conflict):
            office.service.disconnect(ORG, "sendgrid")
        with pytest.raises(Conflict):
            office.connect()

    office.vault.before = meanwhile
    office.connect(apiKey=NEW_KEY)
    assert office.secrets().credentials["apiKey"] == NEW_KEY


def test_of_two_who_asked_the_vendor_at_once_the_second_is_told(office: Integrations) -> None:
    office.connect()

    def meanwhile() -> None:
        office.vendor.meanwhile = lambda: None
        office.connect(apiKey=NEW_KEY)

    office.vendor.meanwhile = meanwhile
    with pytest.raises(Stale):
        office.connect(apiKey="SG.a-key-of-somebody-else")
    assert office.secrets().credentials["apiKey"] == NEW_KEY


def test_the_last_platform_of_a_channel_is_in_use(office: Integrations) -> None:
    office.deployed.name = "ses"
    assert [each.platform.id for each in office.service.all(ORG) if each.in_use] == ["ses"]
    office.connect()
    office.clock.go_on(seconds=1)
    office.connect("mailgun", apiKey="key-0123456789abcdef", domain="mg.example.com")
    assert [each.platform.id for each in office.service.all(ORG) if each.in_use] == ["mailgun"]
    office.service.disconnect(ORG, "mailgun")
    assert [each.platform.id for each in office.service.all(ORG) if each.in_use] == ["sendgrid"]
    office.service.disconnect(ORG, "sendgrid")
    ses = office.service.get(ORG, "ses")
    assert (ses.by_deployment, ses.in_use, ses.connection) == (True, True, None)


def test_what_one_organisation_connects_no_other_has(office: Integrations) -> None:
    office.connect()
    assert office.service.get(OTHER, "sendgrid").connection is None
    for act in (office.service.disconnect, office.service.check):
        with pytest.raises(NotFound):
            act(OTHER, "sendgrid")
    assert status(office) == "connected"


def test_a_check_notes_what_the_vendor_says(office: Integrations) -> None:
    office.connect()
    office.clock.go_on(seconds=10)
    office.vendor.verdict = Refused("apiKey", "revoked")
    health = office.service.check(ORG, "sendgrid").health
    assert (health.last_check_at, health.last_error, health.last_error_at) == (
        office.clock.now,
        "revoked",
        office.clock.now,
    )
    failed_at = office.clock.now
    office.clock.go_on(seconds=10)
    office.vendor.verdict = Passed()
    health = office.service.check(ORG, "sendgrid").health
    assert (health.last_check_at, health.last_error, health.last_error_at) == (office.clock.now, "", failed_at)


def test_uses_are_noted_beside_it(office: Integrations) -> None:
    office.connect()
    office.store.used(ORG, "sendgrid", office.clock.now)
    office.store.used(ORG, "sendgrid", office.clock.now + timedelta(seconds=5), "403: sender not verified")
    health = office.service.get(ORG, "sendgrid").health
    assert health.last_used_at == office.clock.now
    assert health.last_error == "403: sender not verified"
    assert health.last_error_at == office.clock.now + timedelta(seconds=5)


def test_credentials_that_are_gone_are_told(office: Integrations) -> None:
    office.connect()
    office.vault.kept.clear()
    with pytest.raises(Conflict, match="connect it again"):
        office.service.check(ORG, "sendgrid")


def test_an_app_waits_for_consent(office: Integrations) -> None:
    office.connect("linkedin")
    integration = office.service.get(ORG, "linkedin")
    assert integration.connection is not None
    assert integration.connection.status == "awaiting_consent"
    assert integration.connection.details == {"clientId": "client123"}
    assert not integration.in_use


def test_a_new_secret_of_the_same_app_keeps_the_consent_and_another_app_does_not(office: Integrations) -> None:
    office.connect("linkedin")
    consent(office)
    office.connect("linkedin", **{**APP, "clientSecret": "the-next-secret"})
    assert status(office, "linkedin") == "connected"
    assert office.secrets("linkedin").tokens == Tokens("access")
    assert office.secrets("linkedin").credentials["clientSecret"] == "the-next-secret"
    assert office.vendor.asked[-1].tokens is None, "what is new was tried"
    office.connect("linkedin", clientId="another1", clientSecret="another")
    connection = office.service.get(ORG, "linkedin").connection
    assert connection is not None
    assert (connection.status, connection.profiles) == ("awaiting_consent", ())
    assert office.secrets("linkedin").tokens is None


def test_profiles_are_those_of_connected_social_platforms(office: Integrations) -> None:
    office.connect("linkedin")
    assert office.service.profiles(ORG) == []
    consent(office)
    profile = Profile(id="urn:li:person:1", name="Ann", kind="person")
    assert office.service.profiles(ORG) == [("linkedin", profile)]
    assert office.service.profiles(ORG, "linkedin") == [("linkedin", profile)]
    assert office.service.profiles(ORG, "x") == []
    assert office.service.profiles(OTHER) == []
    for name in ("sendgrid", "myspace"):
        with pytest.raises(NotFound):
            office.service.profiles(ORG, name)


def test_the_deployments_profiles_are_listed_after_ones_own(office: Integrations) -> None:
    office.connect("linkedin")
    consent(office)
    office.deployed.shared = [Outlet(platform="console", profile="console", name="Console")]
    console = ("console", Profile(id="console", name="Console", kind="development"))
    assert [platform for platform, _ in office.service.profiles(ORG)] == ["linkedin", "console"]
    assert office.service.profiles(OTHER) == office.service.profiles(ORG, "console") == [console]
    assert office.service.profiles(OTHER, "linkedin") == []


def test_without_development_channels_there_is_no_console(office: Integrations) -> None:
    with pytest.raises(NotFound):
        office.service.profiles(ORG, "console")


def consent(office: Integrations) -> None:
    """Somebody consented at LinkedIn."""
    kept = office.store.get(ORG, "linkedin")
    assert kept is not None
    secrets = office.secrets("linkedin")
    office.vault.put(ORG, "linkedin", "given", replace(secrets, tokens=Tokens("access")))
    profiles = (Profile(id="urn:li:person:1", name="Ann", kind="person"),)
    update = {"status": "connected", "secret_version": "given", "profiles": profiles}
    office.store.save(ORG, kept.model_copy(update=update))
