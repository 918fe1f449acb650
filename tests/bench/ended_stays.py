"""Ended stays, 950,000 of them with --full: counted exactly, how fast, with how much memory."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson

from domain.vocabulary import REASONS
from infra.bootstrap import Services, open_services
from infra.reporting.reports import ReportParams, run_report
from infra.settings import Settings
from tests.bench import data
from tests.bench.measure import Row, Setup, peak_memory, timed
from tests.scenarios.stays import Counts, write_ended_stays

STAYS, FULL = 30_000, 950_000


def run(setup: Setup) -> Iterator[Row]:
    """Import, project and count them, each step in a process of its own; the file stays where it is."""
    stays = setup.size(STAYS, FULL)
    file = setup.folder / "stays.ndjson"
    expected = write_ended_stays(file, stays)
    store = setup.folder / "ended.db"
    imported = _step("import_them", store, file)
    projected = _step("project_them", store)
    yield Row(f"import of {stays:,} ended stays", "events/s", 2 * stays / imported["seconds"])
    yield Row("memory of that import", "MB", imported["memory"])
    rate = 2 * stays / projected["seconds"]
    yield Row(f"projection of {stays:,} ended stays", "events/s", rate)
    memory = projected["memory"]
    yield Row("memory of that projection", "MB", memory, goal="≤ 300", met=memory <= 300)
    wrong = _wrong(store, expected)
    work = f"groups (level, program, reason) of {len(expected):,} that are counted wrong"
    yield Row(work, "groups", wrong, goal="0", met=wrong == 0)


def import_them(services: Services, file: str) -> None:
    """Record the file."""
    from infra.interop.importers.events.run import import_file

    result = import_file(services.log, file)
    assert not result.rejected


def project_them(services: Services) -> None:
    """Bring the read models to the head."""
    services.catch_up()


def _step(name: str, store: Path, *arguments: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.ended_stays", name, *map(str, arguments)]
    done = subprocess.run(command, env={**os.environ, **data.environment(store)}, stdout=subprocess.PIPE, check=True)
    return orjson.loads(done.stdout)


def _wrong(store: Path, expected: Counts) -> int:
    """How many groups the report counts otherwise than the generator did."""
    services = open_services(data.settings_for(store))
    rows = run_report("completion", services, ReportParams(by=("level", "program")))
    services.close()
    found = {(row["level"], row["program"], reason): row[reason] for row in rows for reason in REASONS if row[reason]}
    return sum(1 for group in found.keys() | expected.keys() if found.get(group, 0) != expected[group])


if __name__ == "__main__":
    step, *arguments = sys.argv[1:]
    opened = open_services(Settings())
    seconds = timed(lambda: globals()[step](opened, *arguments))
    opened.close()
    print(orjson.dumps({"seconds": seconds, "memory": peak_memory()}).decode())
