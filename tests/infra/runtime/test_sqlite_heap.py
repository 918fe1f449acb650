"""SQLite's memory: bounded over all connections of a process, and nothing is refused for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CODE = """
import sqlite3, sys
from infra.runtime.sqlite_heap import bound_heap
if sys.argv[1] == "bounded":
    bound_heap(4_000_000)
one = sqlite3.connect("big.db")
one.execute("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, text TEXT)")
with one:
    one.executemany("INSERT OR REPLACE INTO t VALUES (?, ?)", ((n, "x" * 3000) for n in range(6000)))
found = []
for _ in range(4):
    other = sqlite3.connect("big.db")
    other.execute("PRAGMA cache_size=-65536")
    found.append((other, other.execute("SELECT sum(length(text)) FROM t").fetchone()[0]))
print({total for _, total in found} == {18_000_000}, one.execute("PRAGMA soft_heap_limit").fetchone()[0])
with open("/proc/self/status") as status:
    print(next(line.split()[1] for line in status if line.startswith("VmRSS")))
"""


def test_connections_share_a_bound_and_read_all_the_same(tmp_path: Path) -> None:
    bounded, free = (_run(how, tmp_path) for how in ("bounded", "free"))
    assert bounded[:2] == ["True", "4000000"]
    assert free[:2] == ["True", "0"]
    assert int(bounded[2]) < int(free[2]) - 20_000


def _run(how: str, folder: Path) -> list[str]:
    command = [sys.executable, "-c", CODE, how]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder).stdout.split()
