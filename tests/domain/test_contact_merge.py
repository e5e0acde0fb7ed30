"""Rows applied to contacts: outcomes, and the same outcomes when they are applied again."""

from datetime import UTC, datetime
from typing import Any

from clarion.domain.contact import Contact
from clarion.domain.contact_merge import ContactChange, ImportMark, Merge, merge
from clarion.domain.row_error import excerpt

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ID = "01J00000000000000000000ANN"


def change(row: int, **attributes: Any) -> ContactChange:
    return ContactChange(row, "ann@example.com", {"email": "ann@example.com"}, attributes)


def ann(**attributes: Any) -> Contact:
    return Contact.new(ID, {"email": "ann@example.com", "attributes": attributes}, NOW)


def applied(existing: Contact | None, mark: ImportMark | None, *changes: ContactChange) -> Merge:
    return merge(changes, existing, mark, "import", ID, NOW)


def test_the_first_row_creates_and_the_next_ones_of_the_file_are_duplicates() -> None:
    merged = applied(None, None, change(2, a=1), change(9, a=2))
    assert merged.outcomes == [(2, "created"), (9, "duplicate")]
    assert merged.contact is not None
    assert merged.contact.attributes == {"a": 2}
    assert merged.mark == ImportMark("import", 2, 9, "created")


def test_rows_that_were_applied_before_have_their_outcomes_again_and_write_nothing() -> None:
    for outcome in ("created", "updated", "unchanged"):
        mark = ImportMark("import", 2, 9, outcome)
        merged = applied(ann(a=2), mark, change(2, a=1), change(9, a=2))
        assert merged.outcomes == [(2, outcome), (9, "duplicate")]
        assert (merged.contact, merged.mark) == (None, None)


def test_another_imports_mark_is_replaced() -> None:
    merged = applied(ann(a=1), ImportMark("earlier", 2, 9, "created"), change(3, a=2))
    assert merged.outcomes == [(3, "updated")]
    assert merged.mark == ImportMark("import", 3, 3, "updated")


def test_an_unchanged_contact_is_marked_so_that_a_later_row_is_known_as_a_duplicate() -> None:
    merged = applied(ann(a=1), None, change(3, a=1))
    assert merged.contact is None
    assert merged.mark == ImportMark("import", 3, 3, "unchanged")
    again = applied(ann(a=1), merged.mark, change(7, a=2))
    assert again.outcomes == [(7, "duplicate")]


def test_a_row_that_would_make_its_contact_too_large_is_rejected_alone() -> None:
    full = ann(**{f"a{n}": n for n in range(200)})
    merged = applied(full, None, change(2, a0="new"), change(3, one_more=1), change(4, a1="new"))
    assert merged.outcomes == [(2, "updated"), (3, "rejected"), (4, "duplicate")]
    assert [(error.row, error.field) for error in merged.errors] == [(3, "attributes")]
    assert merged.contact is not None
    assert (merged.contact.attributes["a0"], merged.contact.attributes["a1"]) == ("new", "new")


def test_an_excerpt_is_short_and_valid_text() -> None:
    assert excerpt("x" * 101) == "x" * 99 + "…"
    assert excerpt("a\udcff") == "a\ufffd"
    assert excerpt({"a": 1}) == excerpt(None) == ""
