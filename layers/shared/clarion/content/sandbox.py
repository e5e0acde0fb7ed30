"""The Jinja2 that mails are written in: nothing to reach, nothing to change, and no way to run for long.

Jinja2's immutable sandbox keeps templates from Python's internals and from changing what they are given. It does
not limit work, so loop rounds and calls are counted (``STEPS``) and values may not outgrow ``LONGEST_VALUE``. That
stops mistakes and plain abuse; against an author who sets out to fill the memory, the function's own limits remain.
"""

import re
from collections.abc import Callable, Sized
from functools import wraps
from itertools import islice
from typing import Any

from jinja2 import ChainableUndefined, Template, nodes, pass_context
from jinja2.exceptions import SecurityError, TemplateSyntaxError
from jinja2.meta import find_undeclared_variables
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer
from markupsafe import soft_str

from clarion.domain.errors import Invalid

STEPS = 10_000
"""Rounds of all loops plus calls, per part of a mail; real mails loop over a few products."""
LONGEST_VALUE = 250_000
"""Characters of a text, members of a collection, bits of a whole number."""
WIDEST = 1_000
"""Characters a value may be padded to, and the largest exponent."""

# No template can name a variable with a space in it.
_BUDGET = "steps left"
_TOO_DEEP = "blocks or expressions are nested too deeply"
# Searched in time linear to the text, which may be hostile too.
_WIDE_FORMAT = re.compile(
    r"%(?:\([^)%]*\))?[-+ #0-9.]*?(?:[0-9]{4,}|\*)|\{[^{}:]*:[^{}]*(?:[0-9]{4,}|\{)",
)
_FROM_ELSEWHERE = {
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "import",
    nodes.Extends: "extends",
}


def budget() -> dict[str, list[int]]:
    """A fresh allowance, to be given among the variables of each rendering."""
    return {_BUDGET: [STEPS]}


def parsed(environment: "MailEnvironment", source: str, field: str) -> nodes.Template:
    """The syntax tree of a source; ``Invalid`` names the field and line of what is wrong."""
    try:
        tree = environment.parse(source)
    except TemplateSyntaxError as error:
        raise _invalid(field, error.message, error.lineno) from None
    except (RecursionError, MemoryError):
        raise _invalid(field, _TOO_DEEP) from None
    for kind, word in _FROM_ELSEWHERE.items():
        for node in tree.find_all(kind):
            raise _invalid(field, f"{word} is not available", node.lineno)
    return tree


def uses(environment: "MailEnvironment", source: str, variable: str) -> bool:
    """Whether a source that parses names the variable without setting it itself."""
    return variable in find_undeclared_variables(environment.parse(source))


def compiled(environment: "MailEnvironment", source: str, field: str) -> Template:
    """A template ready to render; ``Invalid`` as of `parsed`, and for unknown filters and tests."""
    tree = _Guards().visit(parsed(environment, source, field))
    tree.set_environment(environment)
    try:
        code = environment.compile(tree)
    except TemplateSyntaxError as error:
        raise _invalid(field, error.message, error.lineno) from None
    except (RecursionError, MemoryError, SyntaxError):
        raise _invalid(field, _TOO_DEEP) from None
    return Template.from_code(environment, code, environment.globals)


class MailEnvironment(ImmutableSandboxedEnvironment):
    """Missing and null variables are empty, at any depth; keys of a mapping come before its methods."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, *, autoescape: bool) -> None:
        super().__init__(
            autoescape=autoescape,
            undefined=ChainableUndefined,
            finalize=_empty_for_none,
            keep_trailing_newline=True,
        )
        del self.globals["lipsum"]
        for name in _CHECKS.keys() & self.filters.keys():
            self.filters[name] = _checked(self.filters[name], _CHECKS[name])
        self.filters |= {"clarion loop": _counted, "clarion value": _bounded}
        if not autoescape:
            # Escaping is for HTML alone: the text alternative shares the expressions of the HTML.
            self.filters |= dict.fromkeys(("e", "escape", "forceescape"), soft_str)

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, dict) and attribute in obj:
            value = obj[attribute]
            return self.undefined(obj=obj, name=attribute) if value is None else value
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        value = super().getitem(obj, argument)
        return self.undefined(obj=obj, name=str(argument)) if value is None else value

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805
        _spend(__context, 1)
        method = getattr(__obj, "__wrapped__", __obj)
        text = getattr(method, "__self__", None)
        if isinstance(text, str) and (check := _CHECKS.get(method.__name__)):
            check(text, *args, **kwargs)
        return _bounded(super().call(__context, __obj, *args, **kwargs))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "*":
            for items, times in ((left, right), (right, left)):
                if isinstance(items, Sized) and isinstance(times, int) and len(items) * times > LONGEST_VALUE:
                    raise SecurityError("a value grows too large")
        elif operator == "**" and isinstance(right, int) and abs(right) > WIDEST:
            raise SecurityError("an exponent is too large")
        elif operator == "%" and isinstance(left, str):
            _check_format(left)
        return _bounded(super().call_binop(context, operator, left, right))


class _Guards(NodeTransformer):
    """Puts the counting of loops and the measuring of ``~``, which the sandbox lets through, into a template."""

    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802
        self.generic_visit(node)
        node.iter = nodes.Filter(node.iter, "clarion loop", [], [], None, None, lineno=node.lineno)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Filter:  # noqa: N802
        self.generic_visit(node)
        return nodes.Filter(node, "clarion value", [], [], None, None, lineno=node.lineno)


@pass_context
def _counted(context: Context, items: Any) -> Any:
    if not isinstance(items, Sized):
        items = list(islice(items, STEPS + 1))
    _spend(context, len(items))
    return items


def _spend(context: Context, steps: int) -> None:
    left = context.parent[_BUDGET]
    left[0] -= steps
    if left[0] < 0:
        raise SecurityError(f"more than {STEPS} loop rounds and calls")


def _bounded(value: Any) -> Any:
    if isinstance(value, int):
        size = value.bit_length()
    else:
        size = len(value) if isinstance(value, (str, list, tuple, dict)) else 0
    if size > LONGEST_VALUE:
        raise SecurityError("a value grows too large")
    return value


def _empty_for_none(value: Any) -> Any:
    return "" if value is None else value


def _check_width(_: Any, *args: Any, **kwargs: Any) -> None:
    if any(isinstance(width, int) and abs(width) > WIDEST for width in (*args, *kwargs.values())):
        raise SecurityError(f"a width is more than {WIDEST}")


def _check_format(text: Any, *_: Any, **__: Any) -> None:
    if _WIDE_FORMAT.search(soft_str(text)):
        raise SecurityError("a format asks for a computed or very large width")


def _check_growth(text: Any, old: Any = "", new: Any = "", *_: Any, **__: Any) -> None:
    if soft_str(text).count(soft_str(old)) * len(soft_str(new)) > LONGEST_VALUE:
        raise SecurityError("a value grows too large")


# Filters and methods of texts that make much out of little, each with what is checked before.
_CHECKS: dict[str, Callable[..., None]] = {
    **dict.fromkeys(
        ("center", "ljust", "rjust", "zfill", "expandtabs", "indent", "batch", "slice", "round"), _check_width
    ),
    **dict.fromkeys(("format", "format_map"), _check_format),
    "replace": _check_growth,
}


def _checked(original: Callable[..., Any], check: Callable[..., None]) -> Callable[..., Any]:
    given_first = int(hasattr(original, "jinja_pass_arg"))

    @wraps(original)
    def checked(*args: Any, **kwargs: Any) -> Any:
        check(*args[given_first:], **kwargs)
        return original(*args, **kwargs)

    return checked


def _invalid(field: str, reason: str | None, line: int | None = None) -> Invalid:
    return Invalid([{"field": field, "message": f"line {line}: {reason}" if line else str(reason)}])
