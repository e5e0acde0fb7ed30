"""Signs of life, and the report on them."""

from functools import cache
from typing import TYPE_CHECKING, Any

from clarion.clock import now
from clarion.settings import settings
from clarion.wiring.clients import table

if TYPE_CHECKING:
    from clarion.services.health import HealthService
    from clarion.storage.health import SignsOfLife


@cache
def signs_of_life() -> "SignsOfLife":
    from clarion.storage.health import SignsOfLife

    return SignsOfLife(table())


@cache
def health() -> "HealthService":
    from clarion.channels.availability import DeployedChannels
    from clarion.channels.oldest_ages import OldestAges
    from clarion.channels.queue_depths import QueueDepths, named_urls
    from clarion.services.health import HealthService
    from clarion.storage.health import HealthTable

    queues = named_urls(settings().watched_queues)
    sqs = _impatient("sqs", attempts=2)
    return HealthService(
        HealthTable(table()),
        QueueDepths(sqs, queues),
        QueueDepths(sqs, named_urls(settings().dead_letter_queues)),
        OldestAges(_impatient("cloudwatch", attempts=1), queues, settings().counting_function, now),
        DeployedChannels(settings()).reaching_nobody(),
        now,
    )


def _impatient(service: str, attempts: int) -> Any:
    """A client that gives up soon: the report matters most when something does not answer."""
    import boto3
    from botocore.config import Config

    config = Config(connect_timeout=1, read_timeout=1, retries={"mode": "standard", "total_max_attempts": attempts})
    return boto3.client(service, config=config)  # type: ignore[call-overload]
