"""The plan and send queues (SQS): one message per contact shard to plan, one per batch to send."""

import json
from collections.abc import Sequence
from typing import Any

from clarion.domain.run import BatchId, RunId
from clarion.keys import CONTACT_SHARDS

_MOST = 10  # messages in one SendMessageBatch (AWS quota page)


class Queues:
    """``client`` is a botocore SQS client. A message lost here is made good by the tick's sweep."""

    def __init__(self, client: Any, plan_url: str, send_url: str) -> None:
        self._client, self._plan_url, self._send_url = client, plan_url, send_url

    def plan(self, run_id: RunId) -> None:
        """Ask for the planning of every contact shard of a run."""
        self._put(self._plan_url, [run_id.message(shard=shard) for shard in range(CONTACT_SHARDS)])

    def plan_shard(self, run_id: RunId, shard: int) -> None:
        """Ask for the rest of one shard's planning."""
        self._put(self._plan_url, [run_id.message(shard=shard)])

    def send(self, batch_ids: Sequence[BatchId], delay_seconds: int = 0) -> None:
        """Ask for batches to be sent, after up to 900 seconds."""
        self._put(self._send_url, [batch_id.message() for batch_id in batch_ids], delay_seconds)

    def waiting_to_send(self) -> int:
        """About how many messages the send queue holds."""
        name = "ApproximateNumberOfMessages"
        answer = self._client.get_queue_attributes(QueueUrl=self._send_url, AttributeNames=[name])
        return int(answer["Attributes"][name])

    def _put(self, url: str, messages: Sequence[dict[str, Any]], delay_seconds: int = 0) -> None:
        for start in range(0, len(messages), _MOST):
            entries = [
                {"Id": str(n), "MessageBody": json.dumps(message), "DelaySeconds": delay_seconds}
                for n, message in enumerate(messages[start : start + _MOST])
            ]
            answer = self._client.send_message_batch(QueueUrl=url, Entries=entries)
            if answer.get("Failed"):
                raise RuntimeError(f"SQS refused {len(answer['Failed'])} messages: {answer['Failed'][0].get('Code')}")
