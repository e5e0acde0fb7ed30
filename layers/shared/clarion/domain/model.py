"""What every domain object is: frozen, strict about its fields, camelCase in JSON."""

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import InitErrorDetails, PydanticCustomError


class Model(BaseModel):
    """Frozen pydantic model; JSON names are camelCase, unknown fields are refused."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,  # what a person sent in belongs in no log
    )


def fault_at(*path: str | int, reason: str) -> ValidationError:
    """What a validator of a whole model raises to name the field at fault, by its JSON names: ``"steps", 1, "id"``."""
    error = PydanticCustomError("contradiction", "{reason}", {"reason": reason})
    # Raised as pydantic's own, the path becomes part of the error's location.
    return ValidationError.from_exception_data("fault", [InitErrorDetails(type=error, loc=path, input=None)])
