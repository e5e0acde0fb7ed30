"""Finds the shared material that is kept beside the repository and never copied into it."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "shared"


def shared_root(relative: str) -> Path:
    """A path below ``../shared``; the test is skipped, saying so, where it is missing."""
    path = ROOT / relative
    if not path.exists():
        pytest.skip(f"../shared/{relative} is missing: this check ran on nothing", allow_module_level=True)
    return path


def shared(relative: str) -> Path:
    """A path below ``../shared/data``."""
    return shared_root(f"data/{relative}")
