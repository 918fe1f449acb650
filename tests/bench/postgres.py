"""PostgreSQL: one entry by one writer, by eight writers, and an import; beside the library and Emmett (Node).

Emmett is installed by npm into the benchmark's folder; where that cannot be done its figures are left out, and said so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from uuid import uuid4

import psycopg
from eventsourcing.application import Application
from psycopg.conninfo import conninfo_to_dict

from domain.commands import Draft
from infra.eventstore.log import Append, EventLog, NewEntry
from infra.eventstore.setup import open_log
from infra.interop.importers.events.run import import_file
from tests.bench import data
from tests.bench.append import AUTHOR, CHARTS, NOTE
from tests.bench.measure import Row, Setup, interleaved, timed
from tests.bench.peers import Chart, bulk_load
from tests.day import UTC_DAYS

WRITERS = 8
KEY = bytes(32)
SCRIPT = Path(__file__).parent / "emmett"
ONE = "raw INSERT … RETURNING under the same lock, one statement a transaction"
LIBRARY, BOTH = "eventsourcing save()", "the quicker of eventsourcing save() and Emmett appendToStream()"


def run(setup: Setup) -> Iterator[Row]:
    """Three rows."""
    with ExitStack() as stack:
        emmett = stack.enter_context(emmett_on(stack.enter_context(database()), setup.folder))
        log = open_log(stack.enter_context(database()), KEY, UTC_DAYS)
        stack.callback(log.close)
        app = library_on(stack.enter_context(database()))
        stack.callback(app.close)
        raw = stack.enter_context(_raw(stack.enter_context(database())))
        each = setup.size(300, 3_000)
        yield _one(log, app, emmett, raw, each)
        yield _many(log, app, emmett, each)
    with ExitStack() as stack:
        emmett = stack.enter_context(emmett_on(stack.enter_context(database()), setup.folder))
        yield _import(setup, emmett)


def _one(log: EventLog, app: Application[uuid.UUID], emmett: Emmett, raw: Callable[[], None], each: int) -> Row:
    ours, theirs = _appending(log), _saving(app)
    works = {
        "ours": lambda: each / timed(lambda: [ours() for _ in range(each)]),
        "library": lambda: each / timed(lambda: [theirs() for _ in range(each)]),
        "limit": lambda: each / timed(lambda: [raw() for _ in range(each)]),
        "emmett": lambda: emmett.rate(f"single {each}"),
    }
    return _row("append one entry, PostgreSQL, one writer", interleaved(works, rounds=5), "≥ both peers")


def _many(log: EventLog, app: Application[uuid.UUID], emmett: Emmett, each: int) -> Row:
    ours, theirs = _appending(log), _saving(app)
    works = {
        "ours": lambda: each / timed(lambda: _together(ours, each)),
        "library": lambda: each / timed(lambda: _together(theirs, each)),
        "emmett": lambda: emmett.rate(f"writers {each}"),
    }
    return _row(f"append one entry, PostgreSQL, {WRITERS} writers", interleaved(works, rounds=5), "≥ the library")


def _import(setup: Setup, emmett: Emmett) -> Row:
    file = data.charts(setup.folder, setup.size(400, 4_000))
    lines = file.read_bytes().splitlines()

    def ours() -> float:
        with database() as url:
            log = open_log(url, KEY, UTC_DAYS)
            try:
                return len(lines) / timed(lambda: import_file(log, str(file)))
            finally:
                log.close()

    def library() -> float:
        with database() as url, library_on(url) as app:
            part = lines[:20_000]
            return len(part) / timed(lambda: bulk_load(app, part))

    works = {"ours": ours, "library": library, "emmett": lambda: emmett.rate("bulk 20000 50")}
    rates = interleaved(works)
    return _row("bulk import, PostgreSQL, end to end from NDJSON", rates, "≥ 40,000/s, and both peers", 40_000)


def _row(work: str, rates: dict[str, float], goal: str, least: float = 0.0) -> Row:
    with_emmett = rates["emmett"] > 0 and "both" in goal
    peer = max(rates["library"], rates["emmett"]) if with_emmett else rates["library"]
    said = f"{BOTH} ({rates['library']:,.0f} and {rates['emmett']:,.0f})" if rates["emmett"] else f"{LIBRARY}; no npm"
    limit = rates.get("limit")
    met = rates["ours"] >= max(peer, least)
    return Row(work, "events/s", rates["ours"], limit, ONE if limit else "", peer, said, goal, met)


def _appending(log: EventLog) -> Callable[[], object]:
    numbers = count()

    def append() -> object:
        entry = NewEntry(Draft(NOTE, data.UNTIL), AUTHOR)
        return log.append(Append(f"bench-{next(numbers) % CHARTS}", [entry]), key=uuid4().hex, digest="x")

    for _ in range(CHARTS):
        append()
    return append


def _saving(app: Application[uuid.UUID]) -> Callable[[], object]:
    """Of each chart one writer at a time: the library has no retry of its own."""
    charts = [Chart(f"bench-{uuid4().hex}") for _ in range(CHARTS)]
    app.save(*charts)

    def save() -> object:
        chart = charts.pop()
        chart.record("NoteAdded", data.UNTIL.isoformat(), {"text": NOTE.text})
        saved = app.save(chart)
        charts.insert(0, chart)
        return saved

    return save


def _together(work: Callable[[], object], each: int) -> None:
    with ThreadPoolExecutor(WRITERS) as pool:
        for done in [pool.submit(work) for _ in range(each)]:
            done.result()


@contextmanager
def _raw(url: str) -> Generator[Callable[[], None]]:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE stored (id BIGSERIAL PRIMARY KEY, topic TEXT, state BYTEA)")
        state = NOTE.model_dump_json().encode() * 3

        def insert() -> None:
            sql = "INSERT INTO stored (topic, state) VALUES (%s, %s) RETURNING id"
            connection.execute(sql, ("NoteAdded.1", state), prepare=True).fetchone()

        yield insert


def library_on(url: str) -> Application[uuid.UUID]:
    """The library over PostgreSQL, as its users use it."""
    parts = conninfo_to_dict(url)
    names = {"DBNAME": "dbname", "HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password"}
    env = {f"POSTGRES_{name}": str(parts[part]) for name, part in names.items()}
    return Application({"PERSISTENCE_MODULE": "eventsourcing.postgres", **env})


@contextmanager
def database() -> Generator[str]:
    """An empty database on the test server."""
    server = os.environ.get("CAREJOURNEY_TEST_DATABASE_URL")
    if not server:
        raise SystemExit("no PostgreSQL: run it through tools/with-postgres")
    name = f"bench_{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
        yield f"{server.rpartition('/')[0]}/{name}"
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


class Emmett:
    """A Node process that appends when it is told to; without one every rate is 0."""

    def __init__(self, process: subprocess.Popen[str] | None) -> None:
        self._process = process

    def rate(self, work: str) -> float:
        if self._process is None or self._process.stdin is None or self._process.stdout is None:
            return 0.0
        self._process.stdin.write(work + "\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())


@contextmanager
def emmett_on(url: str, folder: Path) -> Generator[Emmett]:
    """Emmett over a database, if node and npm are there and its package can be installed."""
    place = folder / "emmett"
    try:
        if not place.exists():
            shutil.copytree(SCRIPT, place)
            words = ["npm", "install", "--no-audit", "--no-fund", "--silent"]
            subprocess.run(words, cwd=place, check=True, capture_output=True)
        words = ["node", "append.mjs", url]
        process = subprocess.Popen(words, cwd=place, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    except (OSError, subprocess.CalledProcessError):
        yield Emmett(None)
        return
    assert process.stdout is not None
    ready = process.stdout.readline().strip() == "ready"
    try:
        yield Emmett(process if ready else None)
    finally:
        process.communicate()
