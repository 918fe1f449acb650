"""Publications: how long it takes to make the first one, and to read a page of it, small and large.

The large programme's read models are copies of a simulated one under other client ids: what is measured reads nothing
else.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from sqlalchemy import String, cast, func, select
from starlette.testclient import TestClient

from api.http.app import create_app
from infra.bootstrap import Services
from infra.identity.people import operator
from infra.publications.plan import load_plan
from infra.publications.publisher import publish
from infra.simulator.demo import fill
from projections.abstinence.tables import PATTERN
from projections.attendance.tables import SESSIONS
from projections.flow.tables import FLOW
from projections.prevalence.tables import PREVALENCE
from projections.quality.tables import QUALITY
from projections.stays.tables import STAY
from tests.bench import data
from tests.bench.measure import Row, Setup, peak_memory, percentile, timed

TABLES = (STAY, FLOW, PATTERN, PREVALENCE, SESSIONS, QUALITY)
SIMULATED = 2_000
READS = 200
MOST_MS = 80.0


def run(setup: Setup) -> Iterator[Row]:
    """A row for making and one for reading, of each size."""
    for clients in (400, setup.size(2_000, 66_000)):
        with data.opened(setup.folder) as services:
            fill(services.log, min(clients, SIMULATED), 7)
            services.catch_up()
            _copied(services, clients // min(clients, SIMULATED) - 1)
            took = timed(lambda services=services: publish(services, load_plan(None), operator("bench")))
            yield Row(f"publish, {clients:,} clients", "s", took)
            yield Row(f"peak memory of it, {clients:,} clients", "MB", peak_memory())
            times = _reads(services)
            ours = percentile(times, 0.99)
            goal = f"at most {MOST_MS:g} ms"
            yield Row(f"read a table's page, {clients:,} clients, p99", "ms", ours, goal=goal, met=ours <= MOST_MS)


def _copied(services: Services, times: int) -> None:
    """Every row again, so many times, under client ids of their own."""
    with services.reads.engine.begin() as connection:
        for table in TABLES:
            others = [column for column in table.c if column.name != "client_id"]
            for number in range(1, times + 1):
                own = cast(f"z{number:03}", String) + func.substr(table.c.client_id, 5)
                rows = select(own, *others).where(table.c.client_id.not_like("z%"))
                connection.execute(table.insert().from_select(["client_id", *(c.name for c in others)], rows))


def _reads(services: Services) -> list[float]:
    """Milliseconds of each read of a table's page, as somebody outside reads it."""
    app = create_app(services)
    with TestClient(app, headers={"Authorization": "Bearer demo-reporting"}) as client:
        paths = [f"/publications/1/{table['name']}" for table in services.publications.content(1)["tables"]]

        def read(path: str) -> None:
            assert client.get(path).status_code == 200, path

        for path in paths:
            read(path)
        return [timed(partial(read, paths[n % len(paths)])) * 1_000 for n in range(READS)]
