"""Checks a botocore client's calls against AWS's own service model and answers them in process.

botocore itself checks types, required members and minimum lengths; maximum lengths, patterns and enumerations reach
AWS unchecked. Here the whole input shape is turned into a JSON schema.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.awsrequest import AWSResponse
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # ships no types


@dataclass(frozen=True)
class Refusal:
    """An error answer: HTTP status, AWS error code, message, what else the error's shape has, and headers."""

    status: int
    code: str
    message: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


class ModelledAws:
    """Stands behind ``client`` (of a JSON protocol), so that nothing leaves the process.

    ``answers`` are given in order, the last one for ever: a dict is a 200, a `Refusal` an error.
    ``calls`` lists (operation, parameters), ``problems`` what the model forbids, ``attempts`` the HTTP requests.
    """

    def __init__(self, client: Any, answers: Iterable[dict[str, Any] | Refusal]) -> None:
        self._answers = list(answers)
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.problems: list[str] = []
        self.attempts = 0
        service = client.meta.service_model.service_id.hyphenize()
        client.meta.events.register(f"before-parameter-build.{service}.*", self._check)
        client.meta.events.register(f"before-send.{service}.*", self._answer)

    def script(self, *answers: dict[str, Any] | Refusal) -> None:
        """Begin anew with these answers: a client takes long to create, so tests may share one."""
        self._answers = list(answers)
        self.calls, self.problems, self.attempts = [], [], 0

    def _check(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        self.calls.append((model.name, params))
        for error in Draft202012Validator(schema_of(model.input_shape)).iter_errors(params):
            place = "/".join(str(step) for step in error.absolute_path)
            self.problems.append(f"{model.name} {place}: breaks {error.validator} {error.validator_value!s:.80}")

    def _answer(self, request: Any, **_: Any) -> AWSResponse:
        self.attempts += 1
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Refusal):
            body = {"__type": answer.code, "message": answer.message, **answer.details}
            return _response(request.url, answer.status, {"x-amzn-errortype": answer.code, **answer.headers}, body)
        return _response(request.url, 200, {}, answer)


def schema_of(shape: Any, around: tuple[str, ...] = ()) -> dict[str, Any]:
    """The JSON schema of a botocore shape, closed: an unknown member is an error. A shape within itself is open."""
    if shape.name in around:
        return {}
    inside = (*around, shape.name)
    rules: dict[str, Any] = shape.metadata
    match shape.type_name:
        case "structure":
            return {
                "type": "object",
                "properties": {name: schema_of(member, inside) for name, member in shape.members.items()},
                "required": list(shape.required_members),
                "additionalProperties": False,
            }
        case "list":
            return {
                "type": "array",
                "items": schema_of(shape.member, inside),
                **_bounds(rules, "minItems", "maxItems"),
            }
        case "map":
            values = schema_of(shape.value, inside)
            return {
                "type": "object",
                "additionalProperties": values,
                **_bounds(rules, "minProperties", "maxProperties"),
            }
        case "string":
            pattern = {"pattern": rf"^(?:{rules['pattern']})\Z"} if rules.get("pattern") else {}
            choice = {"enum": shape.enum} if shape.enum else {}
            return {"type": "string", **_bounds(rules, "minLength", "maxLength"), **pattern, **choice}
        case "integer" | "long":
            return {"type": "integer", **_bounds(rules, "minimum", "maximum")}
        case "float" | "double":
            return {"type": "number", **_bounds(rules, "minimum", "maximum")}
        case "boolean":
            return {"type": "boolean"}
    return {}  # blobs and timestamps: botocore's own check suffices


def _bounds(rules: dict[str, Any], least: str, most: str) -> dict[str, Any]:
    return {name: rules[key] for key, name in (("min", least), ("max", most)) if key in rules}


def _response(url: str, status: int, headers: Any, body: dict[str, Any]) -> AWSResponse:
    return AWSResponse(url, status, headers, _Raw(json.dumps(body).encode()))


class _Raw:
    """The part of urllib3's response that botocore reads."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._body
