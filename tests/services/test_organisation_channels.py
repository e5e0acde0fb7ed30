"""What an organisation can send on, and what workers know of it."""

from datetime import timedelta

import pytest

from clarion.channels.availability import DeployedChannels
from clarion.domain.connection import Granted, Profile, Tokens
from clarion.domain.errors import Conflict
from clarion.domain.outlet import Outlet
from clarion.services.organisation_channels import ConnectedPlatforms, OrganisationChannels
from clarion.settings import Settings
from tests.fakes.connections import ORG, OTHER, SENDGRID_KEY, Integrations

TWILIO = {"accountSid": "AC" + "0" * 32, "authToken": "a-token-nobody-may-see", "sender": "+15005550006"}


@pytest.fixture
def office() -> Integrations:
    return Integrations()


def channels(office: Integrations, **deployed: str) -> OrganisationChannels:
    given = {"email_channel": "ses", "email_from": "news@shop.example", **deployed}
    settings = Settings(**{**dict.fromkeys(Settings._fields, ""), **given})
    return OrganisationChannels(office.store, DeployedChannels(settings), office.clock)


def test_the_deployments_mail_is_everybodys(office: Integrations) -> None:
    assert channels(office).unavailable(ORG, "email") is None
    assert channels(office).default_sender(ORG) == "news@shop.example"
    assert channels(office).sender_refused(ORG, "a@victim.example") is not None


@pytest.mark.parametrize("channel", ["sms", "social", "ads"])
def test_the_rest_must_be_connected(office: Integrations, channel: str) -> None:
    assert channels(office).unavailable(ORG, channel) == f"the channel {channel!r} is not connected"


def test_what_an_organisation_connects_it_can_send_on_at_once_and_until_it_disconnects(office: Integrations) -> None:
    available = channels(office)
    office.connect("twilio", **TWILIO)
    assert available.unavailable(ORG, "sms") is None
    assert available.unavailable(OTHER, "sms") is not None
    office.service.disconnect(ORG, "twilio")
    assert available.unavailable(ORG, "sms") == "the channel 'sms' is not connected"


def test_an_account_of_its_own_knows_its_senders_itself(office: Integrations) -> None:
    office.connect("sendgrid", apiKey=SENDGRID_KEY, **{"from": "ann@own.example"})
    available = channels(office)
    assert available.default_sender(ORG) == "ann@own.example"
    assert available.sender_refused(ORG, "anybody@elsewhere.example") is None
    assert available.sender_refused(ORG, "no address") is not None
    assert available.sender_refused(OTHER, "anybody@elsewhere.example") is not None


def test_an_account_without_a_default_sender_does_not_borrow_the_deployments(office: Integrations) -> None:
    office.connect()
    assert channels(office).default_sender(ORG) == ""


def test_without_a_deployments_channel_mail_takes_a_platform(office: Integrations) -> None:
    available = channels(office, email_channel="")
    assert available.unavailable(ORG, "email") is not None
    office.connect()
    assert available.unavailable(ORG, "email") is None


def test_a_platform_half_connected_is_named_with_what_it_lacks(office: Integrations) -> None:
    office.connect("linkedin")
    reason = channels(office).unavailable(ORG, "social")
    assert reason == "the channel 'social' is not connected; LinkedIn: a member has yet to consent at the vendor"


def test_a_consent_that_ended_is_named(office: Integrations) -> None:
    office.connect("linkedin")
    asked = office.consents.begin(ORG, "u-owner", "linkedin", "https://t.example.com/")
    office.vendor.granted = Granted(Tokens("access", "", office.clock.now + timedelta(days=60)))
    office.consents.finish("linkedin", asked.partition("state=")[2].partition("&")[0], "code", "")
    available = channels(office)
    assert available.unavailable(ORG, "social") is None
    office.clock.go_on(seconds=60 * 86_400)
    assert "has ended: authorize it again" in str(available.unavailable(ORG, "social"))


def test_posts_go_to_the_profiles_of_what_is_connected_until_the_consent_ends(office: Integrations) -> None:
    page = Profile(id="urn:li:organization:7", name="Acme", kind="organization")
    office.connect("linkedin")
    asked = office.consents.begin(ORG, "u-owner", "linkedin", "https://t.example.com/")
    office.vendor.granted = Granted(Tokens("access", "", office.clock.now + timedelta(days=60)), "Acme", (page,))
    available = channels(office)
    assert available.outlets(ORG, "social") == []
    office.consents.finish("linkedin", asked.partition("state=")[2].partition("&")[0], "code", "")
    assert available.outlets(ORG, "social") == [
        Outlet(platform="linkedin", profile="urn:li:organization:7", name="Acme")
    ]
    assert available.outlets(ORG, "ads") == available.outlets(OTHER, "social") == []
    office.clock.go_on(seconds=60 * 86_400)
    assert available.outlets(ORG, "social") == []


def test_the_console_is_everybodys_beside_their_own(office: Integrations) -> None:
    available = channels(office, development_channels="console")
    console = Outlet(platform="console", profile="console", name="Console")
    assert available.outlets(ORG, "social") == available.outlets(OTHER, "ads") == [console]
    assert available.unavailable(ORG, "sms") is None


def test_workers_notice_new_credentials_within_a_minute(office: Integrations) -> None:
    office.connect()
    worker = ConnectedPlatforms(office.store, office.vault, office.clock)

    def key() -> str:
        connection = worker.preferred(ORG, "email")
        assert connection is not None
        return worker.secrets(ORG, connection).credentials["apiKey"]

    assert key() == SENDGRID_KEY
    office.connect(apiKey="SG.the-next-key-0123456789")
    office.clock.go_on(seconds=59)
    assert key() == SENDGRID_KEY
    office.clock.go_on(seconds=1)
    assert key() == "SG.the-next-key-0123456789"


def test_workers_read_a_secret_once_for_each_change(office: Integrations) -> None:
    office.connect()
    worker = ConnectedPlatforms(office.store, office.vault, office.clock)
    before = office.vault.reads
    for _ in range(5):
        connection = worker.preferred(ORG, "email")
        assert connection is not None
        worker.secrets(ORG, connection)
        office.clock.go_on(seconds=61)
    assert office.vault.reads == before + 1


def test_a_worker_that_missed_a_disconnection_says_what_is_wrong(office: Integrations) -> None:
    office.connect()
    worker = ConnectedPlatforms(office.store, office.vault, office.clock)
    connection = worker.preferred(ORG, "email")
    assert connection is not None
    office.service.disconnect(ORG, "sendgrid")
    with pytest.raises(Conflict, match="connect it again"):
        worker.secrets(ORG, connection)
    worker.forget(ORG)
    assert worker.preferred(ORG, "email") is None
