"""Imported rows into the contacts' table, many per transaction.

New contacts go in transactions of up to 50 (row and address, both put if absent), changed ones of up to 100. A
transaction is all or nothing, so where one of its contacts changed meanwhile, all of them are read again and tried one
by one.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, NamedTuple

from clarion import keys
from clarion.domain.contact import Contact
from clarion.domain.contact_merge import ContactChange, ImportMark, Merge, merge
from clarion.domain.ids import derived_id
from clarion.storage.contacts import annotation, contact_of, creation, replacement
from clarion.storage.table import ConditionFailed, Table

_ACTIONS = 100  # actions a transaction takes
_BYTES = 3_000_000  # a transaction takes 4 MB
_ATTEMPTS = 6

Changes = list[ContactChange]


class _Write(NamedTuple):
    changes: Changes
    actions: list[dict[str, Any]]
    size: int
    merged: Merge


class ContactUpserts:
    """``parallel`` transactions are under way at once."""

    def __init__(self, table: Table, parallel: int = 8) -> None:
        self._table, self._parallel = table, parallel

    def apply(self, org_id: str, import_id: str, changes: Sequence[ContactChange], now: datetime) -> list[Merge]:
        """Store what the rows say; one Merge per contact. Rows that were applied before change nothing."""
        done: list[Merge] = []
        pending = _by_contact(org_id, import_id, changes)
        for attempt in range(1, _ATTEMPTS + 1):
            writes = self._planned(org_id, import_id, pending, now, first=attempt == 1)
            done += [write.merged for write in writes if not write.actions]
            packs = list(_packed([write for write in writes if write.actions], single=attempt > 1))
            pending = {}
            with ThreadPoolExecutor(self._parallel) as threads:
                for pack, written in zip(packs, threads.map(self._written, packs), strict=True):
                    if written:
                        done += [write.merged for write in pack]
                    else:
                        pending |= {write.changes[0].contact_id(org_id, import_id): write.changes for write in pack}
            if not pending:
                return done
        raise RuntimeError(f"{len(pending)} contacts changed under {_ATTEMPTS} attempts to import them")

    def _planned(
        self, org_id: str, import_id: str, pending: Mapping[str, Changes], now: datetime, *, first: bool
    ) -> list[_Write]:
        """``pending`` maps the id of the contact that the rows would create to the rows.

        At first, a contact whose address nobody has is taken to be new without looking: its put is conditional.
        """
        owners = self._owners(org_id, pending)
        known = {new_id: owners.get(rows[0].email_key or "", new_id) for new_id, rows in pending.items()}
        stored = self._stored(org_id, list(owners.values() if first else known.values()))
        writes = []
        for new_id, rows in pending.items():
            contact, mark = stored.get(known[new_id], (None, None))
            if contact and rows[0].email_key and contact.email_key != rows[0].email_key:
                # The import made this contact, and its address was changed since: these rows are about somebody else.
                contact, mark, new_id = None, None, derived_id(new_id, "again")
            merged = merge(rows, contact, mark, import_id, new_id, now)
            writes.append(_write(org_id, rows, contact, merged))
        return writes

    def _owners(self, org_id: str, pending: Mapping[str, Changes]) -> dict[str, str]:
        """Contact ids by normalised address."""
        addresses = [rows[0].email_key for rows in pending.values() if rows[0].email_key]
        rows = self._table.batch_get([keys.email(org_id, address) for address in addresses])
        prefix, suffix = keys.email(org_id, "\0")["pk"].split("\0")
        return {row["pk"][len(prefix) : len(row["pk"]) - len(suffix)]: row["contact_id"] for row in rows}

    def _stored(self, org_id: str, contact_ids: Sequence[str]) -> dict[str, tuple[Contact, ImportMark | None]]:
        wanted = [keys.contact(org_id, contact_id) for contact_id in dict.fromkeys(contact_ids)]
        return {contact.id: (contact, mark) for contact, mark in map(_read, self._table.batch_get(wanted))}

    def _written(self, pack: Sequence[_Write]) -> bool:
        try:
            self._table.transact([action for write in pack for action in write.actions])
        except ConditionFailed:
            return False
        return True


def _by_contact(org_id: str, import_id: str, changes: Sequence[ContactChange]) -> dict[str, Changes]:
    grouped: dict[str, Changes] = {}
    for change in changes:
        grouped.setdefault(change.contact_id(org_id, import_id), []).append(change)
    return grouped


def _read(item: Mapping[str, Any]) -> tuple[Contact, ImportMark | None]:
    mark = item.get("import")
    seen = ImportMark(mark["id"], int(mark["first"]), int(mark["last"]), mark["outcome"]) if mark else None
    return contact_of(dict(item)), seen


def _write(org_id: str, rows: Changes, existing: Contact | None, merged: Merge) -> _Write:
    mark = merged.mark
    attributes = {}
    if mark:
        seen = {"id": mark.import_id, "first": mark.first, "last": mark.last, "outcome": mark.outcome}
        attributes = {"import": seen}
    if merged.contact and existing is None:
        actions = creation(org_id, merged.contact, **attributes)
    elif merged.contact:
        actions = [replacement(org_id, merged.contact, **attributes)]
    elif existing and mark:
        actions = [annotation(org_id, existing, **attributes)]
    else:
        actions = []
    size = len(merged.contact.model_dump_json().encode()) if merged.contact else 0
    return _Write(rows, actions, size, merged)


def _packed(writes: Sequence[_Write], *, single: bool) -> Iterator[list[_Write]]:
    pack: list[_Write] = []
    count = size = 0
    for write in writes:
        full = count + len(write.actions) > _ACTIONS or size + write.size > _BYTES
        if pack and (single or full):
            yield pack
            pack, count, size = [], 0, 0
        pack.append(write)
        count, size = count + len(write.actions), size + write.size
    if pack:
        yield pack
