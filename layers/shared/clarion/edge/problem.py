"""Errors as RFC 9457 problems: the one place that gives a domain error its status."""

from typing import Any

from pydantic import ValidationError

from clarion.domain.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    RuleBroken,
    Stale,
    TooMany,
    Unauthenticated,
)

PROBLEMS: dict[type[DomainError], tuple[int, str]] = {
    Invalid: (400, "bad_request"),
    Unauthenticated: (401, "unauthenticated"),
    Forbidden: (403, "forbidden"),
    NotFound: (404, "not_found"),
    Conflict: (409, "conflict"),
    Stale: (412, "stale"),
    RuleBroken: (422, "rule_broken"),
    TooMany: (429, "too_many_requests"),
}
UNEXPECTED = {"status": 500, "code": "internal_error", "detail": "Something went wrong on our side; it was logged."}


def problem_of(error: DomainError) -> dict[str, Any]:
    """The problem document of a domain error; subclasses answer as their nearest listed ancestor."""
    status, code = next(PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS)
    problem: dict[str, Any] = {"status": status, "code": code, "detail": str(error)}
    if isinstance(error, Invalid):
        problem |= {"detail": "Bad Request", "errors": error.errors}
    field = getattr(error, "field", None)
    if field:
        problem["errors"] = [{"field": field, "message": str(error)}]
    return problem


def invalid_from(error: ValidationError, where: str) -> Invalid:
    """pydantic's findings as ours, each field a dotted path below ``where`` (``body``, ``query``)."""
    return Invalid(
        [
            {
                "field": ".".join([where, *(str(part) for part in found["loc"] if not _is_union_tag(part))]),
                "message": found["msg"].removeprefix("Value error, "),
            }
            for found in error.errors(include_url=False, include_input=False)
        ]
    )


def _is_union_tag(part: object) -> bool:
    """pydantic names a union's branch (``function-after[…]``, ``Literal[…]``) as if it were a field."""
    return isinstance(part, str) and ("[" in part or "(" in part)
