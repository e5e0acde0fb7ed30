"""Counting, reports, conversions, vendors' events."""

from functools import cache
from typing import TYPE_CHECKING

from clarion.clock import now
from clarion.settings import settings
from clarion.wiring.clients import table
from clarion.wiring.contacts import contact_table

if TYPE_CHECKING:
    from clarion.services.aggregation import AggregationService
    from clarion.services.conversions import ConversionService
    from clarion.services.experiments import ExperimentService
    from clarion.services.guarding import GuardService
    from clarion.services.reporting import ReportingService
    from clarion.services.settling import SettlingService
    from clarion.services.vendor_events import VendorEventService


@cache
def aggregation() -> "AggregationService":
    from clarion.services.aggregation import AggregationService
    from clarion.storage.engagement import EngagementTable

    return AggregationService(EngagementTable(table()))


@cache
def settling() -> "SettlingService":
    from clarion.services.settling import SettlingService
    from clarion.storage.runs import RunTable
    from clarion.storage.settlements import SettlementTable

    return SettlingService(RunTable(table()), SettlementTable(table()))


@cache
def reporting() -> "ReportingService":
    from clarion.services.reporting import ReportingService
    from clarion.storage.counters import CounterTable

    return ReportingService(CounterTable(table()))


@cache
def experiments() -> "ExperimentService":
    from clarion.services.experiments import ExperimentService
    from clarion.storage.counters import CounterTable

    return ExperimentService(CounterTable(table()))


@cache
def guarding() -> "GuardService":
    from clarion.services.guarding import GuardService
    from clarion.storage.counters import CounterTable

    return GuardService(CounterTable(table()))


@cache
def conversions() -> "ConversionService":
    from clarion.hot.token import Signer
    from clarion.services.conversions import ConversionService
    from clarion.storage.conversions import ConversionTable

    signer = Signer.of(settings().tracking_keys)
    return ConversionService(ConversionTable(table()), contact_table(), signer, now)


@cache
def ses_events() -> "VendorEventService":
    from clarion.channels.ses_events import event_of
    from clarion.services.vendor_events import VendorEventService
    from clarion.storage.vendor_events import VendorEventTable

    return VendorEventService(VendorEventTable(table()), event_of)
