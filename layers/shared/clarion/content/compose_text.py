"""From a contact to the very text message it gets: rendered, with its tracked links, to its number."""

from collections.abc import Mapping
from typing import Any

from clarion.content.text import CompiledText
from clarion.domain.eligibility import INVALID_ADDRESS, address_of
from clarion.domain.run import Run
from clarion.domain.text_message import TextMessage
from clarion.hot.urls import TrackingUrls

_NO_NUMBER = {INVALID_ADDRESS: "the contact's phone is no number with its country code"}


class TextComposer:
    """Composes the text messages of one step of a run. ``urls`` are the step's; ``sender`` is what they leave from.

    The content's links are those of the step's link table from ``first_link`` on.
    """

    def __init__(
        self, run: Run, step: str, first_link: int, compiled: CompiledText, urls: TrackingUrls, sender: str
    ) -> None:
        self._run, self._step, self._first_link, self._compiled = run, step, first_link, compiled
        self._urls, self._sender = urls, sender

    def compose(self, contact: Mapping[str, Any]) -> TextMessage:
        """Raises RenderFailed where the text cannot be rendered, ValueError where the message cannot be sent."""
        run, contact_id = self._run.id, contact["id"]
        number, reason = address_of(contact, "sms")
        if number is None:
            raise ValueError(_NO_NUMBER.get(reason or "", "the contact has no phone"))
        return TextMessage(
            to=number,
            body=self._compiled.render(contact, lambda link: self._urls.click(contact_id, self._first_link + link)),
            sender=self._sender,
            message_tags={
                "org": run.org,
                "campaign": run.campaign,
                "run": str(run.run),
                "step": self._step,
                "contact": contact_id,
            },
        )
