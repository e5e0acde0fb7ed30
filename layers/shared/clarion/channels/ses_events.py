"""Events of Amazon SES as ours. One mail of ours has one recipient."""

from collections.abc import Mapping
from typing import Any

from clarion.channels.mail_reports import event_of_report
from clarion.channels.ses_reports import reports_of
from clarion.domain.vendor_events import MalformedEvent, Skipped, VendorEvent


def event_of(message: Mapping[str, Any]) -> VendorEvent | Skipped:
    """Our event of a message that SES published: by itself, in an SNS envelope, or as EventBridge's ``detail``.

    Raises MalformedEvent.
    """
    try:
        reports = reports_of(message)
        return event_of_report(reports[0], "ses") if reports else Skipped("no SES event")
    except (KeyError, TypeError, AttributeError) as error:
        raise MalformedEvent(f"{type(error).__name__} {error}") from None
