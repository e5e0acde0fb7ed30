"""Connections, how they fare, and consents that were asked for.

pk ``ORG#<org>#CONNECTIONS``      sk ``CONNECTION#<platform>``   JSON in ``body``, and ``version``
pk ``ORG#<org>#CONNECTIONS``      sk ``HEALTH#<platform>``       times as stamps, the error as text
pk ``ORG#<org>#AUTHORIZATIONS``   sk ``AUTHORIZATION#<id>``      deleted when taken, or by ``expires_at``

A connection whose token can be renewed has ``due_pk`` and ``due_sk``, too: when that is done though nobody needs it.
Nothing secret is in them but a PKCE verifier, which is of use to the app's own secret alone and for ten minutes.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from clarion import keys
from clarion.clock import stamp
from clarion.domain.connection import Authorization, Connection, Health
from clarion.domain.errors import Stale
from clarion.storage.table import ConditionFailed, Table, delete

_CONNECTION, _HEALTH = "CONNECTION#", "HEALTH#"


class ConnectionTable:
    """One connection per organisation and platform."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, org_id: str, platform: str) -> Connection | None:
        """None where there is none; one GetItem."""
        row = self._table.get(keys.connection(org_id, platform))
        return _connection_of(row) if row else None

    def all(self, org_id: str) -> tuple[dict[str, Connection], dict[str, Health]]:
        """Every connection and its health, by platform; one Query."""
        connections, healths = dict[str, Connection](), dict[str, Health]()
        for row in self._table.query_all(keys.connections_pk(org_id)):
            if row["sk"].startswith(_CONNECTION):
                connections[row["sk"].removeprefix(_CONNECTION)] = _connection_of(row)
            else:
                healths[row["sk"].removeprefix(_HEALTH)] = _health_of(row)
        return connections, healths

    def save(self, org_id: str, connection: Connection) -> Connection:
        """Keep what was read as ``connection.version`` (0: nothing was there), at its new version. Raises Stale."""
        was, kept = connection.version, connection.model_copy(update={"version": connection.version + 1})
        try:
            due = _due_of(org_id, kept)
            self._table.update(
                keys.connection(org_id, connection.id),
                set={"body": kept.model_dump_json(by_alias=True), "version": kept.version, **due},
                remove=() if due else ("due_pk", "due_sk"),
                condition="#version = :was" if was else "attribute_not_exists(pk)",
                names={"#version": "version"} if was else None,
                values={":was": was} if was else None,
            )
        except ConditionFailed:
            raise Stale("connection", connection.id) from None
        return kept

    def remove(self, org_id: str, connection: Connection) -> None:
        """Forget it, and how it fared. Raises Stale when it changed since it was read."""
        key = keys.connection(org_id, connection.id)
        condition = "version = :was"
        try:
            self._table.transact(
                [
                    delete(key, condition, {":was": connection.version}),
                    delete(keys.connection_health(org_id, connection.id)),
                ]
            )
        except ConditionFailed:
            raise Stale("connection", connection.id) from None

    def to_renew(self, now: datetime) -> list[tuple[str, str]]:
        """Organisation and platform of tokens that it is time to renew though nobody needs them, oldest first."""
        due = self._table.query_due(keys.REFRESH, stamp(now))
        return [(item["pk"].split("#")[1], item["sk"].removeprefix(_CONNECTION)) for item in due]

    def checked(self, org_id: str, platform: str, now: datetime, error: str = "") -> None:
        """Note what a look at the credentials found; ``error`` is empty where they are good."""
        self._note(org_id, platform, {"last_check_at": stamp(now), **_fault(now, error)})

    def used(self, org_id: str, platform: str, now: datetime, error: str = "") -> None:
        """Note how a call on behalf of a campaign went."""
        self._note(org_id, platform, _fault(now, error) if error else {"last_used_at": stamp(now), "last_error": ""})

    def _note(self, org_id: str, platform: str, marks: Mapping[str, Any]) -> None:
        self._table.update(keys.connection_health(org_id, platform), set=marks)


class AuthorizationTable:
    """Consents that were asked for."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def keep(self, org_id: str, authorization: Authorization, until: datetime) -> None:
        """Keep it until then."""
        self._table.put(
            {
                **keys.authorization(org_id, authorization.id),
                "platform": authorization.platform,
                "user_id": authorization.user_id,
                "redirect_uri": authorization.redirect_uri,
                "verifier": authorization.verifier,
                "expires_at": int(until.timestamp()),
            }
        )

    def take(self, org_id: str, authorization_id: str) -> Authorization | None:
        """The authorization, for the one who asks first; None for everybody else."""
        key = keys.authorization(org_id, authorization_id)
        row = self._table.get(key)
        if row is None:
            return None
        try:
            self._table.transact([delete(key, "attribute_exists(pk)")])
        except ConditionFailed:
            return None
        return Authorization(authorization_id, row["platform"], row["user_id"], row["redirect_uri"], row["verifier"])


def _due_of(org_id: str, connection: Connection) -> dict[str, str]:
    if connection.status != "connected" or connection.renew_at is None:
        return {}
    return keys.connection_due(org_id, connection.id, stamp(connection.renew_at))


def _connection_of(row: Mapping[str, Any]) -> Connection:
    return Connection.model_validate_json(row["body"]).model_copy(update={"version": int(row["version"])})


def _health_of(row: Mapping[str, Any]) -> Health:
    return Health.model_validate({name: row[name] for name in Health.model_fields if name in row})


def _fault(now: datetime, error: str) -> dict[str, str]:
    return {"last_error": error, "last_error_at": stamp(now)} if error else {"last_error": ""}
