"""Which channels this deployment can send on, and who sends by default."""

from clarion.settings import Settings

_EMAIL_ADAPTERS = ("ses", "smtp", "null")


class DeployedChannels:
    """As the template's parameters set them up."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def unavailable(self, channel: str) -> str | None:
        """Why nothing can be sent on ``channel``; None where it can."""
        if channel != "email":
            return f"the channel {channel!r} is not connected"
        if self._settings.email_channel not in _EMAIL_ADAPTERS:
            return "the channel 'email' is not connected: set the parameter EmailChannel"
        if self._settings.email_channel == "smtp" and not self._settings.smtp_url:
            return "the channel 'email' is not connected: set the parameter SmtpUrl"
        return None

    def default_sender(self) -> str:
        """The parameter EmailFrom; empty where it is not set."""
        return self._settings.email_from
