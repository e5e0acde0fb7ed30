"""Templates: the newest version where they are listed, and each version for good.

pk ``ORG#<org>#TEMPLATES``        sk ``TEMPLATE#<id>``         the newest version, gone when the template is deleted
pk ``ORG#<org>#TEMPLATE#<id>``    sk ``VERSION#<six digits>``  every version: launched campaigns name theirs
"""

from collections.abc import Mapping
from typing import Any

from clarion import keys
from clarion.domain.errors import Conflict, NotFound, Stale
from clarion.domain.template import Template
from clarion.storage.records import RecordTable, body_of
from clarion.storage.table import ConditionFailed, Table, put

_KIND = "TEMPLATE"


class TemplateTable:
    """A save writes the newest version and its copy in one transaction."""

    def __init__(self, table: Table) -> None:
        self._table, self._newest = table, RecordTable(_KIND, Template)

    def get(self, org_id: str, template_id: str) -> Template:
        """The newest version; raises NotFound."""
        return self._newest.get(org_id, template_id)

    def version(self, org_id: str, template_id: str, version: int) -> Template:
        """One version, of a deleted template too; raises NotFound."""
        row = self._table.get(keys.template_version(org_id, template_id, version))
        if row is None:
            raise NotFound("template version", f"{template_id} {version}")
        return Template.model_validate_json(row["body"])

    def list(
        self, org_id: str, limit: int, position: Mapping[str, Any] | None
    ) -> tuple[list[Template], dict[str, Any] | None]:
        """One page, newest first, and the position to go on from (None at the end)."""
        return self._newest.list(org_id, limit, position)

    def add(self, org_id: str, template: Template) -> Template:
        """Keep version 1; raises Conflict when the id is taken."""
        try:
            return self._save(org_id, template, None)
        except ConditionFailed:
            raise Conflict(f"template {template.id!r} exists already") from None

    def replace(self, org_id: str, template: Template) -> Template:
        """Keep the version after ``template.version``, which was read; raises Stale when that is not the newest."""
        try:
            return self._save(org_id, template.model_copy(update={"version": template.version + 1}), template.version)
        except ConditionFailed:
            raise Stale("template", template.id) from None

    def remove(self, org_id: str, template_id: str, version: int | None = None) -> None:
        """Take the template from the list; its versions stay. Raises Stale when ``version`` is not the newest."""
        self._newest.remove(org_id, template_id, version)

    def _save(self, org_id: str, template: Template, read: int | None) -> Template:
        row = {"body": body_of(_KIND, template), "version": template.version}
        newest = put({**keys.record(org_id, _KIND, template.id), **row}, if_absent=read is None)
        if read is not None:
            newest["Put"] |= {
                "ConditionExpression": "version = :read",
                "ExpressionAttributeValues": {":read": {"N": str(read)}},
            }
        copy = put({**keys.template_version(org_id, template.id, template.version), **row}, if_absent=True)
        self._table.transact([newest, copy])
        return template
