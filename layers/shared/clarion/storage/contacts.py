"""Contacts and their unique addresses.

pk ``ORG#<org>#CONTACTS#<shard>``   sk ``CONTACT#<id>``   e.g. ``ORG#acme#CONTACTS#07 / CONTACT#01J8…``
pk ``ORG#<org>#EMAIL#<key>``        sk ``EMAIL``          e.g. ``ORG#acme#EMAIL#ann@example.com / EMAIL``

The contact is kept as JSON in ``body``; ``email_key``, ``created_at`` and ``version`` stand beside it. The address's
row names its contact and is written and removed in the same transactions, so no address belongs to two contacts.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from clarion import keys
from clarion.clock import stamp
from clarion.domain.contact import Contact
from clarion.domain.errors import Conflict, CursorRefused, NotFound, Stale
from clarion.domain.ids import is_id
from clarion.storage.table import ConditionFailed, Item, Table, delete, put, update

_AS_SEEN = "version = :seen"


class ContactTable:
    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, org_id: str, contact_id: str) -> Contact:
        """Raises NotFound."""
        item = self._table.get(keys.contact(org_id, contact_id))
        if item is None:
            raise NotFound("contact", contact_id)
        return contact_of(item)

    def get_many(self, org_id: str, contact_ids: Iterable[str]) -> list[Contact]:
        """Those that exist, in any order."""
        wanted = [keys.contact(org_id, contact_id) for contact_id in dict.fromkeys(contact_ids)]
        return [contact_of(item) for item in self._table.batch_get(wanted)]

    def find_by_email(self, org_id: str, email_key: str) -> Contact | None:
        """The contact that has this normalised address."""
        row = self._table.get(keys.email(org_id, email_key))
        item = self._table.get(keys.contact(org_id, row["contact_id"])) if row else None
        return contact_of(item) if item else None

    def create(self, org_id: str, contact: Contact) -> Contact:
        """Keep a new contact; the one that is there when this very creation was done before.

        Raises Conflict naming ``body.email`` when another contact has the address.
        """
        try:
            self._table.transact(creation(org_id, contact))
        except ConditionFailed:
            row = self._table.get(keys.email(org_id, contact.email_key)) if contact.email_key else None
            if row and row["contact_id"] != contact.id:
                raise Conflict("another contact has this address", "body.email") from None
            try:
                return self.get(org_id, contact.id)
            except NotFound:
                raise Conflict("this address was taken a moment ago; try again", "body.email") from None
        return contact

    def update(self, org_id: str, seen: Contact, contact: Contact) -> Contact:
        """Replace what was read as ``seen``. Raises Stale, NotFound, or Conflict naming ``body.email``."""
        actions = [replacement(org_id, contact)]
        if contact.email_key != seen.email_key:
            if contact.email_key:
                actions.append(put(_email_item(org_id, contact.email_key, contact.id), if_absent=True))
            if seen.email_key:
                actions.append(_email_removal(org_id, seen.email_key, contact.id))
        try:
            self._table.transact(actions)
        except ConditionFailed as failed:
            if self.get(org_id, contact.id).version != seen.version or failed.index != 1:
                raise Stale("contact", contact.id) from None
            raise Conflict("another contact has this address", "body.email") from None
        return contact.model_copy(update={"version": contact.version + 1})

    def delete(self, org_id: str, contact_id: str, version: int | None = None) -> None:
        """Remove a contact, at ``version`` where one is given, and free its address.

        Raises NotFound, or Stale when it is another version or changed meanwhile.
        """
        contact = self.get(org_id, contact_id)
        if version is not None and version != contact.version:
            raise Stale("contact", contact_id)
        actions = [delete(keys.contact(org_id, contact_id), _AS_SEEN, {":seen": contact.version})]
        if contact.email_key:
            actions.append(_email_removal(org_id, contact.email_key, contact_id))
        try:
            self._table.transact(actions)
        except ConditionFailed:
            raise Stale("contact", contact_id) from None

    def list(
        self, org_id: str, limit: int, position: Mapping[str, Any] | None = None
    ) -> tuple[list[Contact], dict[str, Any] | None]:
        """One page, shard after shard, and the position to go on from (None at the end)."""
        shard, after = _position(position)
        found: list[Contact] = []
        while len(found) < limit:
            start = keys.contact(org_id, after) if after else None
            pk = keys.contacts_pk(org_id, shard)
            items, last = self._table.query(pk, "CONTACT#", after=start, limit=limit - len(found))
            found += [contact_of(item) for item in items]
            if last:
                after = last["sk"].removeprefix("CONTACT#")
                continue
            shard, after = shard + 1, ""
            if shard == keys.CONTACT_SHARDS:
                return found, None
        return found, {"shard": shard, "id": after}


def _position(position: Mapping[str, Any] | None) -> tuple[int, str]:
    if position is None:
        return 0, ""
    shard, after = position.get("shard"), position.get("id")
    if type(shard) is not int or not isinstance(after, str) or not 0 <= shard < keys.CONTACT_SHARDS:
        raise CursorRefused  # True is an int too, and no shard
    if after and not (is_id(after) and keys.contact_shard(after) == shard):
        raise CursorRefused
    return shard, after


def contact_of(item: Item) -> Contact:
    """The contact of its row."""
    contact = Contact.model_validate_json(item["body"])
    return contact.model_copy(update={"version": int(item["version"])})


def creation(org_id: str, contact: Contact, **attributes: Any) -> list[dict[str, Any]]:
    """The actions that keep a new contact: its row, and its address if it has one."""
    row = {**keys.contact(org_id, contact.id), **_attributes(contact), "version": contact.version, **attributes}
    actions = [put(row, if_absent=True)]
    if contact.email_key:
        actions.append(put(_email_item(org_id, contact.email_key, contact.id), if_absent=True))
    return actions


def replacement(org_id: str, contact: Contact, **attributes: Any) -> dict[str, Any]:
    """The action that replaces a contact which was read as ``contact.version``."""
    changed = {**_attributes(contact), "version": contact.version + 1, **attributes}
    gone = [name for name, value in changed.items() if value is None]
    kept = {name: value for name, value in changed.items() if value is not None}
    key = keys.contact(org_id, contact.id)
    return update(key, set=kept, remove=gone, condition=_AS_SEEN, values={":seen": contact.version})


def annotation(org_id: str, contact: Contact, **attributes: Any) -> dict[str, Any]:
    """The action that sets attributes beside the contact, which stays the version it is."""
    key = keys.contact(org_id, contact.id)
    return update(key, set=attributes, condition=_AS_SEEN, values={":seen": contact.version})


def _attributes(contact: Contact) -> dict[str, Any]:
    body = contact.model_dump_json(by_alias=True, exclude={"version"})
    return {"body": body, "email_key": contact.email_key, "created_at": stamp(contact.created_at)}


def _email_item(org_id: str, key: str, contact_id: str) -> Item:
    return {**keys.email(org_id, key), "contact_id": contact_id}


def _email_removal(org_id: str, key: str, contact_id: str) -> dict[str, Any]:
    return delete(keys.email(org_id, key), "contact_id = :contact", {":contact": contact_id})
