"""Whom a webhook is for."""

from collections.abc import Callable

import pytest

from clarion.domain.errors import WebhookRefused
from clarion.services.organisation_channels import ConnectedPlatforms
from clarion.services.webhooks import WebhookCredentials
from tests.fakes.connections import APP, APP_SECRET, ORG, OTHER, SENDGRID_KEY, Integrations

OLD, NEW = ("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE" + letter * 86 + "==" for letter in "AB")


@pytest.fixture
def office() -> Integrations:
    return Integrations()


@pytest.fixture
def credentials(office: Integrations) -> WebhookCredentials:
    return WebhookCredentials(ConnectedPlatforms(office.store, office.vault, office.clock))


def test_a_connected_platform_has_the_credentials_it_was_connected_by(
    office: Integrations, credentials: WebhookCredentials
) -> None:
    office.connect(apiKey=SENDGRID_KEY, webhookKey=OLD)
    connection, found = credentials.of(ORG, "sendgrid")
    assert connection.id == "sendgrid"
    assert found["webhookKey"] == OLD


def test_an_app_may_be_told_things_before_a_member_consents(
    office: Integrations, credentials: WebhookCredentials
) -> None:
    office.connect("x", **APP)
    connection, found = credentials.of(ORG, "x")
    assert connection.status == "awaiting_consent"
    assert found["clientSecret"] == APP_SECRET


def test_new_credentials_hold_within_a_minute(office: Integrations, credentials: WebhookCredentials) -> None:
    office.connect(apiKey=SENDGRID_KEY, webhookKey=OLD)
    assert credentials.of(ORG, "sendgrid")[1]["webhookKey"] == OLD
    office.connect(apiKey=SENDGRID_KEY, webhookKey=NEW)
    office.clock.go_on(60)
    assert credentials.of(ORG, "sendgrid")[1]["webhookKey"] == NEW


def _nothing(_: Integrations) -> None:
    """Nobody connected anything."""


def _another_platform(office: Integrations) -> None:
    office.connect("x", **APP)


def _disconnected(office: Integrations) -> None:
    office.connect()
    office.service.disconnect(ORG, "sendgrid")


def _half_disconnected(office: Integrations) -> None:
    office.connect()
    kept = office.store.get(ORG, "sendgrid")
    assert kept is not None
    office.store.save(ORG, kept.begin_change(office.clock(), "disconnecting"))


def _half_connected(office: Integrations) -> None:
    office.vault.before = lambda _: (_ for _ in ()).throw(RuntimeError("died"))
    with pytest.raises(RuntimeError):
        office.connect()


def _without_its_secret(office: Integrations) -> None:
    office.connect()
    office.vault.kept.clear()


@pytest.mark.parametrize(
    "given",
    [_nothing, _another_platform, _disconnected, _half_disconnected, _half_connected, _without_its_secret],
    ids=lambda each: each.__name__.strip("_"),
)
def test_whatever_is_missing_the_answer_is_the_same(
    office: Integrations, credentials: WebhookCredentials, given: Callable[[Integrations], None]
) -> None:
    given(office)
    with pytest.raises(WebhookRefused) as here:
        credentials.of(ORG, "sendgrid")
    with pytest.raises(WebhookRefused) as there:
        credentials.of(OTHER, "sendgrid")
    assert str(here.value) == str(there.value)
