"""The queue of contacts that may enter journeys (SQS)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from clarion.domain.entry import Candidates
from clarion.domain.run import RunId
from clarion.keys import CONTACT_SHARDS

_MOST = 10  # messages in one SendMessageBatch (AWS quota page)


class EntryQueue:
    """``client`` is a botocore SQS client."""

    def __init__(self, client: Any, url: str) -> None:
        self._client, self._url = client, url

    def put(self, candidates: Sequence[Candidates]) -> None:
        """Ask whether these contacts may enter. Raises RuntimeError when SQS refuses any of it."""
        self._put([each.message() for each in candidates])

    def look(self, run_id: RunId) -> None:
        """Ask for a look at all contacts of every shard: some may enter again."""
        self._put([run_id.message(shard=shard) for shard in range(CONTACT_SHARDS)])

    def look_on(self, run_id: RunId, shard: int, after: str) -> None:
        """Ask for the rest of a shard's look, from the contact behind ``after`` on."""
        self._put([run_id.message(shard=shard, after=after)])

    def _put(self, messages: Sequence[Mapping[str, Any]]) -> None:
        for start in range(0, len(messages), _MOST):
            part = messages[start : start + _MOST]
            entries = [{"Id": str(n), "MessageBody": json.dumps(message)} for n, message in enumerate(part)]
            answer = self._client.send_message_batch(QueueUrl=self._url, Entries=entries)
            if answer.get("Failed"):
                raise RuntimeError(f"SQS refused {len(answer['Failed'])} messages: {answer['Failed'][0].get('Code')}")
