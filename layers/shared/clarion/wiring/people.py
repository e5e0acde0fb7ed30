"""Sign-in, organisations, members."""

from functools import cache
from typing import TYPE_CHECKING

from clarion.clock import now
from clarion.settings import settings
from clarion.wiring.clients import aws, table

if TYPE_CHECKING:
    from clarion.channels.cognito import CognitoAccounts
    from clarion.domain.sending_rules import SendingRules
    from clarion.edge.caller import Memberships
    from clarion.services.organisations import OrganisationService
    from clarion.services.sending_rules import CachedRules, SendingRulesService
    from clarion.services.sign_in import SignInService
    from clarion.storage.issued_ids import IssuedIds
    from clarion.storage.organisations import OrganisationTable
    from clarion.storage.sending_rules import SendingRulesTable


@cache
def organisation_table() -> "OrganisationTable":
    from clarion.storage.organisations import OrganisationTable

    return OrganisationTable(table())


@cache
def issued_ids() -> "IssuedIds":
    from clarion.storage.issued_ids import IssuedIds

    return IssuedIds(table(), now)


@cache
def memberships() -> "Memberships":
    return organisation_table()


@cache
def accounts() -> "CognitoAccounts":
    from clarion.channels.cognito import CognitoAccounts

    return CognitoAccounts(aws("cognito-idp"), settings().user_pool_id, settings().user_pool_client_id)


@cache
def sign_in() -> "SignInService":
    from clarion.services.sign_in import SignInService

    return SignInService(accounts(), organisation_table(), now)


@cache
def organisations() -> "OrganisationService":
    from clarion.services.organisations import OrganisationService

    return OrganisationService(organisation_table(), accounts(), now)


@cache
def sending_rules_table() -> "SendingRulesTable":
    from clarion.storage.sending_rules import SendingRulesTable

    return SendingRulesTable(table())


@cache
def sending_rules() -> "SendingRulesService":
    from clarion.services.sending_rules import SendingRulesService

    return SendingRulesService(sending_rules_table())


@cache
def cached_rules() -> "CachedRules":
    from clarion.services.sending_rules import CachedRules

    return CachedRules(sending_rules_table(), now)


def sending_rules_of(org_id: str) -> "SendingRules":
    """What a worker goes by: at most half a minute old."""
    return cached_rules().get(org_id)
