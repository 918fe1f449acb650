"""New versions of a read model are built and switched to while others write and read: old, then new, never between."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from domain.events import LevelOfCareEnded, LevelOfCareStarted
from infra.readmodels.projector import Projector
from infra.readmodels.readstore import ReadStore
from projections.base import ReadModel, Rows
from projections.catalogue import READ_MODELS
from projections.chart import Chart
from projections.stays.fold import MODEL as STAYS
from projections.stays.tables import COMPLETION_COUNT, STAY
from tests.day import UTC_DAYS
from tests.infra.readmodels.worlds import World, world
from tests.spec import ago, fact, record

PROGRAM = STAY.columns.keys().index("program")
VERSIONS, READERS, WRITERS = 4, 3, 2


@pytest.fixture(params=["sqlite", "postgres"])
def here(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "sqlite":
        with world() as here:
            yield here
        return
    url = request.getfixturevalue("postgres_url")
    with world(url=lambda _: url, reads_url=lambda _: url) as here:
        yield here


def saying(number: int) -> list[ReadModel]:
    """The read models, with one of stays that calls each program by the number of its version."""

    def fold(chart: Chart) -> Rows:
        rows = {name: list(found) for name, found in STAYS.fold(chart).items()}
        rows["stay"] = [(*row[:PROGRAM], f"v{number}", *row[PROGRAM + 1 :]) for row in rows["stay"]]
        return rows

    other = replace(STAYS, version=STAYS.version + number, fold=fold)
    return [other if model is STAYS else model for model in READ_MODELS]


def seen(reads: ReadStore) -> tuple[set[str], set[str], int, int]:
    """What one reader sees: programs by rows and by counts, and how many ended stays each has."""
    rows_of = select(STAY.c.program, func.count()).where(STAY.c.end_day.is_not(None)).group_by(STAY.c.program)
    cells = select(COMPLETION_COUNT.c.value, func.sum(COMPLETION_COUNT.c.n))
    ever = cells.where(COMPLETION_COUNT.c.dimension == "program", COMPLETION_COUNT.c.basis == "ever")
    with reads.reading() as connection:
        rows = connection.execute(rows_of).all()
        counts = connection.execute(ever.group_by(COMPLETION_COUNT.c.value)).all()
    return {row[0] for row in rows}, {row[0] for row in counts}, sum(r[1] for r in rows), sum(r[1] for r in counts)


def test_readers_see_the_old_version_then_the_new_one(here: World) -> None:
    over = threading.Event()

    def write(number: int) -> int:
        written = 0
        while not over.is_set():
            client = f"C-{number}-{written}"
            record(here.log, fact(LevelOfCareStarted(level="residential", program="North"), ago(30), client=client))
            record(here.log, fact(LevelOfCareEnded(level="residential", reason="completed"), ago(9), client=client))
            written += 1
        return written

    def read(_: int) -> list[int]:
        reads = ReadStore(here.reads.url, saying(VERSIONS), UTC_DAYS)
        found: list[int] = []
        while not over.is_set():
            programs, counted, rows, counts = seen(reads)
            assert programs == counted
            assert len(programs) == 1, "rows of two versions at once"
            assert rows == counts
            found.append(int(programs.pop().removeprefix("v")))
        reads.close()
        return found

    write_one = fact(LevelOfCareStarted(level="residential", program="North"), ago(30), client="C-0")
    record(here.log, write_one)
    record(here.log, fact(LevelOfCareEnded(level="residential", reason="completed"), ago(9), client="C-0"))
    first = ReadStore(here.reads.url, saying(1), UTC_DAYS)
    Projector(here.log, first).catch_up()
    first.close()
    with ThreadPoolExecutor(READERS + WRITERS) as pool:
        writers = [pool.submit(write, number) for number in range(WRITERS)]
        readers = [pool.submit(read, number) for number in range(READERS)]
        try:
            for version in range(2, VERSIONS + 1):
                reads = ReadStore(here.reads.url, saying(version), UTC_DAYS)
                Projector(here.log, reads).catch_up()
                reads.close()
        finally:
            over.set()
        assert sum(done.result() for done in writers) > 0
        for done in readers:
            found = done.result()
            assert found == sorted(found), "a reader saw an older version again"
