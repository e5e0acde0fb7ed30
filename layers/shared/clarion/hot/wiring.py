"""What the tracking handlers share, made at the first request and kept while the worker lives."""

import os
from functools import cache

from clarion.hot.dynamodb import DynamoDB
from clarion.hot.links import LinkTables
from clarion.hot.table import HotTable
from clarion.hot.token import Signer


@cache
def signer() -> Signer:
    """From ``TRACKING_KEYS``."""
    return Signer.of(os.environ["TRACKING_KEYS"])


@cache
def database() -> DynamoDB:
    """One connection per worker."""
    return DynamoDB()


@cache
def table() -> HotTable:
    """The table named by ``TABLE_NAME``."""
    return HotTable(database(), os.environ["TABLE_NAME"])


@cache
def link_tables() -> LinkTables:
    """Link tables that this worker has met."""
    return LinkTables(table())
