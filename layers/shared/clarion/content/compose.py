"""From a contact to the very mail it gets: rendered, with its tracked links and the headers of bulk mail."""

from collections.abc import Mapping
from typing import Any

from clarion.content.render import CompiledMail
from clarion.domain.mail import Mail, Mailbox, one_line
from clarion.domain.run import Run
from clarion.hot.urls import TrackingUrls


class MailComposer:
    """Composes the mails of one step of a run. ``urls`` are the step's; the sender's domain names messages and list.

    The content's links are those of the step's link table from ``first_link`` on.
    """

    def __init__(self, run: Run, step: str, first_link: int, compiled: CompiledMail, urls: TrackingUrls) -> None:
        self._run, self._step, self._first_link, self._compiled, self._urls = run, step, first_link, compiled, urls
        sender = run.plan.sender
        if sender is None:
            raise ValueError("the run has no sender")
        self._reply_to = sender.reply_to
        self._sender = Mailbox(sender.email, one_line(sender.name or ""))
        self._domain = sender.email.rpartition("@")[2].encode("idna").decode()

    def compose(self, contact: Mapping[str, Any]) -> Mail:
        """Raises RenderFailed where the template cannot be rendered, ValueError where the mail cannot be sent."""
        run, contact_id = self._run.id, contact["id"]
        unsubscribe_url = self._urls.unsubscribe(contact_id)
        rendered = self._compiled.render(
            contact,
            link_urls=lambda link: self._urls.click(contact_id, self._first_link + link),
            open_url=self._urls.open(contact_id),
            unsubscribe_url=unsubscribe_url,
        )
        step = self._step
        return Mail(
            message_id=f"<{run.campaign}.{run.run}.{step}.{contact_id}@{self._domain}>",
            sender=self._sender,
            to=contact["email"],
            subject=rendered.subject,
            html=rendered.html,
            text=rendered.text,
            reply_to=self._reply_to,
            unsubscribe_url=unsubscribe_url,
            list_id=f"{run.org.lower()}.{self._domain}",
            feedback_id=f"{run.campaign}:{run.org}:marketing:clarion",
            message_tags={
                "org": run.org,
                "campaign": run.campaign,
                "run": str(run.run),
                "step": step,
                "contact": contact_id,
            },
        )
