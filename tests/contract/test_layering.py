"""Who may import whom. Every import is looked at, also those inside functions and for type checking."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAYER = ROOT / "layers" / "shared" / "clarion"

# The standard library is everybody's; a package may import itself. ``clarion.x.y`` allows that one module.
MAY_IMPORT: dict[str, set[str]] = {
    "clock": set(),
    "keys": set(),
    "settings": set(),
    # What comes after pydantic are grammars: of addresses, identifiers, regular and cron expressions, phone numbers,
    # public domain names, public keys.
    "domain": {"clarion.clock", "pydantic", "pydantic_core"}
    | {"cronsim", "cryptography", "email_validator", "idna", "phonenumbers", "publicsuffixlist", "re2", "ulid"},
    "hot": {"clarion.clock", "clarion.keys"},
    "content": {"clarion.domain", "clarion.hot.urls", "jinja2", "markupsafe", "mjml"},
    "services": {"clarion.clock", "clarion.domain", "clarion.keys", "pydantic"},
    "storage": {"clarion.clock", "clarion.domain", "clarion.keys", "clarion.settings", "boto3", "botocore", "pynamodb"},
    "channels": {
        "clarion.clock",
        "clarion.domain",
        "clarion.keys",
        "clarion.settings",
        "botocore",
        "urllib3",
        "cryptography",
        "dns",
    },
    "schemas": {"clarion.domain", "pydantic"},
    "edge": {"clarion.domain", "clarion.settings", "clarion.wiring", "aws_lambda_powertools", "pydantic"},
    "functions": {
        "clarion.clock",
        "clarion.edge",
        "clarion.schemas",
        "clarion.wiring",
        "aws_lambda_powertools",
        "pydantic",
    },
    "functions/tracking (hot)": {"clarion.hot", "clarion.clock"},
}
# The domain reads no environment, and the hot path nothing that starts slowly.
MAY_NOT_IMPORT = {
    "domain": {"os", "socket", "urllib.request", "http.client", "subprocess"},
    "hot": {"asyncio", "urllib.request", "uuid"},
}
EDGE_ASKS_WIRING_FOR = {"memberships", "issued_ids", "aws"}
HOT_HANDLERS = {"record_open", "follow_link", "show_unsubscribe", "unsubscribe_contact"}

FILES = [
    path for path in sorted([*LAYER.rglob("*.py"), *(ROOT / "functions").rglob("*.py")]) if path.parent.name != "wiring"
]


def part_of(path: Path) -> str:
    if path.is_relative_to(LAYER):
        return path.relative_to(LAYER).parts[0].removesuffix(".py")
    return "functions/tracking (hot)" if path.stem in HOT_HANDLERS else "functions"


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """(module, name) of every import; the name is empty for ``import module``."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield from ((node.module or "", alias.name) for alias in node.names)


def allowed(part: str, module: str, name: str) -> bool:
    full = f"{module}.{name}"
    if any(f"{full}.".startswith(f"{each}.") for each in MAY_NOT_IMPORT.get(part, set())):
        return False
    own = f"clarion.{part}"
    return module.split(".")[0] in sys.stdlib_module_names or any(
        f"{full}.".startswith(f"{each}.") for each in {*MAY_IMPORT[part], own}
    )


def test_every_package_has_a_rule() -> None:
    parts = {part_of(path) for path in FILES if path.name != "__init__.py" or path.parent != LAYER}
    assert parts == set(MAY_IMPORT)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_follow_the_layers(path: Path) -> None:
    part = part_of(path)
    if part == "__init__":
        assert list(imports(path)) == []
        return
    wrong = {f"{module} {name}".strip() for module, name in imports(path) if not allowed(part, module, name)}
    assert wrong == set(), f"{part} may import {sorted(MAY_IMPORT[part])}"


def test_signatures_of_sendgrid_and_sns_and_dkim_keys_alone_load_cryptography() -> None:
    """It takes longer to load than all else that receives an event."""
    loading = {path.stem for path in FILES for module, _ in imports(path) if module.split(".")[0] == "cryptography"}
    assert loading == {"sendgrid_signature", "sns_signature", "dkim"}


def test_the_edge_asks_wiring_for_memberships_and_its_client_alone() -> None:
    asked = {
        name for path in (LAYER / "edge").glob("*.py") for module, name in imports(path) if module == "clarion.wiring"
    }
    assert asked == EDGE_ASKS_WIRING_FOR


def test_wiring_imports_the_rest_inside_its_functions() -> None:
    """So that a function loads what it uses."""
    at_import = {
        str(node.module)
        for path in (LAYER / "wiring").glob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ImportFrom)
    }
    light = {name for name in at_import if not name.startswith("clarion.wiring.")}
    assert light == {"functools", "typing", "clarion.clock", "clarion.settings"}


@pytest.mark.parametrize(
    ("part", "module", "name"),
    [
        ("domain", "boto3", ""),
        ("domain", "os", "environ"),
        ("domain", "clarion.storage.table", "Table"),
        ("services", "clarion.storage.table", "Table"),
        ("services", "clarion", "storage"),
        ("functions", "clarion.storage.table", "Table"),
        ("functions/tracking (hot)", "clarion.edge", "route"),
        ("hot", "pydantic", "BaseModel"),
        ("hot", "botocore", ""),
        ("schemas", "clarion.services.sign_in", "SignInService"),
    ],
)
def test_the_rules_refuse(part: str, module: str, name: str) -> None:
    assert not allowed(part, module, name)
