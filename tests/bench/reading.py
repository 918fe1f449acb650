"""Read the whole log and make typed events of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import orjson

from domain.events import CATALOGUE
from infra.bootstrap import Services
from infra.eventstore.log import EventLog
from infra.eventstore.mapper import decode
from infra.eventstore.rows import LogRow
from infra.interop.importers.events.run import import_file
from tests.bench import data
from tests.bench.measure import Row, Setup, interleaved, timed_cpu
from tests.bench.peers import bulk_load, decoded, library_at
from tests.day import UTC_DAYS

PAGE = 5_000
WORK = "read log + decode to typed events"
PEER = "eventsourcing select_notifications + mapper, page 1,000"


def run(setup: Setup) -> Iterator[Row]:
    """Ours beside a raw scan, JSON only, and the library; the goal is per core."""
    file = data.charts(setup.folder, setup.size(400, 4_000))
    with data.opened(setup.folder) as services:
        import_file(services.log, str(file))
        app = library_at(setup.folder / "library.db")
        bulk_load(app, file.read_bytes().splitlines()[:20_000])
        rates = interleaved({**_ours(services), "peer": lambda: _rate(lambda: decoded(app))}, rounds=5)
        app.close()
    for name, limit_is in (("scan", "raw scan of the rows"), ("json", "scan + orjson"), ("typed", "scan + pydantic")):
        goal = ("≥ 0.25 × scan", rates["ours"] >= 0.25 * rates["scan"]) if name == "scan" else ("", None)
        peer = (rates["peer"], PEER) if name == "scan" else (None, "")
        yield Row(f"{WORK} / {name}", "events/CPU s", rates["ours"], rates[name], limit_is, *peer, *goal)


def _ours(services: Services) -> dict[str, Callable[[], float]]:
    def each(work: Callable[[LogRow], object]) -> Callable[[], float]:
        return lambda: _rate(lambda: _read(services.log, work))

    return {
        "scan": lambda: _rate(lambda: _scan(services)),
        "json": each(lambda row: orjson.loads(row.state)),
        "typed": each(lambda row: CATALOGUE.load(row.topic, orjson.loads(row.state).get("d") or {})),
        "ours": each(lambda row: decode(row, None, UTC_DAYS)),
    }


def _rate(work: Callable[[], int]) -> float:
    found = 0

    def counted() -> None:
        nonlocal found
        found = work()

    seconds = timed_cpu(counted)
    return found / seconds


def _read(log: EventLog, work: Callable[[LogRow], object]) -> int:
    position, read = 0, 0
    while rows := log.recorder.page(position, PAGE):
        for row in rows:
            work(row)
        position, read = rows[-1].position, read + len(rows)
    return read


def _scan(services: Services) -> int:
    position, read = 0, 0
    while rows := services.log.recorder.query(_SCAN, (position, PAGE)):
        position, read = rows[-1][0], read + len(rows)
    return read


_SCAN = (
    "SELECT rowid, originator_id, originator_version, topic, state FROM stored_events "
    "WHERE rowid>? ORDER BY rowid LIMIT ?"
)
