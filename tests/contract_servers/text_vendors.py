"""The contract of Twilio's Messages API."""

from functools import cache

from tests.contract_servers.documents import Contract, contract


@cache
def twilio() -> Contract:
    return contract("twilio/messages_v2010.json")
