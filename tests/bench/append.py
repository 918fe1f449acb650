"""One entry, durable: the raw database, the library, our log, our command handler."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from itertools import count
from pathlib import Path
from uuid import uuid4

from domain.commands import Draft, Record
from domain.events import NoteAdded
from infra.bootstrap import Services
from infra.commands.handle import handle
from infra.eventstore.log import Append, Author, NewEntry
from tests.bench import data
from tests.bench.bulk import TABLE
from tests.bench.measure import Row, Setup, interleaved, timed
from tests.bench.peers import Chart, library_at

PER_ROUND = 300
CHARTS = 300
AUTHOR = Author(actor="bench", role="clinician", site="north")
NOTE = NoteAdded(text="A simulated note of about the usual length, with what was agreed until the next visit.")
LIMIT = "raw sqlite3 insert + commit (WAL, synchronous=FULL)"
PEER = "eventsourcing save() of one event"


def run(setup: Setup) -> Iterator[Row]:
    """Two rows: the log alone, and the handler with its rules."""
    with ExitStack() as stack:
        services = stack.enter_context(data.opened(setup.folder))
        register(services)
        works = {
            "limit": _raw(setup.folder, stack),
            "peer": _library(setup.folder, stack),
            "log": _log(services),
            "handler": _handler(services),
        }
        rates = interleaved({name: _rate(work) for name, work in works.items()}, rounds=7)
    for work, name in (("append one entry, log", "log"), ("append one entry, command handler", "handler")):
        ours, limit, peer = rates[name], rates["limit"], rates["peer"]
        yield Row(work, "events/s", ours, limit, LIMIT, peer, PEER, "≥ 0.9 × peer", ours >= 0.9 * peer)


def register(services: Services) -> None:
    """Charts to write into, each with a few entries."""
    earlier = data.UNTIL - timedelta(days=30)
    for number in range(CHARTS):
        entries = [NewEntry(Draft(NOTE, earlier), AUTHOR) for _ in range(3)]
        services.log.append(Append(f"bench-{number}", entries))


def _rate(work: Callable[[int], None]) -> Callable[[], float]:
    numbers = count()
    return lambda: PER_ROUND / timed(lambda: [work(next(numbers)) for _ in range(PER_ROUND)])


def _raw(folder: Path, stack: ExitStack) -> Callable[[int], None]:
    connection = sqlite3.connect(folder / "raw.db", isolation_level=None)
    stack.callback(connection.close)
    for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", TABLE):
        connection.execute(statement)
    state = NOTE.model_dump_json().encode() * 3

    def append(number: int) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO stored VALUES (?,?,?,?)", (uuid4().hex, number, "NoteAdded.1", state))
        connection.execute("COMMIT")

    return append


def _library(folder: Path, stack: ExitStack) -> Callable[[int], None]:
    app = library_at(folder / "library.db")
    stack.callback(app.close)
    charts = [Chart(f"bench-{number}") for number in range(CHARTS)]
    app.save(*charts)

    def append(number: int) -> None:
        chart = charts[number % CHARTS]
        chart.record("NoteAdded", data.UNTIL.isoformat(), {"text": NOTE.text})
        app.save(chart)

    return append


def _log(services: Services) -> Callable[[int], None]:
    def append(number: int) -> None:
        entry = NewEntry(Draft(NOTE, data.UNTIL), AUTHOR)
        services.log.append(Append(f"bench-{number % CHARTS}", [entry]), key=uuid4().hex, digest="x")

    return append


def _handler(services: Services) -> Callable[[int], None]:
    def append(number: int) -> None:
        command = Record(NOTE, data.UNTIL)
        now = services.now()
        handle(services.log, f"bench-{number % CHARTS}", command, author=AUTHOR, now=now, key=uuid4().hex)

    return append
