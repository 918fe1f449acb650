"""From an append until every read model shows it, at 200 appends a second, with the server's follower."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

from domain.commands import Draft
from infra.bootstrap import Services
from infra.eventstore.log import Append, NewEntry
from infra.interop.importers.events.run import import_file
from infra.readmodels.follower import Follower
from tests.bench import data
from tests.bench.append import AUTHOR, CHARTS, NOTE, register
from tests.bench.measure import Row, Setup, percentile

RATE = 200
WORK = "append → visible in every read model, 200/s"


def run(setup: Setup) -> Iterator[Row]:
    """Median and 99th percentile."""
    with data.opened(setup.folder) as services:
        import_file(services.log, str(data.charts(setup.folder, setup.size(100, 4_000))))
        register(services)
        services.catch_up()
        follower = Follower(services)
        follower.start()
        lags = _lags(services, follower, setup.size(5, 60))
        follower.stop()
    yield Row(f"{WORK}, p50", "ms", percentile(lags, 0.5))
    late = percentile(lags, 0.99)
    yield Row(f"{WORK}, p99", "ms", late, goal="≤ 50", met=late <= 50)


def _lags(services: Services, follower: Follower, seconds: int) -> list[float]:
    """Milliseconds from the answer to an append until its position is projected."""
    appended: dict[int, float] = {}
    lags: list[float] = []
    last = threading.Event()

    def watch() -> None:
        while not last.is_set() or appended:
            with services.moved:
                services.moved.wait(0.1)
                now, reached = time.perf_counter(), services.position
            for position in [position for position in list(appended) if position <= reached]:
                lags.append((now - appended.pop(position)) * 1000)

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.perf_counter()
    for number in range(RATE * seconds):
        time.sleep(max(0.0, start + number / RATE - time.perf_counter()))
        entry = NewEntry(Draft(NOTE, data.UNTIL), AUTHOR)
        began = time.perf_counter()
        appended[services.log.append(Append(f"bench-{number % CHARTS}", [entry])).position] = began
        follower.wake()
    last.set()
    watcher.join()
    return lags
