"""Cold start, and the most memory that a projector and a server ever hold."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from infra.interop.importers.events.run import import_file
from tests.bench import data
from tests.bench.append import register
from tests.bench.http_append import CLIENTS, EACH, request
from tests.bench.measure import Row, Setup, peak_memory
from tests.bench.server import HEADERS, hammer, serving

REPORTS = ("completion", "retention", "status", "census", "abstinence")
_REBUILD = (
    "from infra.bootstrap import open_services; from infra.settings import Settings; "
    "from tests.bench.measure import peak_memory; "
    "services = open_services(Settings()); services.projector.rebuild(); print(peak_memory())"
)


def run(setup: Setup) -> Iterator[Row]:
    """A projector that rebuilds everything; a server after appends and reports; starts of that server."""
    store = setup.folder / "served.db"
    with data.opened(setup.folder, "served") as services:
        register(services)
        import_file(services.log, str(data.charts(setup.folder, setup.size(300, 4_000))))
        services.catch_up()
        entries = services.log.head()
    projector = rebuild_memory(store)
    goal = "≤ 300"
    yield Row(f"memory of a rebuild, {entries:,} entries", "MB", projector, goal=goal, met=projector <= 300)
    with serving(store) as server:
        hammer(server.port, CLIENTS, EACH, request)
        connection = server.connect()
        for _ in range(10):
            for report in REPORTS:
                connection.request("GET", f"/api/v1/reports/{report}", headers=HEADERS)
                connection.getresponse().read()
        connection.close()
        worker = peak_memory(server.pid)
    yield Row("memory of a server after appends and reports", "MB", worker, goal="≤ 200", met=worker <= 200)
    starts: list[float] = []
    for _ in range(5):
        with serving(store) as server:
            starts.append(server.cold_start)
    yield Row("cold start of serve to its first answer", "s", median(starts), goal="≤ 1.5", met=median(starts) <= 1.5)


def rebuild_memory(store: Path) -> float:
    """Peak memory (MB) of a process that rebuilds every read model."""
    environment = {**os.environ, **data.environment(store)}
    done = subprocess.run([sys.executable, "-c", _REBUILD], env=environment, capture_output=True, check=True, text=True)
    return float(done.stdout)
