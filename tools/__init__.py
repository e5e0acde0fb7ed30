"""What writes generated files: ``python -m tools.<name>`` from the repository's root, without installing the layer."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "layers" / "shared"))
