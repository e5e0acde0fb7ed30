"""The contracts of the e-mail vendors."""

from functools import cache

from tests.contract_servers.documents import Contract, contract


@cache
def sendgrid() -> Contract:
    return contract("sendgrid/mail_send_v3.json")


@cache
def mailgun() -> Contract:
    """Only headers and variables are the caller's to name: a misspelt ``o:`` option is a fault."""
    return contract("mailgun/messages_v3.json", open_prefixes=("h:", "v:"))
