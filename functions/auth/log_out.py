"""Log out: end one session, or all of them."""

from clarion.edge import SIGNED_IN, Caller, route
from clarion.schemas.auth import LogOutRequest
from clarion.wiring import sign_in


@route("POST /auth/logout", needs=SIGNED_IN, status=204, remembers=False)
def handler(body: LogOutRequest, caller: Caller) -> None:
    sign_in().log_out(caller.access_token, body.refresh_token.get_secret_value() if body.refresh_token else None)
