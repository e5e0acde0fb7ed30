"""Renew a session's tokens."""

from clarion.edge import PUBLIC, route
from clarion.schemas.auth import RefreshRequest, SessionView
from clarion.wiring import sign_in


@route("POST /auth/refresh", needs=PUBLIC)
def handler(body: RefreshRequest) -> SessionView:
    return SessionView.of(sign_in().refresh(body.refresh_token.get_secret_value()))
