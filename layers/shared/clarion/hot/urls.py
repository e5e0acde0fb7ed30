"""The tracking URLs of one step of a run, for whoever writes the messages."""

from urllib.parse import quote

from clarion.hot.token import Signer, Ticket


class TrackingUrls:
    """Everything but the contact is fixed: build one per (run, step, channel) and ask it for each recipient.

    ``base`` is the public address of the API (``PUBLIC_URL``), with or without a slash at its end. ``org``,
    ``campaign`` and every ``contact`` are ULIDs. ``ValueError`` where a part does not fit a token.
    """

    def __init__(
        self, signer: Signer, base: str, org: str, campaign: str, run: int, step: str, channel: str = "email"
    ) -> None:
        self._signer, self._org, self._campaign = signer, org, campaign
        self._run, self._step, self._channel = run, step, channel
        path = f"{base.rstrip('/')}/connect/automation/{quote(campaign, safe='')}/{quote(step, safe='')}"
        self._open = f"{path}/email/open/?t="
        self._click = f"{path}/link/click/?t="
        self._unsubscribe = f"{path}/email/unsubscribe/?t="

    def open(self, contact: str) -> str:
        """The picture that records an open."""
        return self._open + self._signer.sign("open", self._campaign, self._step, self._ticket(contact))

    def click(self, contact: str, link: int) -> str:
        """The redirect to position ``link`` (from 0) of the run's link table."""
        return self._click + self._signer.sign("click", self._campaign, self._step, self._ticket(contact, link))

    def unsubscribe(self, contact: str) -> str:
        """The page that offers to unsubscribe, and the ``List-Unsubscribe`` address of RFC 8058."""
        ticket = self._ticket(contact)
        return self._unsubscribe + self._signer.sign("unsubscribe", self._campaign, self._step, ticket)

    def _ticket(self, contact: str, link: int = 0) -> Ticket:
        return Ticket(self._org, contact, self._run, self._channel, link)
