"""Counting, reports, conversions and vendors' events: the part of wiring that belongs to engagement."""

from functools import cache
from typing import TYPE_CHECKING

from clarion.wiring import table

if TYPE_CHECKING:
    from clarion.services.aggregation import AggregationService
    from clarion.services.reporting import ReportingService


@cache
def aggregation() -> "AggregationService":
    from clarion.services.aggregation import AggregationService
    from clarion.storage.engagement import EngagementTable

    return AggregationService(EngagementTable(table()))


@cache
def reporting() -> "ReportingService":
    from clarion.services.reporting import ReportingService
    from clarion.storage.counters import CounterTable

    return ReportingService(CounterTable(table()))
