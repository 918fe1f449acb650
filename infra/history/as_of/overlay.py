"""Overlay: the live read models as of a moment, without the streams of whom something was learned since.

Of whom nothing was learned after a moment has the same rows now as then. So each table is a view: the live rows of
everybody who stayed, and the rows of the others, folded as of the moment. Counts are the live ones less what the others
add now, and with what they added then.

Whom it leaves out and what the live rows are comes from one read transaction, so that a reader never sees somebody
twice or not at all, however the live read models go on. What was added since is taken in before each read.

Where the rows of the moment are kept, and how the live ones are reached from there, is the database's part:
``overlay_databases``.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Generator, Mapping, Sequence, Set
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from domain.days import Calendar
from infra.history.as_of.overlay_views import Schemas, rows_view, sums_view
from infra.history.as_of.present import Present
from infra.history.as_of.recorded_blocks import Knowledge
from infra.history.as_of.touched import TooManyError, Touched
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

    schemas: Schemas
    begin: str  # a transaction that sees one state of the live rows

    def __init__(
        self,
        url: str,
        live: ReadStore,
        models: Sequence[ReadModel],
        calendar: Calendar,
        knowledge: Knowledge,
        touched: Touched,
    ) -> None:
        """Make the tables of the moment at ``url``, empty."""
        self._live, self._touched, self._knowledge = live, touched, knowledge
        self._laid: list[Generation] = []
        self._overlays: Mapping[str, Generation] = {}
        self._present: list[Present] = []
        self._seen: tuple[object, int] | None = None
        super().__init__(url, models, calendar)

    @abstractmethod
    def _version(self, connection: Connection) -> object:
        """Something that differs whenever the live rows may."""

    @abstractmethod
    def _shown(self, connection: Connection) -> AbstractContextManager[None]:
        """Let readers see the views until the block ends."""

    def settle(self, progress: Progress | None = None) -> None:
        """Take in what was recorded, telling ``progress`` (streams folded, streams to fold).

        Raises:
            NoOverlayError: the live read models are no longer current, or too far from the log.
        """
        self._touched.progress = progress
        try:
            with self.reading_rows():
                self._touched.progress = None
        except (DBAPIError, self.engine.dialect.loaded_dbapi.Error) as error:  # what was kept of it may be gone
            raise NoOverlayError from error

    @contextmanager
    def reading_rows(self) -> Generator[Connection]:
        """One read of the live read models and of what is laid over them, both of one state."""
        self._knowledge.blocks()
        with self.engine.connect() as connection:
            connection.exec_driver_sql(self.begin)
            try:
                self._settle(connection)
                with self._shown(connection):
                    yield connection
            except TooManyError as error:
                self._knowledge.forget()
                raise NoOverlayError from error
            finally:
                connection.commit()  # what is kept of the moment

    def _settle(self, connection: Connection) -> None:
        """Take in what was recorded, and what the live read models took in, since it was looked at last."""
        generations = self._generations(connection)  # from this first read on, one state of the live rows is seen
        version = self._version(connection)
        head = self._touched.head()  # after the live rows: these hold nothing behind it
        if self._seen == (version, head):
            return
        if [generation.id for generation in generations] != [generation.id for generation in self._laid]:
            self._lay(connection, generations)
        overlays = self.generations(connection)
        self._touched.settle(connection, self.schemas.live, overlays, generations, head)
        for present in self._present:
            present.settle(connection)
        self.move(connection, overlays, self._touched.reached)
        self._seen = version, head

    def _generations(self, connection: Connection) -> list[Generation]:
        """The live generations, of which all must be this release's."""
        names = "id, name, version, position, state, zones, began"
        rows = connection.exec_driver_sql(f"SELECT {names} FROM {self.schemas.live}.generation WHERE state='live'")
        sharded = not self.is_sqlite
        by_name = {
            name: Generation(key, self.models[name], version, position, state, zones, sharded, began)
            for key, name, version, position, state, zones, began in rows
            if name in self.models
        }
        if set(by_name) != set(self.models) or not all(map(self._live.is_current, by_name.values())):
            raise NoOverlayError
        return [by_name[name] for name in self.models]

    def _lay(self, connection: Connection, generations: Sequence[Generation]) -> None:
        """Lay the moment over these live generations, with nobody left out yet."""
        for present in self._present:
            present.drop(connection)
        self._touched.forget(connection)
        self._overlays = {generation.model.name: generation for generation in self.generations(connection)}
        for generation in self._overlays.values():
            for table in generation.own_tables():
                connection.exec_driver_sql(f"DELETE FROM {self.schemas.here}.{table.name}")
        connection.exec_driver_sql(f"DELETE FROM {self.schemas.here}.quarantine")
        counted = [live for live in generations if live.model.counts]
        self._present = [Present(self.schemas, live, self._overlays[live.model.name]) for live in counted]
        for present in self._present:
            present.create(connection)
        self._laid = list(generations)

    def _point_views(self, connection: Connection, generation: Generation, existing: Set[str]) -> None:
        """None: readers see those of ``_selections``."""

    def _selections(self) -> dict[str, str]:
        """What each view selects, by its name, over the generations that were laid."""
        return {
            table.name: (sums_view if table in live.model.counts else rows_view)(
                self.schemas, live.table(table), self._overlays[live.model.name].table(table)
            )
            for live in self._laid
            for table in live.model.all_tables
        }
