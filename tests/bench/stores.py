"""Stores of simulated clients at several sizes, made by the commands that people use; what each command took.

    python -m tests.bench.stores FOLDER CLIENTS…

makes FOLDER/CLIENTS with the store and steps.json. ``tests.bench.document`` measures what is in the folder and writes
docs/performance.md.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

FILE = "simulated.ndjson"
STORE = "var/carejourney.db"
SEED = 11
COMMANDS = (
    ("import", ("import", "events", "--keep-recorded-at", FILE)),
    ("project", ("project", "rebuild")),
    ("verify", ("audit", "verify")),
)
_MEGABYTE = 1e6


@dataclass(frozen=True)
class Step:
    """One command over a store: seconds of wall and of processor (children too), memory and bytes written (Linux)."""

    name: str
    wall: float
    cpu: float
    memory_mb: float
    written_mb: float


def make(folder: Path, clients: int) -> list[Step]:
    """Simulate, then run each command; a store that is there is left alone."""
    kept = folder / "steps.json"
    if kept.exists():
        return read(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _run("simulate", ("simulate", "--clients", str(clients), "--seed", str(SEED), "--out", FILE), folder)
    steps = [_run(name, command, folder) for name, command in COMMANDS]
    kept.write_bytes(orjson.dumps([asdict(step) for step in steps]))
    return steps


def read(folder: Path) -> list[Step]:
    """What was measured when the store was made."""
    return [Step(**step) for step in orjson.loads((folder / "steps.json").read_bytes())]


def _run(name: str, command: tuple[str, ...], folder: Path) -> Step:
    program = str(Path(sys.executable).parent / "carejourney")
    began = time.monotonic()
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen([program, *command], cwd=folder, stdout=log, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
    if status:
        msg = f"{name} ended with {os.waitstatus_to_exitcode(status)}: see {log.name}"
        raise RuntimeError(msg)
    wall, cpu = time.monotonic() - began, used.ru_utime + used.ru_stime
    step = Step(name, wall, cpu, used.ru_maxrss / 1024, used.ru_oublock * 512 / _MEGABYTE)
    print(f"… {folder.name} {name}: {wall:,.0f} s, {cpu:,.0f} s of CPU", flush=True)
    return step


def main() -> None:
    """Make what is not there."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.stores", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("clients", type=int, nargs="+")
    asked = parser.parse_args()
    for clients in asked.clients:
        make(asked.folder / str(clients), clients)


if __name__ == "__main__":
    main()
