"""Confirm an e-mail address with the code that was sent to it."""

from clarion.edge import PUBLIC, route
from clarion.schemas.auth import ConfirmRequest
from clarion.wiring import sign_in


@route("POST /auth/confirm", needs=PUBLIC, status=204)
def handler(body: ConfirmRequest) -> None:
    sign_in().confirm(body.email, body.code)
