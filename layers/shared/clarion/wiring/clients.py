"""AWS clients and the table, shared by everything."""

from functools import cache
from typing import TYPE_CHECKING, Any

from clarion.settings import settings

if TYPE_CHECKING:
    from clarion.storage.table import Table


@cache
def aws(service: str) -> Any:
    """A botocore client that shares one session; adaptive retries, since all these calls can be repeated."""
    import boto3
    from botocore.config import Config

    config = Config(retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=3, read_timeout=20)
    return boto3.client(service, config=config)  # type: ignore[call-overload]


@cache
def table() -> "Table":
    from clarion.storage.table import Table

    return Table(aws("dynamodb"), settings().table_name)
