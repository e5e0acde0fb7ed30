"""How long the oldest message of a queue, and the oldest record of the table's stream, have waited (CloudWatch).

SQS itself does not tell a message's age without receiving it. The metric ``ApproximateAgeOfOldestMessage`` does, every
minute and some minutes late, for queues that hold messages; Lambda's ``IteratorAge`` does for a stream's reader.
GetMetricData costs $0.01 per 1,000 metrics, so only what is needed is asked for, in one call.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

log = logging.getLogger(__name__)
_WINDOW = timedelta(minutes=5)
_STREAM = "stream"


class OldestAges:
    """``client`` is a botocore CloudWatch client with short timeouts, ``urls`` the queues' addresses by name,
    ``function`` the name of the function that reads the stream."""

    def __init__(self, client: Any, urls: Mapping[str, str], function: str, clock: Callable[[], datetime]) -> None:
        self._client, self._urls, self._function, self._clock = client, urls, function, clock

    def read(self, queues: Iterable[str]) -> tuple[dict[str, int], int | None]:
        """Seconds by queue, and of the stream; what CloudWatch does not know, or does not tell in time, is left out."""
        names = list(queues)
        wanted = [self._queue(f"queue{n}", name) for n, name in enumerate(names)]
        now = self._clock()
        try:
            answer = self._client.get_metric_data(
                MetricDataQueries=[*wanted, _metric(_STREAM, "AWS/Lambda", "IteratorAge", FunctionName=self._function)],
                StartTime=now - _WINDOW,
                EndTime=now,
                ScanBy="TimestampDescending",
            )
        except (BotoCoreError, ClientError) as error:
            log.warning("ages are unknown: %s", error)
            return {}, None
        newest = {each["Id"]: each["Values"][0] for each in answer["MetricDataResults"] if each.get("Values")}
        ages = {name: int(newest[f"queue{n}"]) for n, name in enumerate(names) if f"queue{n}" in newest}
        return ages, int(newest[_STREAM] / 1000) if _STREAM in newest else None  # IteratorAge is in milliseconds

    def _queue(self, query_id: str, name: str) -> dict[str, Any]:
        queue_name = self._urls[name].rsplit("/", 1)[1]
        return _metric(query_id, "AWS/SQS", "ApproximateAgeOfOldestMessage", QueueName=queue_name)


def _metric(query_id: str, namespace: str, name: str, **dimensions: str) -> dict[str, Any]:
    named = [{"Name": dimension, "Value": value} for dimension, value in dimensions.items()]
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": named}
    return {"Id": query_id, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Maximum"}}
