"""Text messages through AWS End User Messaging SMS: one SendTextMessage call each, up to ``max_batch`` at once.

https://docs.aws.amazon.com/pinpoint/latest/apireference_smsvoicev2/API_SendTextMessage.html
"""

import re
from collections.abc import Sequence
from typing import Any, Literal

from botocore.config import Config
from botocore.session import get_session

from clarion.channels.aws_failures import CallFailed
from clarion.channels.aws_sms_outcomes import of_error
from clarion.channels.parallel import each_at_once
from clarion.domain.outcomes import Accepted, Outcome, Stop, Unknown
from clarion.domain.text_message import TextMessage

MessageType = Literal["PROMOTIONAL", "TRANSACTIONAL"]

_IDENTITY = re.compile(r"[A-Za-z0-9_:/+-]+")  # botocore's model of ``TextMessageOriginationIdentity``


def create_client(region: str | None = None, *, connect_seconds: float = 3, read_seconds: float = 10) -> Any:
    """A botocore client, for several threads too, that sends each request at most once."""
    config = Config(connect_timeout=connect_seconds, read_timeout=read_seconds, retries={"total_max_attempts": 1})
    return get_session().create_client("pinpoint-sms-voice-v2", region_name=region, config=config)


class AwsSmsChannel:
    """``client`` comes from `create_client`; ``configuration_set`` is where AWS publishes its events.

    A message's ``sender`` is a phone number, a sender id or a pool, by name, id or ARN. ``message_type`` decides how
    carriers treat it: TRANSACTIONAL is for what the reader waits for.
    """

    max_batch = 10  # the connections a botocore client keeps

    def __init__(
        self, client: Any, configuration_set: str | None = None, message_type: MessageType = "PROMOTIONAL"
    ) -> None:
        self._client = client
        self._options: dict[str, str] = {"MessageType": message_type}
        if configuration_set:
            self._options["ConfigurationSetName"] = configuration_set

    def send(self, messages: Sequence[TextMessage]) -> list[Outcome]:
        """One call for each, at the same time; the vendor id is AWS's message id."""
        if len(messages) > self.max_batch:
            raise ValueError(f"at most {self.max_batch} messages at a time")
        return each_at_once(self._send, messages)

    def _send(self, message: TextMessage) -> Outcome:
        if not _IDENTITY.fullmatch(message.sender):
            return Stop("InvalidSender", "AWS sends from a phone number, a sender id or a pool, by name, id or ARN")
        request: dict[str, Any] = {
            "DestinationPhoneNumber": message.to,
            "OriginationIdentity": message.sender,
            "MessageBody": message.body,
            **self._options,
        }
        if message.message_tags:
            request["Context"] = dict(message.message_tags)
        try:
            answer = self._client.send_text_message(**request)
        except CallFailed as error:
            return of_error(error)
        sent = answer.get("MessageId")
        return Accepted(sent) if sent else Unknown("AWS answered without a message id")
