"""``python -m tests.bench [NAME…] [--full] [--json FILE] [--folder FOLDER]``: measure, then print one table."""

from __future__ import annotations

import argparse
import os
import tempfile
from importlib import import_module
from pathlib import Path

import orjson

from tests.bench.measure import Row, Setup
from tests.bench.table import notes, rendered

MODULES = {
    "append": "append",
    "http": "http_append",
    "import": "bulk",
    "read": "reading",
    "rebuild": "rebuilding",
    "visible": "following",
    "dashboards": "dashboards",
    "timeline": "timeline",
    "as-of": "asof",
    "publications": "publications",
    "footprint": "footprint",
    "ended-stays": "ended_stays",
    "streaming": "streaming",
    "verify": "verifying",
    "postgres": "postgres",
}
UNASKED = [name for name in MODULES if name not in {"ended-stays", "streaming", "postgres"}]


def main() -> None:
    """Run the named benchmarks, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(MODULES)}; default: {' '.join(UNASKED)}"
    )
    parser.add_argument("--full", action="store_true", help="at full size: minutes, gigabytes of disk")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the rows here")
    parser.add_argument("--folder", type=Path, help="where stores are made and removed; default: the temporary folder")
    asked = parser.parse_args()
    unknown = set(asked.names) - MODULES.keys()
    if unknown:
        parser.error(f"no benchmark {', '.join(sorted(unknown))}: choose from {', '.join(MODULES)}")
    rows: list[Row] = []
    for name in asked.names or UNASKED:
        with tempfile.TemporaryDirectory(dir=asked.folder, prefix="bench-") as folder:
            module = import_module(f"tests.bench.{MODULES[name]}")
            for row in module.run(Setup(Path(folder), asked.full)):
                print(f"… {row.work}: {row.ours:,.2f} {row.unit}", flush=True)
                rows.append(row)
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"\n{rendered(rows)}\n\n{notes(rows)}\nload average at the end: {load} on {os.cpu_count()} cores")
    if asked.json:
        asked.json.write_bytes(orjson.dumps([row.as_dict() for row in rows], option=orjson.OPT_INDENT_2))


if __name__ == "__main__":
    main()
