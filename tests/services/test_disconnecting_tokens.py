"""Tokens are given back to their vendor when a platform is disconnected, as far as the vendor has a way for it."""

from dataclasses import replace

import pytest

from clarion.domain.connection import Secrets, Tokens
from tests.fakes.connections import APP_SECRET, ORG, Integrations


def fail(*_: object) -> None:
    raise ConnectionError


@pytest.fixture
def office() -> Integrations:
    return Integrations()


def with_a_token(office: Integrations, platform: str = "linkedin") -> Secrets:
    """``platform`` is connected, and a member consented."""
    office.connect(platform)
    kept = office.store.get(ORG, platform)
    assert kept is not None
    secrets = replace(office.secrets(platform), tokens=Tokens("access", "refresh"))
    office.vault.put(ORG, platform, kept.secret_version, secrets)
    return secrets


@pytest.mark.parametrize("end_consent", [False, True])
def test_tokens_are_given_back_once_nothing_is_kept_any_more(office: Integrations, end_consent: bool) -> None:
    secrets = with_a_token(office)

    def meanwhile() -> None:
        assert (office.table.items, office.vault.kept) == ({}, {})

    office.vendor.meanwhile = meanwhile
    office.service.disconnect(ORG, "linkedin", end_consent)
    assert office.vendor.given_back == [(secrets, end_consent)]


def test_what_a_renewal_left_behind_is_given_back(office: Integrations) -> None:
    secrets = replace(with_a_token(office), tokens=Tokens("newer"))
    kept = office.store.get(ORG, "linkedin")
    assert kept is not None
    office.vault.put(ORG, "linkedin", "of-a-renewal", secrets)
    office.store.save(ORG, kept.model_copy(update={"renewing": "of-a-renewal"}))
    office.service.disconnect(ORG, "linkedin")
    assert office.vendor.given_back == [(secrets, False)]


def test_a_platform_without_consent_has_nothing_to_give_back(office: Integrations) -> None:
    office.connect()
    office.service.disconnect(ORG, "sendgrid")
    assert office.vendor.given_back == []


@pytest.mark.parametrize("where", ["vault", "vendor"])
def test_a_disconnection_succeeds_though_nothing_can_be_given_back(
    office: Integrations, where: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with_a_token(office)
    if where == "vault":
        monkeypatch.setattr(office.vault, "get", fail)
    else:
        office.vendor.meanwhile = fail
    office.service.disconnect(ORG, "linkedin")
    assert (office.table.items, office.vault.kept, office.vendor.given_back) == ({}, {}, [])
    assert "linkedin gave" in caplog.text


def test_what_became_of_tokens_is_told_in_the_log_alone(office: Integrations, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with_a_token(office)
    office.service.disconnect(ORG, "linkedin")
    assert f"what linkedin gave {ORG}: revoked" in caplog.text
    assert not any(word in caplog.text for word in ("access", "refresh", APP_SECRET))
