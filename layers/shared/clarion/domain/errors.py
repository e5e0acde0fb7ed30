"""Facts a caller can be told: each is answered as one RFC 9457 problem (edge/problem.py holds the statuses)."""

from typing import Any


class DomainError(Exception):
    """The one base of what a service may raise on purpose. ``str(error)`` is safe to show to the caller."""


class NotFound(DomainError):
    """No such record in the caller's organisation (another organisation's record counts as none)."""

    def __init__(self, kind: str, record_id: str) -> None:
        super().__init__(f"no {kind} {record_id!r}")
        self.kind, self.record_id = kind, record_id


class Conflict(DomainError):
    """A record with that unique value exists, or it was changed since it was read."""

    def __init__(self, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.field = field


class RuleBroken(DomainError):
    """A rule of the product refuses this; ``field`` names the input at fault where there is one."""

    def __init__(self, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.field = field


class Invalid(DomainError):
    """Malformed input: ``errors`` lists ``{"field": dotted path, "message": text}``."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__("; ".join(f"{e['field']}: {e['message']}" for e in errors))
        self.errors = errors


class CursorRefused(Invalid):
    """A list was asked to go on from a place it never named."""

    def __init__(self) -> None:
        super().__init__([{"field": "query.cursor", "message": "not a cursor of this list"}])


class Forbidden(DomainError):
    """The caller is known but may not do this."""


class WebhookRefused(Forbidden):
    """A request that cannot be shown to come from a platform the organisation connected; its text tells no more."""

    def __init__(self) -> None:
        super().__init__("not a request of a platform that is connected here")


class NotAcceptable(DomainError):
    """Refused for good: the same request will be refused however often it is repeated."""


class Unauthenticated(DomainError):
    """Nobody we know, or a wrong password or code."""


class Stale(DomainError):
    """The record changed since the caller read it: read again, then repeat the change."""

    def __init__(self, kind: str, record_id: str) -> None:
        super().__init__(f"{kind} {record_id!r} was changed by somebody else; read it again and repeat your change")
        self.kind, self.record_id = kind, record_id


class TooMany(DomainError):
    """Asked too often: wait, then try again."""
