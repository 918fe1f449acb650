"""Verification of a sealed log, beside SHA-256 over the same bytes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from infra.integrity.seal_setup import seal
from infra.integrity.verify_setup import verify
from infra.interop.importers.events.run import import_file
from tests.bench import data
from tests.bench.measure import Row, Setup, interleaved, timed

GOAL = 200_000


def run(setup: Setup) -> Iterator[Row]:
    """Two rows: long charts, and two entries a client."""
    yield _row(setup, "verify, 150 entries a client", data.charts(setup.folder, setup.size(1_000, 6_000)))
    yield _row(setup, "verify, 2 entries a client", data.ended_stays(setup.folder, setup.size(50_000, 500_000)))


def _row(setup: Setup, work: str, file: Path) -> Row:
    name = file.stem
    with data.opened(setup.folder, name) as services:
        import_file(services.log, str(file))
        seal(services)
        entries = services.log.head()

        def ours() -> float:
            report = verify(services)
            assert not report.findings
            return report.logs[0].entries

        rates = interleaved(
            {
                "limit": lambda: entries / timed(lambda: _hashed(setup.folder / f"{name}.db")),
                "ours": lambda: entries / timed(ours),
            }
        )
    return Row(
        work,
        "events/s",
        rates["ours"],
        rates["limit"],
        "raw sqlite3 read of the same states, SHA-256 of each",
        goal=f"≥ {GOAL:,}",
        met=rates["ours"] >= GOAL,
    )


def _hashed(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for (state,) in connection.execute("SELECT state FROM stored_events ORDER BY rowid"):
            sha256(state).digest()
