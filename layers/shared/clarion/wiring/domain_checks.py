"""The check of sending domains."""

from functools import cache
from typing import TYPE_CHECKING

from clarion.clock import now
from clarion.settings import settings
from clarion.wiring.clients import aws
from clarion.wiring.integrations import connected_platforms

if TYPE_CHECKING:
    from clarion.channels.dns import DnsLookups
    from clarion.services.deliverability import DeliverabilityService, MailPlatform


def dns_lookups() -> "DnsLookups":
    """Those of one check, by the resolvers of the machine."""
    from dns.resolver import Resolver

    from clarion.channels.dns import DnsLookups

    return DnsLookups(Resolver())


def mail_platform(org_id: str) -> "MailPlatform":
    """What an organisation's e-mail leaves by."""
    from clarion.channels.availability import DeployedChannels
    from clarion.services.deliverability import MailPlatform

    connection = connected_platforms().preferred(org_id, "email")
    if connection is not None:
        return MailPlatform(connection.id, deployed=False)
    return MailPlatform(DeployedChannels(settings()).platform(), deployed=True)


@cache
def deliverability() -> "DeliverabilityService":
    from clarion.channels.availability import DeployedChannels
    from clarion.channels.ses_identities import SesIdentities
    from clarion.services.deliverability import DeliverabilityService

    identities = SesIdentities(aws("sesv2"), DeployedChannels(settings()).sender_domains())
    return DeliverabilityService(dns_lookups, mail_platform, identities, settings().public_url, now)
