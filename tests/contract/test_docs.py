"""What the documents say is there: links, commands, keys, decision records."""

import re
from pathlib import Path

import pytest

from clarion import keys

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|mailto:|#)([^)#]+)", document.read_text())
    assert [target for target in targets if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_is_named_exists(document: Path) -> None:
    named = re.findall(
        r"`((?:tests|bench|docs|local|tools|functions|layers)/[\w./-]+\.(?:py|md|json|yaml))`", document.read_text()
    )
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_command_of_the_readme_is_a_target_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = set(re.findall(r"(?:^|`|=1 )make (?:-s )?([a-z]+)\b", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert commands
    assert commands <= targets


def test_the_first_two_commands_of_the_readme_are_demo_and_test() -> None:
    first = re.search(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert first is not None
    assert [line.split()[1] for line in first[1].strip().splitlines()] == ["demo", "test"]


def test_every_decision_has_its_number_once() -> None:
    numbers = [path.name[:4] for path in sorted((ROOT / "docs" / "decisions").glob("*.md"))]
    assert numbers == [f"{n:04d}" for n in range(1, len(numbers) + 1)]


def test_the_table_document_shows_every_key() -> None:
    """Each key builder's example, as written in its docstring, is a row of docs/table.md."""
    text = (ROOT / "docs" / "table.md").read_text()
    words = {
        word
        for builder in vars(keys).values()
        if callable(builder) and getattr(builder, "__module__", "") == keys.__name__
        for word in re.findall(r"[A-Z]{3,}(?=[#`S]|$)", builder.__doc__ or "")
    }
    assert len(words) > 15
    assert {word for word in words if word not in text} == set()
