"""Sign up: an account, and the organisation that it owns."""

from clarion.edge import PUBLIC, route
from clarion.schemas.auth import SignedUpView, SignUpRequest
from clarion.wiring import sign_in


@route("POST /auth/sign-up", needs=PUBLIC, status=201)
def handler(body: SignUpRequest) -> SignedUpView:
    return SignedUpView.of(sign_in().sign_up(body.email, body.password.get_secret_value(), body.organisation_name))
