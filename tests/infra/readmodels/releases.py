"""Two releases of the product over one store: they differ in the read model of stays."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import Column, MetaData, Table, func, select

from domain.events import LevelOfCareEnded, LevelOfCareStarted
from infra.readmodels.projector import Projector
from infra.readmodels.readstore import ReadStore
from projections.base import ReadModel, Rows
from projections.catalogue import READ_MODELS
from projections.chart import Chart
from projections.stays.fold import MODEL as STAYS
from projections.stays.tables import STAY
from tests.day import UTC_DAYS
from tests.infra.readmodels.worlds import World
from tests.spec import ago, fact, record

PROGRAM = STAY.columns.keys().index("program")


def release(number: int, *, renames: bool = False) -> list[ReadModel]:
    """The read models, with one of stays that calls each program by the number of its version.

    With ``renames``, the column of the program has another name too.
    """

    def fold(chart: Chart) -> Rows:
        rows = {name: list(found) for name, found in STAYS.fold(chart).items()}
        rows["stay"] = [(*row[:PROGRAM], f"v{number}", *row[PROGRAM + 1 :]) for row in rows["stay"]]
        return rows

    tables = tuple(_renamed(table) if renames and table is STAY else table for table in STAYS.tables)
    other = replace(STAYS, version=STAYS.version + number, fold=fold, tables=tables)
    return [other if model is STAYS else model for model in READ_MODELS]


def _renamed(table: Table) -> Table:
    columns = [Column("programme" if c.name == "program" else c.name, c.type, nullable=c.nullable) for c in table.c]
    return Table(table.name, MetaData(), *columns)


@contextmanager
def running(here: World, models: list[ReadModel]) -> Generator[Projector]:
    """A projector of a release over the same store."""
    reads = ReadStore(here.reads.url, models, UTC_DAYS)
    try:
        yield Projector(here.log, reads)
    finally:
        reads.close()


def lived(here: World, client: str) -> None:
    """A stay of a client is recorded, from start to end."""
    record(here.log, fact(LevelOfCareStarted(level="residential", program="North"), ago(30), client=client))
    record(here.log, fact(LevelOfCareEnded(level="residential", reason="completed"), ago(9), client=client))


def programs(projector: Projector) -> dict[str, int]:
    """What a release shows: how many stays of each program."""
    stay = next(table for table in projector.reads.models["stays"].tables if table.name == "stay")
    program = stay.columns[PROGRAM]
    with projector.reads.reading() as connection:
        counted = select(program, func.count()).where(stay.c.end_day.is_not(None)).group_by(program)
        return {row[0]: row[1] for row in connection.execute(counted)}


def states(projector: Projector) -> dict[str, str]:
    """How a release stands to each read model that is not current, as it says."""
    return {row.projection: row.state for row in projector.status() if row.state != "current"}


def live(projector: Projector) -> dict[str, tuple[int, int]]:
    """Generation and version that readers see, by read model."""
    return {row.projection: (row.generation, row.version) for row in projector.status()}
