"""Log in with e-mail address and password."""

from clarion.edge import PUBLIC, route
from clarion.schemas.auth import LogInRequest, SessionView
from clarion.wiring import sign_in


@route("POST /auth/login", needs=PUBLIC)
def handler(body: LogInRequest) -> SessionView:
    return SessionView.of(sign_in().log_in(body.email, body.password.get_secret_value()))
