"""A request to a tracking route, and the engagement event that it becomes (attributes: docs/table.md)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

from clarion import clock, keys
from clarion.hot import ulid
from clarion.hot.token import Ticket

Kind = Literal["open", "click", "unsubscribe"]
Event = Mapping[str, Any]

RETENTION_SECONDS = 400 * 24 * 3600
_USER_AGENT_LIMIT = 256
_IP_LIMIT = 45  # the longest text of an IPv6 address
_METHOD_LIMIT = 16


class Hit(NamedTuple):
    """What a request says of itself; a part that is missing is an empty text. Nothing in it is proven."""

    campaign: str
    step: str
    token: str
    method: str
    user_agent: str
    ip: str

    @classmethod
    def of(cls, event: Event) -> "Hit":
        """From an API Gateway HTTP API event, payload format 2.0."""
        path = _part(event, "pathParameters")
        http = _part(_part(event, "requestContext"), "http")
        return cls(
            campaign=str(path.get("campaign_id") or ""),
            step=str(path.get("step_id") or ""),
            token=str(_part(event, "queryStringParameters").get("t") or ""),
            method=_printable(http.get("method"), _METHOD_LIMIT).upper(),
            user_agent=_printable(http.get("userAgent"), _USER_AGENT_LIMIT),
            ip=_printable(http.get("sourceIp"), _IP_LIMIT),
        )


def event_item(kind: Kind, source: str, ticket: Ticket, hit: Hit, moment: datetime) -> dict[str, str | int]:
    """The item to put, with a new id: make it once, so that a repeated put is the same event."""
    at = clock.stamp(moment)
    seconds = moment.timestamp()
    item: dict[str, str | int] = {
        **keys.event(ticket.org, ticket.contact, at, ulid.new(int(seconds * 1000))),
        "kind": kind,
        "msg": keys.message_sk(hit.campaign, ticket.run, hit.step, ticket.channel),
        "at": at,
        "source": source,
        "method": hit.method,
        "expires_at": int(seconds) + RETENTION_SECONDS,
    }
    if kind == "click":
        item["link"] = ticket.link
    if hit.user_agent:
        item["ua"] = hit.user_agent
    if hit.ip:
        item["ip"] = hit.ip
    return item


def _part(event: Event, name: str) -> Event:
    part = event.get(name)
    return part if isinstance(part, Mapping) else {}


def _printable(value: object, limit: int) -> str:
    # Also rids the text of lone surrogates, which DynamoDB would refuse as no UTF-8.
    text = "".join([char if char.isprintable() else " " for char in str(value or "")[:limit]])
    return text.strip()
