"""`make bench`: every benchmark of this folder, one after the other, in processes of their own.

Each prints ratios taken in one run, side by side; figures of different machines do not compare. The last results are
in docs/benchmarks.md.
"""

import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
BENCHMARKS = ("filters", "render", "hot_path", "import_time", "csv_import")


def main() -> int:
    """Run them all; 1 when one of them fails."""
    environment = {**os.environ, "PYTHONPATH": str(FOLDER.parent / "layers" / "shared")}
    failed = []
    for name in BENCHMARKS:
        print(f"\n=== {name}", flush=True)
        if subprocess.run([sys.executable, str(FOLDER / f"{name}.py")], env=environment, check=False).returncode:  # noqa: S603 - our own files
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
