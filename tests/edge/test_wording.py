"""What a caller reads about a malformed request names JSON's types, never Python's."""

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints, TypeAdapter, ValidationError

from clarion.domain.audience import AudienceDefinition
from clarion.domain.model import Model
from clarion.domain.moments import Moment
from clarion.edge.wording import in_plain_words


class Line(Model):
    product: str


def _refused(_: str) -> str:
    raise ValueError("we do not sell that")


def messages(kind: Any, value: Any) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(value)
    return [in_plain_words(found) for found in refused.value.errors()]


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        (str, 1, "must be text"),
        (int, "x", "must be a whole number"),
        (int, 1.5, "must be a whole number"),
        (int, [], "must be a whole number"),
        (float, "x", "must be a number"),
        (Decimal, "x", "must be a number"),
        (Decimal, {}, "must be a number"),
        (bool, "x", "must be true or false"),
        (bool, [], "must be true or false"),
        (list[str], "x", "must be a list"),
        (tuple[str, ...], "x", "must be a list"),
        (dict[str, int], "x", "must be an object"),
        (Line, "x", "must be an object"),
        (Line, {}, "required"),
        (Line, {"product": "tea", "size": 1}, "no such field"),
        (Literal["a", "b"], "c", "must be 'a' or 'b'"),
        (Moment, 7, "not a time in ISO 8601, such as 2026-11-21T09:00:00Z"),
        (Moment, "2026-11-21T99:00:00Z", "must be a time in ISO 8601, such as 2026-11-21T09:00:00Z"),
        (AwareDatetime, "2026-11-21T09:00:00", "must name its offset, such as Z or +02:00"),
        (Annotated[str, StringConstraints(min_length=1)], "", "must have at least 1 character"),
        (Annotated[str, StringConstraints(max_length=2)], "xxx", "must have at most 2 characters"),
        (Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")], "x", "must match the pattern ^[A-Z]{3}$"),
        (Annotated[list[int], Field(max_length=1)], [1, 2], "must have at most 1 entry"),
        (Annotated[int, Field(ge=0)], -1, "must be at least 0"),
        (Annotated[int, Field(le=200)], 201, "must be at most 200"),
        (Annotated[Decimal, Field(max_digits=15)], "1" * 16, "must have at most 15 digits"),
        (Annotated[Decimal, Field(decimal_places=1)], "0.12", "must have at most 1 decimal place"),
        (AudienceDefinition, {"type": "everyone"}, "'type' must be one of 'static', 'dynamic'"),
        (AudienceDefinition, {}, "'type' is required"),
        (Annotated[str, AfterValidator(_refused)], "tea", "we do not sell that"),
    ],
)
def test_a_finding_is_told_in_plain_words(kind: Any, value: Any, message: str) -> None:
    assert messages(kind, value) == [message]


@pytest.mark.parametrize("value", ["x", 1, 1.5, None, True, [], {}, [{}]])
@pytest.mark.parametrize(
    "kind", [str | None, int, float, Decimal, bool, list[int], tuple[int, ...], dict[str, str], Line, AwareDatetime]
)
def test_no_word_of_python_is_left(kind: Any, value: Any) -> None:
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError as refused:
        for found in refused.errors():
            assert not re.search(r"tuple|dictionar|instance|Input|valid |String|bool|Decimal", in_plain_words(found))
