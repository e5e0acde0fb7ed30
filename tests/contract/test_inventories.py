"""Errors, operations and permissions: what one place lists, the others have."""

import importlib
import pkgutil
from itertools import pairwise
from pathlib import Path

import pytest

from clarion import domain
from clarion.domain.access import PUBLIC, SIGNED_IN, Need, Role
from clarion.domain.errors import DomainError
from clarion.edge.problem import PROBLEMS
from clarion.edge.route import Operation
from tools.openapi import operations

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = list(operations())
# A preview posts whom it is for; an export holds contacts' addresses, whoever fetches it.
READS_BY_OTHER_MEANS = {
    "preview_template",
    "preview_campaign",
    "preview_campaign_audience",
    "preview_audience",
    "get_export",
    "get_recipient_export",
    "get_suppression_export",
}
PERMISSIONS = {need for need in Need.__args__ if need not in (PUBLIC, SIGNED_IN)}  # type: ignore[attr-defined]


def domain_errors() -> set[type[DomainError]]:
    """Every error of the domain, its modules imported."""
    for module in pkgutil.walk_packages(domain.__path__, "clarion.domain."):
        importlib.import_module(module.name)
    found, waiting = set(), [DomainError]
    while waiting:
        subclasses = waiting.pop().__subclasses__()
        found |= {each for each in subclasses if each.__module__.startswith("clarion.")}
        waiting += subclasses
    return found


def test_every_domain_error_has_a_status() -> None:
    without = {error.__name__ for error in domain_errors() if not set(error.__mro__) & set(PROBLEMS)}
    assert without == set()


def test_statuses_and_codes_of_problems_are_client_errors_and_name_one_thing_each() -> None:
    codes = [code for _, code in PROBLEMS.values()]
    assert len(set(codes)) == len(codes)
    assert all(400 <= status < 500 for status, _ in PROBLEMS.values())


@pytest.mark.parametrize(("area", "operation"), OPERATIONS, ids=lambda each: getattr(each, "name", each))
def test_an_operation_is_named_like_its_file_and_says_what_it_does(area: str, operation: Operation) -> None:
    assert (ROOT / "functions" / area / f"{operation.name}.py").is_file()
    assert operation.summary
    assert operation.summary[0].isupper()


def test_operations_and_routes_are_unique() -> None:
    names = [operation.name for _, operation in OPERATIONS]
    routes = [(operation.method, operation.path) for _, operation in OPERATIONS]
    assert len(set(names)) == len(names)
    assert len(set(routes)) == len(routes)


@pytest.mark.parametrize(("area", "operation"), OPERATIONS, ids=lambda each: getattr(each, "name", each))
def test_an_operation_needs_a_permission_that_exists(area: str, operation: Operation) -> None:
    assert operation.needs in {*PERMISSIONS, PUBLIC, SIGNED_IN}


@pytest.mark.parametrize(("area", "operation"), OPERATIONS, ids=lambda each: getattr(each, "name", each))
def test_reads_ask_for_read_permissions_and_changes_do_not(area: str, operation: Operation) -> None:
    if operation.needs in (PUBLIC, SIGNED_IN) or operation.name in READS_BY_OTHER_MEANS:
        return
    assert operation.needs.endswith(":read") == (operation.method == "GET")


def test_every_permission_is_somebodys() -> None:
    assert all(Role.OWNER.may(permission) for permission in PERMISSIONS)


def test_each_role_may_what_the_one_below_may() -> None:
    ranks = [Role.VIEWER, Role.EDITOR, Role.ADMIN, Role.OWNER]
    for lower, higher in pairwise(ranks):
        assert all(higher.may(permission) for permission in PERMISSIONS if lower.may(permission))


def test_no_role_holds_what_needs_none() -> None:
    assert not any(role.may(need) for role in Role for need in (PUBLIC, SIGNED_IN, "nothing:write"))
