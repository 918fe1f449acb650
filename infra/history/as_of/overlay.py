"""Overlay: the live read models as of a moment, without the streams of whom something was learned since.

Of whom nothing was learned after a moment has the same rows now as then. So the live read database is attached beside
the database without a name, and each table is a view: the live rows of everybody who stayed, and the rows of the
others, folded as of the moment. Counts are the live ones less what the others add now, and with what they added then.

Whom it leaves out and what the live rows are comes from one read transaction, so that a reader never sees somebody
twice or not at all, however the live read models go on. What was added since is taken in before each read.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Table

from domain.days import Calendar
from infra.history.as_of.overlay_views import rows_view, sums_view
from infra.history.as_of.present import Present
from infra.history.as_of.recorded_blocks import Knowledge
from infra.history.as_of.touched import TOUCHED, TooManyError, Touched
from infra.readmodels.connections import TEMPORARY
from infra.readmodels.generations import Generation
from infra.readmodels.projector import Progress
from infra.readmodels.readstore import ReadStore
from projections.base import ReadModel


class NoOverlayError(Exception):
    """The live read models are not what could be laid over: the log is to be replayed."""


class OverlaidReads(ReadStore):
    """The read models of a moment over the live ones; for one thread at a time.

    ``touched`` finds the streams that are left out, and folds them.
    """

    def __init__(
        self, live: ReadStore, models: Sequence[ReadModel], calendar: Calendar, knowledge: Knowledge, touched: Touched
    ) -> None:
        """Attach the live read database.

        Raises:
            NoOverlayError: it is not in a file, or its read models are not current.
        """
        if not live.is_sqlite or not Path(_path(live)).is_file():
            raise NoOverlayError
        super().__init__(TEMPORARY, models, calendar)
        self._live, self._touched, self._knowledge = live, touched, knowledge
        self._laid: list[Generation] = []
        self._present: list[Present] = []
        self._seen: tuple[int, int] | None = None
        with self.engine.connect() as connection:
            connection.exec_driver_sql("ATTACH DATABASE ? AS live", (f"file:{quote(_path(live))}?mode=ro",))
            connection.exec_driver_sql("PRAGMA live.cache_size=-32768")
            connection.exec_driver_sql(TOUCHED)

    def settle(self, progress: Progress | None = None) -> None:
        """Take in what was recorded, telling ``progress`` (streams folded, streams to fold).

        Raises:
            NoOverlayError: the live read models are no longer current, or too far from the log.
        """
        self._touched.progress = progress
        with self.reading_rows():
            self._touched.progress = None

    @contextmanager
    def reading_rows(self) -> Generator[Connection]:
        """One read of the live read models and of what is laid over them, both of one state."""
        self._knowledge.blocks()
        with self.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            try:
                self._settle(connection)
            except TooManyError as error:
                self._knowledge.forget()
                raise NoOverlayError from error
            try:
                yield connection
            finally:
                connection.commit()

    def _settle(self, connection: Connection) -> None:
        """Take in what was recorded, and what the live read models took in, since it was looked at last."""
        generations = self._generations(connection)  # from this first read on, one state of the live rows is seen
        version = int(connection.exec_driver_sql("PRAGMA live.data_version").scalar_one())
        head = self._touched.head()  # after the live rows: these hold nothing behind it
        if self._seen == (version, head):
            return
        if [generation.id for generation in generations] != [generation.id for generation in self._laid]:
            self._lay(connection, generations)
        overlays = self.generations(connection)
        self._touched.settle(connection, overlays, generations, head)
        for present in self._present:
            present.settle(connection)
        self.move(connection, overlays, self._touched.reached)
        self._seen = version, head

    def _generations(self, connection: Connection) -> list[Generation]:
        """The live generations, of which all must be this release's."""
        sql = "SELECT id, name, version, position, state, zones, began FROM live.generation WHERE state='live'"
        by_name = {
            row[1]: Generation(row[0], self.models[row[1]], row[2], row[3], row[4], row[5], sharded=False, began=row[6])
            for row in connection.exec_driver_sql(sql)
            if row[1] in self.models
        }
        if set(by_name) != set(self.models) or not all(map(self._live.is_current, by_name.values())):
            raise NoOverlayError
        return [by_name[name] for name in self.models]

    def _lay(self, connection: Connection, generations: Sequence[Generation]) -> None:
        """Point every view at these live generations, with nobody left out yet."""
        for present in self._present:
            present.drop(connection)
        self._touched.forget(connection)
        overlays = {generation.model.name: generation for generation in self.generations(connection)}
        for generation in overlays.values():
            for table in generation.own_tables():
                connection.exec_driver_sql(f"DELETE FROM main.{table.name}")
        connection.exec_driver_sql("DELETE FROM main.quarantine")
        for live in generations:
            for table in live.model.all_tables:
                self._view(connection, table, live, overlays[live.model.name])
        self._present = [Present(live, overlays[live.model.name]) for live in generations if live.model.counts]
        for present in self._present:
            present.create(connection)
        self._laid = list(generations)

    def _view(self, connection: Connection, table: Table, live: Generation, overlay: Generation) -> None:
        view = sums_view if table in live.model.counts else rows_view
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS temp.{table.name}")
        connection.exec_driver_sql(f"CREATE TEMP VIEW {table.name} AS {view(live.table(table), overlay.table(table))}")


def _path(live: ReadStore) -> str:
    return live.url.removeprefix("sqlite:///")
