"""The receiving side: plays the mailbox providers and tells SES's event destination what became of each mail.

The emulator takes mails but publishes no events. For every mail sent with a configuration set this publishes what
SES would: a Delivery, or what the mailbox simulator's addresses stand for (`bounce@simulator.amazonses.com`,
`complaint@…`, `suppressionlist@…`, each also as `bounce+label@…`). Shapes as in the SES developer guide, "Examples
of event data that Amazon SES publishes to Amazon SNS".
"""

import json
import logging
import queue
import threading
import time
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.entries import Mail
from local.outbox import Outbox
from local.settings import HOST, REGION, Settings

_BATCH = 10  # PublishBatch takes no more
_SIMULATOR = "simulator.amazonses.com"
_ACCOUNT = "000000000000"

log = logging.getLogger(__name__)


class Postmaster:
    """Publishes each mail's events once to the topic the template names; a failed publish is tried again."""

    def __init__(self, settings: Settings, outbox: Outbox) -> None:
        self._settings = settings
        self._waiting: queue.Queue[Mail] = queue.Queue()
        self._sns: Any = boto3.client(
            "sns",
            endpoint_url=settings.endpoint_url,
            region_name=REGION,
            config=Config(retries={"total_max_attempts": 3}),
        )
        self._thread = threading.Thread(target=self._run, daemon=True, name="postmaster")
        outbox.listen(self._take)

    def start(self) -> None:
        """Begin to publish."""
        self._thread.start()

    def drain(self, seconds: float) -> None:
        """Wait until everything sent so far is published, but no longer than `seconds`."""
        until = time.monotonic() + seconds
        while self._waiting.unfinished_tasks and time.monotonic() < until:
            time.sleep(0.05)

    def _take(self, mail: Mail) -> None:
        if mail.configuration_set:
            self._waiting.put(mail)

    def _run(self) -> None:
        while True:
            mails = [self._waiting.get()]
            while len(mails) < _BATCH and not self._waiting.empty():
                mails.append(self._waiting.get())
            try:
                self._publish([event for mail in mails for event in events(mail)])
            except (BotoCoreError, ClientError, OSError, KeyError, ValueError) as error:
                log.warning("events of %d mails could not be published: %s", len(mails), error)
                time.sleep(1)
                for mail in mails:
                    self._waiting.put(mail)
            for _ in mails:
                self._waiting.task_done()

    def _publish(self, payloads: list[dict[str, Any]]) -> None:
        topic = json.loads(self._settings.deployed_file.read_text())["outputs"]["SesEventsTopicArn"]
        for start in range(0, len(payloads), _BATCH):
            entries = [
                {"Id": str(i), "Message": json.dumps(payload)}
                for i, payload in enumerate(payloads[start : start + _BATCH])
            ]
            self._sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)


def events(mail: Mail) -> list[dict[str, Any]]:
    """Return the SES events of one mail in the order SES publishes them."""
    address = parseaddr(mail.to[0])[1].lower() if mail.to else ""
    local_part, _, domain = address.partition("@")
    outcome = local_part.partition("+")[0] if domain == _SIMULATOR else "success"
    described = {"mail": _mail(mail)}
    if outcome in ("bounce", "suppressionlist"):
        return [{"eventType": "Bounce", **described, "bounce": _bounce(mail, outcome)}]
    delivered = {"eventType": "Delivery", **described, "delivery": _delivery(mail)}
    if outcome == "complaint":
        return [delivered, {"eventType": "Complaint", **described, "complaint": _complaint(mail)}]
    return [delivered]


def _mail(mail: Mail) -> dict[str, Any]:
    sender = parseaddr(mail.sender)[1]
    headers = {"From": mail.sender, "To": ", ".join(mail.to), "Subject": mail.subject} | mail.headers
    return {
        "timestamp": _iso(mail.sent_at),
        "source": mail.sender,
        "sourceArn": f"arn:aws:ses:{REGION}:{_ACCOUNT}:identity/{sender}",
        "sendingAccountId": _ACCOUNT,
        "messageId": mail.message_id,
        "destination": mail.to,
        "headersTruncated": False,
        "headers": [{"name": name, "value": value} for name, value in headers.items()],
        "commonHeaders": {
            "from": [mail.sender],
            "to": mail.to,
            "messageId": mail.message_id,
            "subject": mail.subject,
        },
        "tags": {
            "ses:configuration-set": [mail.configuration_set],
            "ses:source-ip": [HOST],
            "ses:from-domain": [sender.partition("@")[2]],
            "ses:caller-identity": ["clarion"],
            **{name: [value] for name, value in mail.tags.items()},
        },
    }


def _delivery(mail: Mail) -> dict[str, Any]:
    return {
        "timestamp": _iso(time.time()),
        "processingTimeMillis": max(1, int((time.time() - mail.sent_at) * 1000)),
        "recipients": mail.to,
        "smtpResponse": "250 2.6.0 Message received",
        "reportingMTA": "localhost",
    }


def _bounce(mail: Mail, outcome: str) -> dict[str, Any]:
    return {
        "bounceType": "Permanent",
        "bounceSubType": "Suppressed" if outcome == "suppressionlist" else "General",
        "bouncedRecipients": [
            {
                "emailAddress": address,
                "action": "failed",
                "status": "5.1.1",
                "diagnosticCode": "smtp; 550 5.1.1 user unknown",
            }
            for address in mail.to
        ],
        "timestamp": _iso(time.time()),
        "feedbackId": f"{mail.message_id}-bounce",
        "reportingMTA": "dsn; localhost",
    }


def _complaint(mail: Mail) -> dict[str, Any]:
    now = _iso(time.time())
    return {
        "complainedRecipients": [{"emailAddress": address} for address in mail.to],
        "timestamp": now,
        "feedbackId": f"{mail.message_id}-complaint",
        "complaintFeedbackType": "abuse",
        "arrivalDate": now,
    }


def _iso(epoch_seconds: float) -> str:
    moment = datetime.fromtimestamp(epoch_seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
