"""The Jinja2 that mails are written in: nothing to reach, nothing to change, and no way to run for long.

Jinja2's immutable sandbox keeps templates from Python's internals and from changing what they are given. It does
not limit work, so loop rounds and calls are counted (``STEPS``), all texts that are read or made too (``WORK``), and
values may not outgrow ``LONGEST_VALUE``. Against what gets past that, the function's own limits remain.
"""

import re
from collections.abc import Callable, Mapping, Sized
from functools import wraps
from itertools import islice
from typing import Any

from jinja2 import ChainableUndefined, Template, Undefined, nodes, pass_context
from jinja2.exceptions import SecurityError, TemplateSyntaxError
from jinja2.meta import find_undeclared_variables
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer
from markupsafe import soft_str

from clarion.content.work import LONGEST_VALUE, STEPS, miss, settled, spend, spend_steps, weight
from clarion.domain.errors import Invalid

WIDEST = 1_000
"""Characters a value may be padded to, and the largest exponent."""

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


def parsed(environment: "MailEnvironment", source: str, field: str) -> nodes.Template:
    """The syntax tree of a source; ``Invalid`` names the field and line of what is wrong."""
    try:
        tree = environment.parse(source)
        for kind, word in _FROM_ELSEWHERE.items():
            for node in tree.find_all(kind):
                raise _invalid(field, f"{word} is not available", node.lineno)
    except TemplateSyntaxError as error:
        raise _invalid(field, error.message, error.lineno) from None
    except (RecursionError, MemoryError):
        raise _invalid(field, _TOO_DEEP) from None
    return tree


def undeclared(environment: "MailEnvironment", source: str, field: str) -> set[str]:
    """The variables that a source names without setting them itself; ``Invalid`` as of `parsed`."""
    tree = parsed(environment, source, field)
    try:
        return find_undeclared_variables(tree)
    except RecursionError:  # it goes a little deeper than compiling
        raise _invalid(field, _TOO_DEEP) from None


def compiled(environment: "MailEnvironment", source: str, field: str) -> Template:
    """A template ready to render; ``Invalid`` as of `parsed`, and for unknown filters and tests."""
    tree = parsed(environment, source, field)
    try:
        tree = _Guards().visit(tree)
        tree.set_environment(environment)
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
            undefined=_Missing,
            finalize=_shown,
            keep_trailing_newline=True,
        )
        del self.globals["lipsum"]
        if not autoescape:
            # Escaping is for HTML alone: the text alternative shares the expressions of the HTML.
            self.filters |= dict.fromkeys(("e", "escape", "forceescape"), soft_str)
        self.filters = {name: _metered(name, original) for name, original in self.filters.items()}
        self.filters |= {"clarion loop": _counted, "clarion value": _bounded, "clarion part": _paid}

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, dict) and attribute in obj:
            value = obj[attribute]
            return self.undefined(obj=obj, name=attribute) if value is None else value
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        value = super().getitem(obj, argument)
        return self.undefined(obj=obj, name=str(argument)) if value is None else value

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805
        spend_steps(__context, 1)
        method = getattr(__obj, "__wrapped__", __obj)
        owner = getattr(method, "__self__", None)
        if isinstance(owner, (str, int)):
            if method.__name__ in ("encode", "to_bytes"):
                raise SecurityError("bytes are not available")
            args = (*map(settled, args),)
            _pay(__context, method.__name__, owner, args, kwargs)
        return _bounded(super().call(__context, __obj, *args, **kwargs))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "*":
            for items, times in ((left, right), (right, left)):
                if isinstance(items, Sized) and isinstance(times, int) and len(items) * times > LONGEST_VALUE:
                    raise SecurityError("a value grows too large")
        elif operator == "**" and isinstance(right, int) and abs(right) > WIDEST:
            raise SecurityError("an exponent is too large")
        elif operator == "%" and isinstance(left, str):
            _pay(context, "format", left, (right,), {})
        value = _bounded(super().call_binop(context, operator, left, right))
        if isinstance(value, Sized):
            spend(context, "" if value is left else value if isinstance(value, str) else range(len(value)))
        return value


class _Guards(NodeTransformer):
    """Puts the counting of loops and the measuring of ``~``, which the sandbox lets through, into a template."""

    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802
        self.generic_visit(node)
        node.iter = nodes.Filter(node.iter, "clarion loop", [], [], None, None, lineno=node.lineno)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Filter:  # noqa: N802
        self.generic_visit(node)
        node.nodes = [
            part if isinstance(part, nodes.Const) else nodes.Filter(part, "clarion part", [], [], None, None)
            for part in node.nodes
        ]
        return nodes.Filter(node, "clarion value", [], [], None, None, lineno=node.lineno)


@pass_context
def _counted(context: Context, items: Any) -> Any:
    if not isinstance(items, Sized):
        items = list(islice(items, STEPS + 1))
    spend_steps(context, len(items))
    return items


@pass_context
def _paid(context: Context, value: Any) -> Any:
    spend(context, value)
    return value


def _bounded(value: Any) -> Any:
    if isinstance(value, int):
        size = value.bit_length()
    else:
        size = len(value) if isinstance(value, (str, list, tuple, dict)) else 0
    if size > LONGEST_VALUE:
        raise SecurityError("a value grows too large")
    return value


@pass_context
def _shown(context: Context, value: Any) -> Any:
    spend(context, value)
    return "" if value is None else value


class _Missing(ChainableUndefined):
    @property
    def _undefined_message(self) -> str:
        if isinstance(self._undefined_obj, Mapping) and not self._undefined_hint:
            return f"{self._undefined_name} is missing"
        return super()._undefined_message


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
        ("center", "ljust", "rjust", "zfill", "expandtabs", "indent", "batch", "slice", "round", "tojson"), _check_width
    ),
    **dict.fromkeys(("format", "format_map"), _check_format),
    "replace": _check_growth,
}


def _lines_made(text: Any, width: Any = 4, *_: Any, **__: Any) -> int:
    return soft_str(text).count("\n") * weight(width)


# What makes much out of little by repeating an argument: how often it may appear, from the same arguments.
_REPEATS: dict[str, Callable[..., int]] = {
    "join": lambda items_or_glue, *_, **__: 1 + (len(items_or_glue) if isinstance(items_or_glue, Sized) else 0),
    "wordwrap": lambda text, *_, **__: len(soft_str(text)),
    "indent": _lines_made,
    "urlize": lambda text, *_, **__: len(soft_str(text).split()),
    "translate": lambda text, *_: len(text),
    "tojson": lambda value, indent=None: weight(value) * (indent or 1),
    **dict.fromkeys(("format", "format_map"), lambda text, *_, **__: 1 + sum(map(soft_str(text).count, "%{"))),
}


def _pay(context: Context, name: str, value: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """Check and charge a filter or method before it works."""
    if check := _CHECKS.get(name):
        check(value, *args, **kwargs)
    spend(context, value)
    if args or kwargs:
        repeats = _REPEATS.get(name)
        times = repeats(value, *args, **kwargs) if repeats else 1
        for each in (*args, *kwargs.values()):
            spend(context, each, times)


def _metered(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    wanted = getattr(original, "jinja_pass_arg", None)
    given = {None: None, "context": "self", "eval_context": "eval_ctx", "environment": "environment"}[
        wanted.name if wanted else None
    ]

    @pass_context
    @wraps(original)
    def metered(context: Context, value: Any = "", *args: Any, **kwargs: Any) -> Any:
        if isinstance(value, Undefined):
            if name not in ("d", "default"):
                miss(context, value)
        else:
            value = settled(value)
            _pay(context, name, value, args, kwargs)
        if given is None:
            return _bounded(original(value, *args, **kwargs))
        first = context if given == "self" else getattr(context, given)
        return _bounded(original(first, value, *args, **kwargs))

    return metered


def _invalid(field: str, reason: str | None, line: int | None = None) -> Invalid:
    return Invalid([{"field": field, "message": f"line {line}: {reason}" if line else str(reason)}])
