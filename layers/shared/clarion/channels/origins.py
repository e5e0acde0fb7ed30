"""Where vendors' APIs are: at the addresses the vendors publish, or, in development, where ``VENDOR_URLS`` says."""

from collections.abc import Mapping


class Origins:
    """``elsewhere`` has a base URL by platform id (or by the word ``smtp``, whose URL is not looked at: where it is
    named, mail servers on this machine are taken, too)."""

    def __init__(self, elsewhere: Mapping[str, str]) -> None:
        self._elsewhere = dict(elsewhere)

    @classmethod
    def parse(cls, text: str) -> "Origins":
        """From ``sendgrid=http://127.0.0.1:1 twilio=http://127.0.0.1:2``."""
        return cls(dict(pair.split("=", 1) for pair in text.split()))

    def of(self, platform: str, published: str) -> str:
        """The base URL of a platform's API."""
        return self._elsewhere.get(platform, published)

    @property
    def private_mail_servers(self) -> bool:
        """Whether organisations may name mail servers in this machine's own networks."""
        return "smtp" in self._elsewhere
