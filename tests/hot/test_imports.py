"""The hot path starts with the standard library and its own few modules, and nothing heavy of either."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAYER = ROOT / "layers/shared"
HOT = LAYER / "clarion/hot"
HANDLERS = [
    ROOT / f"functions/tracking/{name}.py"
    for name in ("record_open", "follow_link", "show_unsubscribe", "unsubscribe_contact")
]
HEAVY = {"asyncio", "concurrent.futures", "dataclasses", "decimal", "inspect", "logging", "pathlib._local", "sqlite3",
         "unittest", "urllib.request", "uuid", "xml", "zoneinfo"}  # fmt: skip


@pytest.mark.parametrize("path", [*sorted(HOT.glob("*.py")), *HANDLERS], ids=lambda path: path.stem)
def test_a_file_names_only_the_standard_library_and_the_hot_path(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            ours = name.startswith(("clarion.hot.", "clarion.keys", "clarion.clock"))
            assert ours or name.split(".")[0] in sys.stdlib_module_names, f"{path.name} imports {name}"


@pytest.mark.parametrize("path", HANDLERS, ids=lambda path: path.stem)
def test_a_cold_start_loads_nothing_else(path: Path) -> None:
    # -I -S: no site-packages at all, so that a stray import fails instead of being found.
    program = (
        f"import sys; sys.path[:0] = {[str(LAYER), str(path.parent)]!r}\n"
        f"import {path.stem}, json; print(json.dumps(sorted(sys.modules)))"
    )
    command = [sys.executable, "-I", "-S", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  # our own words
    loaded = set(json.loads(done.stdout))
    foreign = {
        name
        for name in loaded
        if name.split(".")[0] not in sys.stdlib_module_names
        and not name.startswith(("clarion.hot.", "__main__"))
        and name not in ("clarion", "clarion.hot", "clarion.keys", "clarion.clock", path.stem)
    }
    assert foreign == set()
    assert loaded & HEAVY == set()
