"""Vendors' published OpenAPI documents, made strict enough to find a misspelt field."""

import json
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from openapi_core import OpenAPI

from tests.shared_data import shared_root

Json = dict[str, Any]


@dataclass(frozen=True)
class Contract:
    """``open_prefixes`` begin the names a vendor leaves to its callers, like Mailgun's ``v:``."""

    published: Json
    openapi: OpenAPI
    open_prefixes: tuple[str, ...]

    def operation(self, method: str, path: str) -> Json | None:
        """The document's operation for a request, None where there is none."""
        parts = path.strip("/").split("/")
        for template, item in self.published["paths"].items():
            steps = template.strip("/").split("/")
            found: Json | None = item.get(method.lower())
            if (
                found
                and len(steps) == len(parts)
                and all("{" in a or a == b for a, b in zip(steps, parts, strict=True))
            ):
                return found
        return None

    def resolved(self, node: Json) -> Json:
        """``node``, or what its ``$ref`` names."""
        while "$ref" in node:
            target: Any = self.published
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step.replace("~1", "/").replace("~0", "~")]
            node = target
        return node


def contract(path: str, *, open_prefixes: Sequence[str] = (), mend: Callable[[Json], None] | None = None) -> Contract:
    """The document below ``../shared/contracts``. ``mend`` corrects what the vendor's own document has wrong."""
    # from_file_path would read JSON as YAML and fail on surrogate escapes.
    document = json.loads(shared_root(f"contracts/{path}").read_text(encoding="utf-8"))
    document["servers"] = [{"url": "/"}]
    for item in document["paths"].values():
        item.pop("servers", None)
    if mend:
        mend(document)
    closed = deepcopy(document)
    _close(closed, open_prefixes)
    return Contract(document, OpenAPI.from_dict(closed), tuple(open_prefixes))


def _close(node: Any, open_prefixes: Sequence[str]) -> None:
    """Every object that lists its properties takes no others: vendors leave most of them open."""
    if isinstance(node, list):
        for inner in node:
            _close(inner, open_prefixes)
    if not isinstance(node, dict):
        return
    composed = any(word in node for word in ("allOf", "oneOf", "anyOf"))
    if node.get("type") == "object" and node.get("properties") and not composed:
        if node.get("additionalProperties") in (None, True):
            node["additionalProperties"] = False
        if open_prefixes:
            node["patternProperties"] = {f"^({'|'.join(open_prefixes)})": {}}
    if node.get("format") == "binary":  # octets are no JSON string to OpenAPI 3.1's schemas
        node.pop("type", None)
        node.pop("format")
    for name, inner in node.items():
        if name not in ("example", "examples"):
            _close(inner, open_prefixes)
