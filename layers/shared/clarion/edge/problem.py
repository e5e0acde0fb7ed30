"""Errors as RFC 9457 problems: the one place that gives a domain error its status."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from clarion.domain.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotAcceptable,
    NotFound,
    RuleBroken,
    Stale,
    TooMany,
    Unauthenticated,
)
from clarion.domain.rendering import RenderFailed
from clarion.edge.wording import in_plain_words

PROBLEMS: dict[type[DomainError], tuple[int, str]] = {
    Invalid: (400, "bad_request"),
    Unauthenticated: (401, "unauthenticated"),
    Forbidden: (403, "forbidden"),
    NotFound: (404, "not_found"),
    NotAcceptable: (406, "not_acceptable"),
    Conflict: (409, "conflict"),
    Stale: (412, "stale"),
    RuleBroken: (422, "rule_broken"),
    RenderFailed: (422, "render_failed"),
    TooMany: (429, "too_many_requests"),
}


def _problem(status: int, code: str, detail: str) -> dict[str, Any]:
    """``title`` says in words what ``code`` does, the same for every occurrence."""
    return {"status": status, "code": code, "title": code.replace("_", " ").capitalize(), "detail": detail}


UNEXPECTED = _problem(500, "internal_error", "Something went wrong on our side; it was logged.")


def problem_of(error: DomainError) -> dict[str, Any]:
    """The problem document of a domain error; subclasses answer as their nearest listed ancestor."""
    status, code = next(PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS)
    problem = _problem(status, code, str(error))
    if isinstance(error, Invalid):
        problem |= {"detail": _first_of(error.errors), "errors": error.errors}
    if isinstance(error, RenderFailed):
        problem["errors"] = [{"field": f"template.{error.part}", "message": error.reason}]
    field = getattr(error, "field", None)
    if field:
        problem["errors"] = [{"field": field, "message": str(error)}]
    return problem


def _first_of(errors: Sequence[Mapping[str, Any]]) -> str:
    first = f"{errors[0]['field']}: {errors[0]['message']}"
    return first if len(errors) == 1 else f"{first} (and {len(errors) - 1} more)"


def invalid_from(error: ValidationError, value: Any, where: str) -> Invalid:
    """pydantic's findings about ``value`` as ours, each field a dotted path below ``where`` (``body``, ``query``)."""
    return Invalid(
        [
            {
                "field": ".".join([where, *_path(found["loc"], value, found["type"] == "missing")]),
                "message": in_plain_words(found),
            }
            for found in error.errors(include_url=False, include_input=False)
        ]
    )


def _path(location: Sequence[int | str], value: Any, is_missing: bool) -> Iterator[str]:
    """The parts of a location that are in ``value``, or missing there: pydantic also names the branch of a union."""
    for position, part in enumerate(location, start=1):
        held = part in value if isinstance(value, Mapping) else isinstance(value, list) and part in range(len(value))
        if held:
            value = value[part]
        elif not (is_missing and position == len(location)):
            continue
        yield str(part)
