"""Rules an organisation sends by:  pk ``ORG#<org>``   sk ``SENDING_RULES``;  JSON in ``body``, and ``version``."""

from clarion import keys
from clarion.domain.errors import Stale
from clarion.domain.sending_rules import SendingRules
from clarion.storage.table import ConditionFailed, Table


class SendingRulesTable:
    """Who never set any rules has the defaults, at version 0; the first ones kept are version 1."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, org_id: str) -> SendingRules:
        """The rules that hold now; one GetItem."""
        return self.versioned(org_id)[0]

    def versioned(self, org_id: str) -> tuple[SendingRules, int]:
        """The rules and the version they have."""
        row = self._table.get(keys.sending_rules(org_id))
        if row is None:
            return SendingRules(), 0
        return SendingRules.model_validate_json(row["body"]), int(row["version"])

    def replace(self, org_id: str, rules: SendingRules, version: int) -> int:
        """Keep ``rules`` in place of those read as ``version``; the new version. Raises Stale."""
        changed = {"body": rules.model_dump_json(by_alias=True), "version": version + 1}
        try:
            self._table.update(
                keys.sending_rules(org_id),
                set=changed,
                condition="#version = :was" if version else "attribute_not_exists(pk)",
                names={"#version": "version"} if version else None,
                values={":was": version} if version else None,
            )
        except ConditionFailed:
            raise Stale("sending rules", org_id) from None
        return version + 1
