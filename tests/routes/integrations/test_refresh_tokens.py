"""The hourly look at tokens that end though nobody needs them, on moto."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from clarion import wiring
from clarion.clock import now
from clarion.storage.table import Table
from tests.channels.vendor_server import LoopbackVendor
from tests.routes.conftest import ACME, load_handler
from tests.routes.integrations.conftest import PREFIX, SECRET, Vault, start_anew

APP = {"credentials": {"clientId": "client123", "clientSecret": SECRET}}
ME = {"GET /2/users/me": (200, {"data": {"id": "7", "name": "Acme", "username": "acme"}})}
TOKENS = [
    (200, {"access_token": "looked-at", "refresh_token": "r"}),
    (200, {"access_token": "first-token", "refresh_token": "first-refresh", "expires_in": 7200}),
    (200, {"access_token": "second-token", "refresh_token": "second-refresh", "expires_in": 7200}),
]


def look() -> None:
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 300_000)
    load_handler("scheduler", "refresh_tokens")({}, context)


def test_a_token_that_nobody_needed_for_a_month_is_renewed(
    call: Any, vault: Vault, table: Table, monkeypatch: Any
) -> None:
    with LoopbackVendor({"POST /2/oauth2/token": TOKENS, **ME}) as x:
        monkeypatch.setenv("VENDOR_URLS", f"x={x.url}")
        start_anew()
        call("integrations", "connect_platform", path={"platform": "x"}, body=APP)
        url = call("integrations", "authorize_platform", path={"platform": "x"}).json["url"]
        state = parse_qs(urlsplit(url).query)["state"][0]
        back = {"state": state, "code": "the-code"}
        call("integrations", "finish_authorization", path={"platform": "x"}, query=back, user=None)
        look()
        assert "first-token" in vault.texts()[f"{PREFIX}/{ACME}/x"]
        kept = wiring.connection_table().get(ACME, "x")
        assert kept is not None
        past = now() - timedelta(seconds=1)
        wiring.connection_table().save(ACME, kept.model_copy(update={"refresh_at": past, "renew_at": past}))
        assert wiring.connection_table().to_renew(now()) == [(ACME, "x")]
        look()
        assert x.calls("POST /2/oauth2/token")[-1].form["refresh_token"] == "first-refresh"
    assert "second-token" in vault.texts()[f"{PREFIX}/{ACME}/x"]
    assert wiring.connection_table().to_renew(now()) == []
    assert wiring.connection_table().to_renew(now() + timedelta(days=30)) == [(ACME, "x")]
    assert call("integrations", "disconnect_platform", path={"platform": "x"}).status == 204
    assert wiring.connection_table().to_renew(now() + timedelta(days=30)) == []
