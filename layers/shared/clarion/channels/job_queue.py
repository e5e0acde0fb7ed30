"""A queue of jobs (SQS): each message names an organisation and one of its records."""

import json
from typing import Any


class JobQueue:
    """``client`` is a botocore SQS client; ``name`` the message's field for the record's id, e.g. ``import_id``."""

    def __init__(self, client: Any, url: str, name: str) -> None:
        self._client, self._url, self._name = client, url, name

    def send(self, org_id: str, record_id: str) -> None:
        """Ask for the job to be begun or to go on."""
        body = json.dumps({"org": org_id, self._name: record_id})
        self._client.send_message(QueueUrl=self._url, MessageBody=body)
