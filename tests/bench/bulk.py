"""Import of NDJSON, end to end, for charts of usual length and for the worst case of two entries a client."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from infra.interop.importers.events.run import import_file
from tests.bench import data
from tests.bench.measure import Row, Setup, interleaved, timed
from tests.bench.peers import bulk_load, library_at

TABLE = "CREATE TABLE stored (client TEXT, sequence INTEGER, topic TEXT, state BLOB, PRIMARY KEY (client, sequence))"


def run(setup: Setup) -> Iterator[Row]:
    """Two rows: long charts, and two entries a client."""
    long = data.charts(setup.folder, setup.size(600, 6_000))
    yield _compared(setup, "bulk import, 150 entries a client", long)
    short = data.ended_stays(setup.folder, setup.size(50_000, 500_000))
    yield _compared(setup, "bulk import, 2 entries a client", short)


def _compared(setup: Setup, work: str, file: Path) -> Row:
    lines = file.read_bytes().splitlines()
    part = lines[:20_000]
    rates = interleaved(
        {
            "limit": lambda: len(lines) / timed(lambda: _raw(setup.folder, lines)),
            "peer": lambda: _library(setup.folder, part),
            "ours": lambda: _ours(setup.folder, file, len(lines)),
        }
    )
    return Row(
        work,
        "events/s",
        rates["ours"],
        rates["limit"],
        "raw sqlite3 executemany of the lines, one transaction",
        rates["peer"],
        "eventsourcing save(), 50 events a transaction",
        "≥ 1.4 × peer",
        rates["ours"] >= 1.4 * rates["peer"],
    )


def _raw(folder: Path, lines: list[bytes]) -> None:
    path = folder / f"{uuid4().hex}.raw"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(TABLE)
    rows = ((f"{number // 150:032x}", number, "topic", line) for number, line in enumerate(lines))
    connection.executemany("INSERT INTO stored VALUES (?,?,?,?)", rows)
    connection.commit()
    connection.close()
    path.unlink()


def _library(folder: Path, lines: list[bytes]) -> float:
    path = folder / f"{uuid4().hex}.lib"
    app = library_at(path)
    saved = 0

    def load() -> None:
        nonlocal saved
        saved = bulk_load(app, lines)

    seconds = timed(load)
    app.close()
    for file in folder.glob(f"{path.name}*"):
        file.unlink()
    return saved / seconds


def _ours(folder: Path, file: Path, lines: int) -> float:
    with data.opened(folder) as services:
        return lines / timed(lambda: import_file(services.log, str(file)))
