"""What Amazon SES reports of mails
(https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html).

Events of a configuration set call themselves ``eventType``, the older notifications of an identity
``notificationType``; both tell of several recipients at once where they were in one mail.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from clarion.channels.mail_reports import Cause, Happening, MailReport, moment_of_text, part, text

_HAPPENINGS = {
    "Send": Happening.SENT,
    "Delivery": Happening.DELIVERED,
    "DeliveryDelay": Happening.DEFERRED,
    "Bounce": Happening.BOUNCED,
    "Complaint": Happening.COMPLAINED,
    "Reject": Happening.REJECTED,
    "Rendering Failure": Happening.FAILED,
    "Open": Happening.OPENED,
    "Click": Happening.CLICKED,
    "Subscription": Happening.UNSUBSCRIBED,
}
_ABOUT = {"Rendering Failure": "failure", "DeliveryDelay": "deliveryDelay"}
_RECIPIENTS = {
    "Delivery": "recipients",
    "Bounce": "bouncedRecipients",
    "Complaint": "complainedRecipients",
    "DeliveryDelay": "delayedRecipients",
}
_NEVER_SENT = {Happening.REJECTED, Happening.FAILED}
_CAUSES = {"Bounce": Cause.BOUNCED, "Complaint": Cause.SPAM, "Reject": Cause.BLOCKED}


def reports_of(message: Mapping[str, Any]) -> list[MailReport]:
    """What a message that SES published tells: by itself, in an SNS envelope, or as EventBridge's ``detail``.

    One report for each recipient; empty for what is no event of SES. Raises MalformedEvent, KeyError or TypeError for
    an event that lacks what SES documents.
    """
    event = _unwrapped(message)
    return [] if event is None else list(_reports(event, message))


def _unwrapped(message: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if _name(message) is not None:
        return message
    inner = message.get("detail") or message.get("Message")
    if isinstance(inner, str):
        try:
            inner = json.loads(inner)
        except (ValueError, RecursionError):
            return None  # SNS says hello to a new subscriber in plain words
    return inner if isinstance(inner, dict) and _name(inner) is not None else None


def _name(event: Mapping[str, Any]) -> object:
    return event.get("eventType", event.get("notificationType"))


def _reports(event: Mapping[str, Any], envelope: Mapping[str, Any]) -> Iterator[MailReport]:
    name = _name(event)
    what = _HAPPENINGS.get(name, Happening.OTHER) if isinstance(name, str) else Happening.OTHER
    said = f"SES {name}"
    if what is Happening.OTHER:
        yield MailReport(what=what, said=said)
        return
    about, mail = event[_ABOUT.get(str(name), str(name).lower())], event["mail"]
    if name == "Complaint" and about.get("complaintFeedbackType") == "not-spam":
        what, said = Happening.OTHER, "not-spam"  # somebody took our mail out of the spam folder
    if name == "Subscription" and part(about, "newTopicPreferences").get("unsubscribeAll") is not True:
        what = Happening.OTHER  # of some topics alone
    published = envelope.get("Timestamp")
    particular = about.get("feedbackId") or about.get("timestamp") or published or mail.get("timestamp") or ""
    for recipient, answer in _recipients(str(name), about, mail):
        yield MailReport(
            what=what,
            said=said,
            # What was never sent failed as it was handed over.
            at=moment_of_text(about.get("timestamp", mail.get("timestamp") if what in _NEVER_SENT else None)),
            event_id=":".join((mail["messageId"], str(name), particular)),
            notice_id=text(envelope.get("MessageId")),
            told_at=moment_of_text(published),
            message_id=mail["messageId"],
            recipient=recipient,
            cause=_CAUSES.get(str(name)),
            hard=name == "Bounce" and about["bounceType"] == "Permanent",
            description=_description(about),
            answer=answer,
            url=text(about.get("link")),
            user_agent=text(about.get("userAgent")),
            variables={tag: told[0] for tag, told in part(mail, "tags").items() if isinstance(told, list) and told},
            headers=tuple((str(each["name"]), str(each["value"])) for each in mail.get("headers") or ()),
        )


def _recipients(
    name: str, about: Mapping[str, Any], mail: Mapping[str, Any]
) -> Iterator[tuple[str | None, str | None]]:
    """Each recipient with the receiving server's answer; for what tells of the whole mail, all it went to."""
    for told in about.get(_RECIPIENTS.get(name, "")) or mail.get("destination") or [None]:
        if isinstance(told, Mapping):
            yield text(told.get("emailAddress")), text(told.get("diagnosticCode"))
        else:
            yield text(told), text(about.get("smtpResponse"))


def _description(about: Mapping[str, Any]) -> str | None:
    if "bounceType" in about:
        return f"{about['bounceType']}: {about.get('bounceSubType')}"
    return text(about.get("complaintFeedbackType") or about.get("reason") or about.get("errorMessage"))
