"""The subset of DynamoDB's expression language that storage speaks, evaluated on plain items."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

Item = dict[str, Any]
Test = Callable[[Item], bool]

_TOKEN = re.compile(r"\s*(<>|<=|>=|[=<>(),]|[#:]?[A-Za-z0-9_]+)")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_MISSING = object()


class ExpressionRefused(Exception):
    """What DynamoDB answers with a ValidationException: a mistake of the caller, never a state of the data."""


class Placeholders:
    """Names and values of one request; every one of them must be used, as DynamoDB demands."""

    def __init__(self, names: Mapping[str, str], values: Mapping[str, Any]) -> None:
        self._names, self._values = names, values
        self._unused = {*names, *values}

    def name(self, token: str) -> str:
        """An attribute's name; a bare one must not be a reserved word."""
        self._unused.discard(token)
        if token.startswith("#"):
            return str(self._look_up(self._names, token))
        if token.upper() in ReservedKeywords.get_reserved_keywords():
            raise ExpressionRefused(f"attribute name is a reserved keyword: {token}")
        return token

    def value(self, token: str) -> Any:
        """What a ``:placeholder`` stands for."""
        self._unused.discard(token)
        return self._look_up(self._values, token)

    def finish(self) -> None:
        """Refuses what was given and not used."""
        if self._unused:
            raise ExpressionRefused(f"unused in expressions: {sorted(self._unused)}")

    @staticmethod
    def _look_up(known: Mapping[str, Any], token: str) -> Any:
        if token not in known:
            raise ExpressionRefused(f"placeholder is not defined: {token}")
        return known[token]


class _Condition:
    """Recursive descent over OR, AND, NOT, parentheses, comparisons and attribute functions."""

    def __init__(self, text: str, placeholders: Placeholders) -> None:
        self._tokens, at = [], 0
        text = text.rstrip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if not found:
                raise ExpressionRefused(f"cannot read {text[at:]!r}")
            self._tokens.append(found[1])
            at = found.end()
        self._at, self._placeholders = 0, placeholders

    def parse(self) -> Test:
        test = self._or()
        if self._at != len(self._tokens):
            raise ExpressionRefused(f"unexpected {self._tokens[self._at]!r}")
        return test

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, wanted: str = "") -> str:
        token = self._peek()
        if not token or (wanted and token != wanted):
            raise ExpressionRefused(f"expected {wanted or 'more'}, found {token!r}")
        self._at += 1
        return token

    def _or(self) -> Test:
        tests = [self._and()]
        while self._peek().upper() == "OR":
            self._take()
            tests.append(self._and())
        return lambda item: any(test(item) for test in tests)

    def _and(self) -> Test:
        tests = [self._not()]
        while self._peek().upper() == "AND":
            self._take()
            tests.append(self._not())
        return lambda item: all(test(item) for test in tests)

    def _not(self) -> Test:
        if self._peek().upper() == "NOT":
            self._take()
            test = self._not()
            return lambda item: not test(item)
        if self._peek() == "(":
            self._take()
            test = self._or()
            self._take(")")
            return test
        return self._predicate()

    def _predicate(self) -> Test:
        token = self._take()
        if self._peek() == "(":
            return self._function(token)
        left = self._operand(token)
        if self._peek().upper() == "BETWEEN":
            self._take()
            low = self._operand(self._take())
            if self._take().upper() != "AND":
                raise ExpressionRefused("BETWEEN needs AND")
            high = self._operand(self._take())
            return lambda item: _ordered("<=", low(item), left(item)) and _ordered("<=", left(item), high(item))
        if self._peek().upper() == "IN":
            self._take()
            choices = [self._operand(each) for each in self._arguments()]
            return lambda item: left(item) is not _MISSING and left(item) in [choice(item) for choice in choices]
        operator = self._take()
        if operator not in _COMPARE:
            raise ExpressionRefused(f"unknown operator {operator!r}")
        right = self._operand(self._take())
        return lambda item: _ordered(operator, left(item), right(item))

    def _arguments(self) -> list[str]:
        self._take("(")
        arguments = [self._take()]
        while self._peek() == ",":
            self._take()
            arguments.append(self._take())
        self._take(")")
        return arguments

    def _function(self, function: str) -> Test:
        arguments = self._arguments()
        name = self._placeholders.name(arguments[0])
        if function == "attribute_exists":
            return lambda item: name in item
        if function == "attribute_not_exists":
            return lambda item: name not in item
        if function in ("begins_with", "contains") and len(arguments) == 2:
            value = self._operand(arguments[1])
            if function == "begins_with":
                return lambda item: isinstance(item.get(name), str) and item[name].startswith(value(item))
            return lambda item: name in item and value(item) in item[name]
        raise ExpressionRefused(f"unknown function {function}")

    def _operand(self, token: str) -> Callable[[Item], Any]:
        if token.startswith(":"):
            value = self._placeholders.value(token)
            return lambda _item: value
        name = self._placeholders.name(token)
        return lambda item: item.get(name, _MISSING)


def _ordered(operator: str, left: Any, right: Any) -> bool:
    if left is _MISSING or right is _MISSING:
        return operator == "<>" and left is not right
    if operator not in ("=", "<>") and type(left) is not type(right):
        return False
    return _COMPARE[operator](left, right)


def condition(text: str, placeholders: Placeholders) -> Test:
    """The predicate that a ConditionExpression states; an empty one always holds."""
    return _Condition(text, placeholders).parse() if text else lambda _item: True


def change(text: str, placeholders: Placeholders) -> Callable[[Item], Item]:
    """The changed copy of an item that an UpdateExpression of SET, ADD and REMOVE clauses makes."""
    clauses = re.split(r"\s*\b(SET|ADD|REMOVE)\s+", text)[1:]
    if not clauses:
        raise ExpressionRefused(f"the update expression cannot be empty or {text!r}")
    steps: list[tuple[str, str, Any]] = []
    for word, body in zip(clauses[::2], clauses[1::2], strict=True):
        for part in body.split(","):
            tokens = part.replace("=", " ").split()
            if len(tokens) != (1 if word == "REMOVE" else 2):
                raise ExpressionRefused(f"cannot read {part!r}")
            steps.append((word, placeholders.name(tokens[0]), placeholders.value(tokens[1]) if tokens[1:] else None))
    if len({name for _, name, _ in steps}) != len(steps):
        raise ExpressionRefused("two document paths overlap")
    if {name for _, name, _ in steps} & {"pk", "sk"}:
        raise ExpressionRefused("a key attribute cannot be updated")

    def changed(item: Item) -> Item:
        result = dict(item)
        for word, name, value in steps:
            if word == "SET":
                result[name] = value
            elif word == "ADD":
                result[name] = _added(result.get(name, _MISSING), value)
            else:
                result.pop(name, None)
        return result

    return changed


def _added(old: Any, value: Any) -> Any:
    if not isinstance(value, Decimal | set):
        raise ExpressionRefused("ADD takes a number or a set")
    if old is _MISSING:
        return value
    if type(old) is not type(value):
        raise ExpressionRefused("ADD onto another type")
    add: Any = set.union if isinstance(value, set) else Decimal.__add__
    return add(old, value)
