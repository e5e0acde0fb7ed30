"""How many messages queues hold (SQS GetQueueAttributes)."""

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from clarion.domain.health import Depth

log = logging.getLogger(__name__)
_WAITING = "ApproximateNumberOfMessages"
_IN_FLIGHT = "ApproximateNumberOfMessagesNotVisible"
_DELAYED = "ApproximateNumberOfMessagesDelayed"


def named_urls(text: str) -> dict[str, str]:
    """``plan=https://… send=https://…`` as a mapping."""
    return dict(pair.split("=", 1) for pair in text.split())


class QueueDepths:
    """``client`` is a botocore SQS client with short timeouts, ``urls`` the queues' addresses by name."""

    def __init__(self, client: Any, urls: Mapping[str, str]) -> None:
        self._client, self._urls = client, urls

    def read(self) -> dict[str, Depth | None]:
        """All at once, so that the slowest queue sets the time; None for one that does not answer."""
        with ThreadPoolExecutor(max(len(self._urls), 1)) as pool:
            return dict(zip(self._urls, pool.map(self._depth, self._urls.values()), strict=True))

    def _depth(self, url: str) -> Depth | None:
        wanted = [_WAITING, _IN_FLIGHT, _DELAYED]
        try:
            found = self._client.get_queue_attributes(QueueUrl=url, AttributeNames=wanted)["Attributes"]
        except (BotoCoreError, ClientError) as error:
            log.warning("a queue cannot be read: %s", error)
            return None
        return Depth(int(found[_WAITING]), int(found[_IN_FLIGHT]), int(found[_DELAYED]))
