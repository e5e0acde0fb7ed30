"""What an imported row does to the contact it is about.

A row's columns win over what is stored; empty cells and missing columns say nothing. Tags are added, never taken away.
An import never turns a denied consent into a granted one. Each contact remembers which rows of the last import touched
it (``ImportMark``), so that rows applied once more, after a crash, change nothing and count as they did.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

from pydantic import ValidationError

from clarion.domain.contact import Consent, ConsentChannel, Contact
from clarion.domain.ids import derived_id
from clarion.domain.row_error import RowError, row_errors

Outcome = Literal["created", "updated", "unchanged", "duplicate", "rejected"]
FirstOutcome = Literal["created", "updated", "unchanged"]


@dataclass(frozen=True, slots=True)
class ContactChange:
    """What one row says. ``fields`` are Contact's by their Python names, only those the row has a value for."""

    row: int
    email_key: str | None
    fields: Mapping[str, Any]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    consent: Mapping[ConsentChannel, Consent] = field(default_factory=dict)

    def contact_id(self, org_id: str, import_id: str) -> str:
        """The id of the contact this row creates: by address, else by row, so that a repeated row finds its own."""
        return derived_id(org_id, import_id, self.email_key or f"row {self.row}")

    def new_contact(self, contact_id: str, now: datetime) -> Contact:
        """Raises pydantic's ValidationError."""
        said = {"attributes": dict(self.attributes), "tags": self.tags, "consent": dict(self.consent)}
        return Contact.new(contact_id, {**self.fields, **said}, now)

    def merged_into(self, contact: Contact, now: datetime) -> Contact:
        """The same contact object when the row says nothing new. Raises pydantic's ValidationError."""
        merged = contact.revised(
            {
                **self.fields,
                "attributes": {**contact.attributes, **self.attributes},
                "tags": (*contact.tags, *self.tags),
                "consent": {ch: _decision(state, self.consent.get(ch)) for ch, state in contact.consent.items()},
            },
            now,
        )
        return contact if merged == contact.model_copy(update={"updated_at": now}) else merged


def _decision(stored: Consent, said: Consent | None) -> Consent:
    return stored if said is None or said == "unknown" or stored == "denied" else said


class ImportMark(NamedTuple):
    """Which rows of which import last touched a contact, and what the first of them did."""

    import_id: str
    first: int
    last: int
    outcome: FirstOutcome


class Merge(NamedTuple):
    """``contact`` and ``mark`` are to be stored where they are given; ``outcomes`` has one entry per row."""

    contact: Contact | None
    mark: ImportMark | None
    outcomes: list[tuple[int, Outcome]]
    errors: list[RowError]


def merge(
    changes: Sequence[ContactChange],
    existing: Contact | None,
    mark: ImportMark | None,
    import_id: str,
    contact_id: str,
    now: datetime,
) -> Merge:
    """Apply one contact's rows, in the file's order, to what is stored of it."""
    contact = existing
    seen = mark if mark and mark.import_id == import_id else None
    outcomes: list[tuple[int, Outcome]] = []
    errors: list[RowError] = []
    for change in changes:
        if seen and change.row <= seen.last:
            outcomes.append((change.row, seen.outcome if change.row == seen.first else "duplicate"))
            continue
        try:
            changed = change.merged_into(contact, now) if contact else change.new_contact(contact_id, now)
        except ValidationError as error:
            outcomes.append((change.row, "rejected"))
            errors += row_errors(change.row, error)
            continue
        outcome: FirstOutcome = "created" if contact is None else "unchanged" if changed is contact else "updated"
        outcomes.append((change.row, "duplicate" if seen else outcome))
        if seen is None:
            seen = ImportMark(import_id, change.row, change.row, outcome)
        elif changed is not contact:
            seen = seen._replace(last=change.row)
        contact = changed
    return Merge(
        contact=contact if contact is not existing else None,
        mark=seen if seen != mark else None,
        outcomes=outcomes,
        errors=errors,
    )
