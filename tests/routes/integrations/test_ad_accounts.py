"""Ad accounts of an organisation: what makes their campaigns, in development and at the vendors."""

from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from clarion import wiring
from clarion.domain.development import OUTLET
from clarion.domain.errors import NotFound
from clarion.domain.outcomes import Accepted, Stop
from clarion.domain.outlet import Outlet
from clarion.domain.post import Absent
from clarion.domain.publication import PublicationState
from clarion.storage.table import Table
from tests.channels.vendor_server import LoopbackVendor
from tests.fakes.adverts import ad_for
from tests.routes.conftest import ACME, GLOBEX
from tests.routes.integrations.conftest import SECRET, Vault, start_anew

APP = {"clientId": "12345", "clientSecret": SECRET, "pageId": "106700"}
CONSENTED: dict[str, Any] = {
    "POST /v25.0/oauth/access_token": (200, {"access_token": "the-token", "expires_in": 5_000_000}),
    "GET /v25.0/oauth/access_token": (200, {"access_token": "app", "token_type": "bearer"}),
    "GET /v25.0/act_42/campaigns": (200, {"data": []}),
    "GET /v25.0/me": (200, {"id": "7", "name": "Ann"}),
    "GET /v25.0/me/adaccounts": (200, {"data": [{"id": "act_42", "name": "Acme"}]}),
}


@pytest.fixture(autouse=True)
def _deployed(vault: Vault, people: None) -> None:
    """Nothing is connected."""


def of_acme(outlet: Outlet, **content: Any) -> Any:
    ad = ad_for(outlet, **content)
    return type(ad)(ad.message._replace(org=ACME), ad.outlet, ad.campaign, ad.for_audience)


def test_in_development_a_campaign_is_made_on_the_console_and_has_no_figures(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEVELOPMENT_CHANNELS", "console")
    start_anew()
    ad = of_acme(OUTLET)
    made = Accepted(f"console-{ad.campaign.id}")
    assert wiring.ad_delivery(ACME).send([ad]) == [made]
    live = wiring.publications().get(ad.message)
    assert live is not None
    assert (live.state, live.vendor_id) == (PublicationState.LIVE, made.vendor_id)
    nothing = Decimal(0)
    assert wiring.ad_reports().figures(live) == {
        "impressions": nothing,
        "vendor_clicks": nothing,
        "vendor_conversions": nothing,
    }
    assert wiring.ad_reports().find(live) == Absent()  # without an inbox nothing is kept


def test_what_is_not_connected_stops_the_run(table: Table) -> None:
    start_anew()
    [outcome] = wiring.ad_delivery(ACME).send([of_acme(Outlet(platform="meta-ads", profile="act_42"))])
    assert isinstance(outcome, Stop)
    assert outcome.code == "NotConnected"


def test_a_connected_account_makes_campaigns_of_its_own_organisation_alone(
    call: Any, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LoopbackVendor(CONSENTED) as meta:
        monkeypatch.setenv("VENDOR_URLS", f"meta-ads={meta.url}")
        start_anew()
        connected = call("integrations", "connect_platform", path={"platform": "meta-ads"}, body={"credentials": APP})
        assert connected.status == 200
        url = call("integrations", "authorize_platform", path={"platform": "meta-ads"}).json["url"]
        back = {"state": parse_qs(urlsplit(url).query)["state"][0], "code": "the-code"}
        call("integrations", "finish_authorization", path={"platform": "meta-ads"}, query=back, user=None)
        assert wiring.ad_platform_for(ACME, "meta-ads", "act_42").find("01JD") == Absent()
        assert meta.calls("GET /v25.0/act_42/campaigns")[0].headers["authorization"] == "Bearer the-token"
        with pytest.raises(NotFound):
            wiring.ad_platform_for(GLOBEX, "meta-ads", "act_42")
        with pytest.raises(NotFound):
            wiring.audience_uploads_for(GLOBEX, "meta-ads", "act_42")
