"""Regular expressions in filters: options, look-aheads, and time that does not explode."""

from time import process_time
from typing import Any

import pytest

from clarion.domain.filters import FilterRejected, compile_filter


def matches(pattern: str, text: Any, options: str = "") -> bool:
    return compile_filter({"v": {"$regex": pattern, "$options": options}})({"v": text})


@pytest.mark.parametrize(
    ("pattern", "options", "text", "found"),
    [
        ("ADA", "i", "ada lovelace", True),
        ("ÄRA", "i", "ära", True),
        ("^b", "", "a\nb", False),
        ("^b", "m", "a\nb", True),
        ("a.b", "", "a\nb", False),
        ("a.b", "s", "a\nb", True),
        ("a  b # both\n[ ]c\\ d", "x", "ab c d", True),
        ("a#b", "x", "a", True),
        ("[#] x", "x", "#x", True),
        ("a", "gu", "a", True),
        (r"\d{3}-\d{4}$", "", "call 555-0134", True),
        (r"^\p{L}+$", "", "Łódź", True),
        ("", "", "", True),
    ],
)
def test_options_mean_what_mongodb_documents(pattern: str, options: str, text: str, found: bool) -> None:
    assert matches(pattern, text, options) is found


@pytest.mark.parametrize(
    ("pattern", "options", "text", "found"),
    [
        ("^(?!.*@gmail\\.com$)", "", "ada@example.com", True),
        ("^(?!.*@gmail\\.com$)", "", "ada@gmail.com", False),
        ("^(?=.*\\d)(?=.*[a-z])(?!pass).{4,}$", "", "w0rd", True),
        ("^(?=.*\\d)(?=.*[a-z])(?!pass).{4,}$", "", "pass1", False),
        ("^(?!a|b)[)\\]]?c", "", "]c", True),
        ("^(?!a|b)c", "", "bc", False),
        ("^(?!A)b", "i", "ab", False),
        ("^(?=[^)[:alpha:]])\\d", "", "1", True),
    ],
)
def test_look_aheads_at_the_start_are_understood(pattern: str, options: str, text: str, found: bool) -> None:
    assert matches(pattern, text, options) is found


@pytest.mark.parametrize(
    "pattern",
    [
        "a(?=b)",
        "(?<=a)b",
        "^(?!a)b|c",
        "^(?=a",
        "^(?=a)b)|(c",
        "^(?=a)*b",
        r"(a)\1",
        "(",
        "*a",
        "a{5000}",
        r"\p{L}{900}",
        "\ud800",
    ],
    ids=ascii,
)
def test_what_cannot_be_matched_in_linear_time_or_is_no_expression_is_refused(pattern: str) -> None:
    with pytest.raises(FilterRejected) as caught:
        compile_filter({"v": {"$regex": pattern}})
    assert caught.value.errors[0]["field"] == "where.v.$regex"


def test_a_line_option_keeps_look_aheads_from_being_split_off() -> None:
    with pytest.raises(FilterRejected):
        compile_filter({"v": {"$regex": "^(?!a)b", "$options": "m"}})


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){20}$", "(a?){50}a{50}", "^(?!(a+)+$).*(a*)*x"])
def test_expressions_that_explode_elsewhere_stay_fast(pattern: str) -> None:
    predicate = compile_filter({"v": {"$regex": pattern}})
    started = process_time()
    predicate({"v": "a" * 20_000 + "!"})
    assert process_time() - started < 2


@pytest.mark.parametrize("value", [None, 1, True, {"a": "a"}, [1], [["a"]], "\ud800"])
def test_only_texts_are_searched(value: Any) -> None:
    assert not matches("^a", value)


def test_a_text_json_could_not_have_sent_over_the_wire_is_still_searched() -> None:
    assert matches("a$", "\ud800a")
