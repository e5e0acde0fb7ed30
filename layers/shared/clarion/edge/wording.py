"""pydantic's findings in words for people who write JSON, not Python."""

import re
from collections.abc import Mapping
from typing import Any

_WORDS = {
    "missing": "required",
    "extra_forbidden": "no such field",
    "timezone_aware": "must name its offset, such as Z or +02:00",
    "recursion_loop": "nested too deeply",
    **dict.fromkeys(("string_type", "string_sub_type", "string_unicode"), "must be text"),
    **dict.fromkeys(("int_type", "int_parsing", "int_parsing_size", "int_from_float"), "must be a whole number"),
    **dict.fromkeys(("float_type", "float_parsing", "decimal_type", "decimal_parsing"), "must be a number"),
    **dict.fromkeys(("finite_number",), "must be a finite number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "must be true or false"),
    **dict.fromkeys(("list_type", "tuple_type", "set_type", "frozen_set_type", "iterable_type"), "must be a list"),
    **dict.fromkeys(
        ("dict_type", "mapping_type", "model_type", "model_attributes_type", "dataclass_type"), "must be an object"
    ),
    **dict.fromkeys(
        ("datetime_type", "datetime_parsing", "datetime_from_date_parsing", "datetime_object_invalid"),
        "must be a time in ISO 8601, such as 2026-11-21T09:00:00Z",
    ),
    **dict.fromkeys(
        ("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"),
        "must be a day, such as 2026-11-21",
    ),
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "must match the pattern {pattern}",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "decimal_max_digits": "must have at most {max_digits} digits",
    "decimal_max_places": "must have at most {decimal_places} decimal places",
    "decimal_whole_digits": "must have at most {whole_digits} digits before the decimal point",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "union_tag_invalid": "{discriminator} must be one of {expected_tags}",
    "union_tag_not_found": "{discriminator} is required",
}
_PLURAL_OF_ONE = re.compile(r"(?<= 1 )(character|digit|decimal place)s\b|(?<= 1 )entries\b")


def in_plain_words(found: Mapping[str, Any]) -> str:
    """The message of one of ``ValidationError.errors()``; what our own rules say stays as it is."""
    words = _WORDS.get(found["type"])
    # One of ours may bear pydantic's name to be treated alike ("missing"), but has a message of its own.
    if words is None or (found["type"] == "missing" and found["msg"] != "Field required"):
        return str(found["msg"]).removeprefix("Value error, ").replace("Input should", "must")
    message = words.format_map(found.get("ctx", {}))
    return _PLURAL_OF_ONE.sub(lambda plural: plural[1] or "entry", message)
