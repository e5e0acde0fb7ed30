"""Which channels every organisation of this deployment can send on, who sends by default, who may send at all."""

from clarion.domain import development
from clarion.domain.addresses import normalise_email
from clarion.domain.outlet import Outlet
from clarion.settings import Settings

_EMAIL_ADAPTERS = ("ses", "smtp", "null")


class DeployedChannels:
    """As the template's parameters set them up."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def unavailable(self, channel: str) -> str | None:
        """Why nothing can be sent on ``channel``; None where it can."""
        if channel in development.CHANNELS and self._development():
            return None
        if channel != "email":
            return f"the channel {channel!r} is not connected"
        if self._settings.email_channel not in _EMAIL_ADAPTERS:
            return "the channel 'email' is not connected: set the parameter EmailChannel"
        return None

    def reaching_nobody(self) -> frozenset[str]:
        """The channels whose messages are shown to developers, or forgotten."""
        mail = {"email"} if self._settings.email_channel == "null" else set()
        return frozenset(mail.union(development.CHANNELS if self._development() else ()))

    def platform(self) -> str | None:
        """The platform that e-mail leaves by; None in development, where it leads nowhere."""
        return self._settings.email_channel if self._settings.email_channel in ("ses", "smtp") else None

    def outlets(self, channel: str) -> list[Outlet]:
        """The profiles, or ad accounts, that everybody can publish to: one in development, else none."""
        return [development.OUTLET] if channel in ("social", "ads") and self._development() else []

    def default_sender(self) -> str:
        """The parameter EmailFrom; empty where it is not set."""
        return self._settings.email_from

    def sender_refused(self, address: str) -> str | None:
        """Why no campaign may send from ``address``; None where it may.

        The vendor's account is shared by every organisation and would send as any of its identities, so the
        deployment says which domains, with all below them, are senders: SenderDomains and the domain of EmailFrom.
        """
        if address and address == self._settings.email_from:
            return None
        try:
            domain = normalise_email(address).rpartition("@")[2]
        except ValueError as error:
            return str(error)
        if any(domain == allowed or domain.endswith(f".{allowed}") for allowed in self.sender_domains()):
            return None
        return f"this deployment does not send from {domain!r}: add it to the parameter SenderDomains"

    def _development(self) -> bool:
        return self._settings.development_channels in development.KINDS

    def sender_domains(self) -> set[str]:
        """What campaigns may be sent from, all below included."""
        default = self._settings.email_from.rpartition("@")[2]
        named = [*self._settings.sender_domains.split(","), default]
        return {domain.strip().lower() for domain in named} - {""}
