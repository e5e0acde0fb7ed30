"""Records an organisation keeps a list of, as PynamoDB rows.

pk ``ORG#<org>#<KIND>S``   sk ``<KIND>#<id>``   e.g. ``ORG#acme#CAMPAIGNS / CAMPAIGN#01J9…``

The domain object is kept as JSON in ``body``: it changes as a whole, and only keys, version, due time and expiry are
ever asked for by name. ``version`` is PynamoDB's optimistic lock.
"""

import random
import time
from collections.abc import Callable, Mapping
from typing import Any, Generic, Protocol, TypeVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, VersionAttribute
from pynamodb.exceptions import DeleteError, DoesNotExist, PutError
from pynamodb.models import Model as PynamoModel

from clarion import keys
from clarion.domain.errors import Conflict, CursorRefused, NotFound, RuleBroken, Stale
from clarion.domain.ids import is_id
from clarion.settings import settings

LARGEST_BODY = 390_000
"""UTF-8 octets of a record's JSON: an item holds 400 KB, its keys and attribute names included."""
_CONDITION_FAILED = "ConditionalCheckFailedException"
_CONFLICT = "TransactionConflictException"
_CHANGED = {_CONDITION_FAILED, _CONFLICT}
_CONFLICT_ATTEMPTS = 6


class RecordRow(PynamoModel):
    """One record; ``due_*`` puts it into the due index, ``expires_at`` (epoch seconds) lets DynamoDB delete it."""

    class Meta:
        table_name = settings().table_name or "clarion"

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    body = UnicodeAttribute()
    version = VersionAttribute()
    due_pk = UnicodeAttribute(null=True)
    due_sk = UnicodeAttribute(null=True)
    expires_at = NumberAttribute(null=True)


class Record(Protocol):
    """What a kept domain object has (pydantic models of ``clarion.domain.model.Model``)."""

    @property
    def id(self) -> str: ...
    @property
    def version(self) -> int: ...
    def model_dump_json(self, *, by_alias: bool = ...) -> str: ...
    def model_copy(self, *, update: Mapping[str, Any]) -> Any: ...
    @classmethod
    def model_validate_json(cls, json_data: str) -> Any: ...


R = TypeVar("R", bound=Record)


class RecordTable(Generic[R]):
    """Records of one kind. ``kind`` is the key's word, e.g. ``CAMPAIGN``; ``model`` the domain class."""

    def __init__(self, kind: str, model: type[R]) -> None:
        self._kind, self._model = kind, model

    def get(self, org_id: str, record_id: str) -> R:
        """Raises NotFound."""
        key = keys.record(org_id, self._kind, record_id)
        try:
            row = RecordRow.get(key["pk"], key["sk"], consistent_read=True)
        except DoesNotExist:
            raise NotFound(self._kind.lower(), record_id) from None
        return self._of(row)

    def list(
        self, org_id: str, limit: int, position: Mapping[str, Any] | None = None
    ) -> tuple[list[R], dict[str, Any] | None]:
        """One page, newest first, and the position to go on from (None at the end); raises CursorRefused."""
        pk = keys.collection_pk(org_id, self._kind)
        start = {"pk": {"S": pk}, "sk": {"S": f"{self._kind}#{_id_in(position)}"}} if position is not None else None
        found = RecordRow.query(
            pk,
            RecordRow.sk.startswith(f"{self._kind}#"),
            limit=limit,
            last_evaluated_key=start,
            scan_index_forward=False,
            consistent_read=True,
        )
        records = [self._of(row) for row in found]
        return records, {"id": records[-1].id} if found.last_evaluated_key and records else None

    def add(self, org_id: str, record: R, **row: Any) -> R:
        """Keep a new record; raises Conflict when its id is taken, RuleBroken when it is too large.

        ``row`` sets further row attributes.
        """
        try:
            return self._save(org_id, record, None, row)
        except PutError as error:
            if error.cause_response_code == _CONDITION_FAILED:
                raise Conflict(f"{self._kind.lower()} {record.id!r} exists already") from None
            raise

    def replace(self, org_id: str, record: R, **row: Any) -> R:
        """Keep a changed record that was read as ``record.version``; raises Stale when it changed meanwhile,
        RuleBroken when it is too large.
        """
        try:
            return self._save(org_id, record, record.version, row)
        except PutError as error:
            if error.cause_response_code in _CHANGED:
                raise Stale(self._kind.lower(), record.id) from None
            raise

    def remove(self, org_id: str, record_id: str, version: int | None = None) -> None:
        """Forget a record; forgetting it twice is no error. With ``version`` raises Stale unless it is that version."""
        key = keys.record(org_id, self._kind, record_id)
        condition = None if version is None else RecordRow.version == version
        row = RecordRow(key["pk"], key["sk"])
        try:
            _past_transactions(lambda: row.delete(condition, add_version_condition=False))
        except DeleteError as error:
            if error.cause_response_code in _CHANGED:
                raise Stale(self._kind.lower(), record_id) from None
            raise

    def _save(self, org_id: str, record: R, version: int | None, row: Mapping[str, Any]) -> R:
        key = keys.record(org_id, self._kind, record.id)
        kept = RecordRow(key["pk"], key["sk"], body=body_of(self._kind, record), **row)
        if version is not None:
            kept.version = version
        _past_transactions(kept.save)
        return self._with_version(record, kept.version)

    def _of(self, row: RecordRow) -> R:
        return self._with_version(self._model.model_validate_json(row.body), row.version)

    def _with_version(self, record: R, version: int) -> R:
        copy: R = record.model_copy(update={"version": version})
        return copy


def body_of(kind: str, record: Record) -> str:
    """A record's JSON; raises RuleBroken when no item holds it."""
    body = record.model_dump_json(by_alias=True)
    size = len(body.encode())
    if size > LARGEST_BODY:
        raise RuleBroken(f"this {kind.lower()} takes {size} bytes, and at most {LARGEST_BODY} can be kept", "body")
    return body


def _past_transactions(write: Callable[[], object]) -> None:
    """A transaction (a launch, say) that holds the row refuses ``write`` for its moment: try again."""
    for attempt in range(1, _CONFLICT_ATTEMPTS + 1):
        try:
            write()
            return
        except (PutError, DeleteError) as error:
            if error.cause_response_code != _CONFLICT or attempt == _CONFLICT_ATTEMPTS:
                raise
            time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - jitter, not a secret


def _id_in(position: Mapping[str, Any]) -> str:
    record_id = position.get("id")
    if not (isinstance(record_id, str) and is_id(record_id)):
        raise CursorRefused
    return record_id
