"""Publications: how long it takes to make the first one, and to read a page of it, small and large."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from starlette.testclient import TestClient

from api.app import create_app
from infra.bootstrap import Services
from infra.identity.people import operator
from infra.publications.plan import load_plan
from infra.publications.publisher import publish
from infra.simulator.demo import fill
from tests.bench import data
from tests.bench.measure import Row, Setup, peak_memory, percentile, timed

READS = 200
MOST_MS = 80.0


def run(setup: Setup) -> Iterator[Row]:
    """A row for making and one for reading, of each size."""
    for clients in (400, setup.size(2_000, 5_000)):
        with data.opened(setup.folder) as services:
            fill(services.log, clients, 7)
            services.catch_up()
            took = timed(lambda services=services: publish(services, load_plan(None), operator("bench")))
            yield Row(f"publish, {clients:,} clients", "s", took)
            yield Row(f"peak memory of it, {clients:,} clients", "MB", peak_memory())
            times = _reads(services)
            ours = percentile(times, 0.99)
            goal = f"at most {MOST_MS:g} ms"
            yield Row(f"read a page of it, {clients:,} clients, p99", "ms", ours, goal=goal, met=ours <= MOST_MS)


def _reads(services: Services) -> list[float]:
    """Milliseconds of each read of a page, as somebody outside reads them."""
    client = TestClient(create_app(services))
    client.post("/sign-in", data={"role": "reporting"})
    names = [table["name"] for table in services.publications.content(1)["tables"]]
    paths = ["/publications", "/publications/1", *(f"/publications/1/{name}" for name in names)]

    def read(path: str) -> None:
        assert client.get(path).status_code == 200, path

    for path in paths:
        read(path)
    return [timed(partial(read, paths[n % len(paths)])) * 1_000 for n in range(READS)]
