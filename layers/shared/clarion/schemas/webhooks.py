"""What vendors' handshakes are answered."""

from pydantic import Field

from clarion.domain.model import Model


class ChallengeView(Model):
    """``response_token``, as X calls it: its challenge, signed by the app's secret."""

    response_token: str = Field(alias="response_token")
