"""The projector: from the log to the read models, page by page.

A page is a range of the log; the clients in it are folded once each from their whole streams, so that in a
backlog each client is folded once however its entries are interleaved. Rows, counts and position are written
in one transaction. What is folded beyond the page is recognised later by its sequence and skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from domain.entries import microseconds
from infra.collecting import collector_paused
from infra.projector.folding import fold_clients
from infra.projector.generations import QUARANTINE, Generation, State
from infra.projector.letters import letters, waiting
from infra.projector.readstore import ReadStore
from infra.projector.writing import Writers
from infra.store.log import EventLog
from projections.base import ReadModel

PAGE = 50_000  # entries in one transaction: fewer and larger ones write each leaf of an index less often
CLIENTS_AT_ONCE = 200  # whatever the length of their charts
ENTRIES_AT_ONCE = 20_000  # in memory, where the lengths are known
_WHEN_SHORT = 5  # times as many clients then

Progress = Callable[[int, int], None]
Streamed = Callable[[Connection], int]


@dataclass(frozen=True, slots=True)
class ProjectionStatus:
    """Where one read model is: its live generation, its position, the log's head, the lag in positions.

    ``quarantined`` clients are stopped, the first of them since ``stopped_since``.
    """

    projection: str
    generation: int
    version: int
    position: int
    head: int
    lag: int
    quarantined: int
    stopped_since: datetime | None = None


class Projector:
    """Keeps the read models of a read store in step with a log."""

    def __init__(self, log: EventLog, reads: ReadStore, streamed: Streamed | None = None) -> None:
        """Use a log and a read store; ``streamed`` says how far workers are who read a topic."""
        self.log = log
        self.reads = reads
        self._streamed = streamed

    def catch_up(self, progress: Progress | None = None) -> int:
        """Bring every live read model to the head of the log; gives the position reached.

        A read model whose live generation is of another version or other time zones is rebuilt beside it first.
        ``progress`` is called with (position, head) after each page.
        """
        self.renew(progress)
        return self._advance("live", progress)

    def renew(self, progress: Progress | None = None) -> list[str]:
        """Rebuild the read models whose live generation is of another version or zones; gives their names."""
        outdated = [model.name for model in self._outdated()]
        return self.rebuild(outdated, progress) if outdated else []

    def reached(self) -> int:
        """The position that every live read model holds."""
        with self.reads.reading() as connection:
            streamed = self._streamed(connection) if self._streamed else 0
            return max(streamed, min((g.position for g in self.reads.generations(connection)), default=0))

    def keep_position(self) -> None:
        """Store the position that workers have reached, for whoever follows the log itself after them."""
        position = self.reached()
        with self.reads.noting() as connection:
            self.reads.move(connection, self.reads.generations(connection), position)

    def rebuild(self, names: Sequence[str] = (), progress: Progress | None = None) -> list[str]:
        """Build new generations from the log's beginning beside the live ones, then switch to them.

        Readers see the old rows until the switch, then the new ones, and never a mixture. A rebuild that was
        cut off is started anew.

        Raises:
            KeyError: no read model of that name.
        """
        models = [self.reads.models[name] for name in names] or list(self.reads.models.values())
        with self.reads.building() as connection:
            for generation in self.reads.generations(connection, "building"):
                if generation.model in models:
                    self.reads.drop(connection, generation)
            for model in models:
                self.reads.create(connection, model)
        self._take_over(models, progress)
        return [model.name for model in models]

    def rollback(self, name: str, progress: Progress | None = None) -> None:
        """Go back to the generation before the last rebuild: brought to the head, then switched to.

        Raises:
            KeyError: no read model of that name.
            NoPreviousError: there is none that this release could go on with.
        """
        model = self.reads.models[name]
        with self.reads.building() as connection:
            self.reads.revive(connection, name)
        self._take_over([model], progress)

    def _take_over(self, models: Sequence[ReadModel], progress: Progress | None) -> None:
        """Bring what is being built to the head, then let readers see it, at the head still."""
        self._advance("building", progress)
        with self.reads.switching() as connection:
            while self._step(connection, "building") < self.log.head():
                pass
            for generation in self._current(connection, "building"):
                if generation.model in models:
                    self.reads.switch(connection, generation)

    def retry(self, client_id: str | None = None) -> tuple[int, int]:
        """Fold every quarantined client again, or this one; gives (healed, still stopped), read model by read model."""
        with self.reads.writing() as connection:
            stopped = self._quarantined(connection, client_id)
            for generation in self._current(connection, "live"):
                which = QUARANTINE.c.generation == generation.id
                if client_id is not None:
                    which &= QUARANTINE.c.client_id == client_id
                clients = [row.client_id for row in connection.execute(select(QUARANTINE.c.client_id).where(which))]
                writers = self._writers(connection, [generation])
                for client_ids in chunks(clients, CLIENTS_AT_ONCE):
                    self._clients(writers, client_ids, None)
                writers.finish()
            left = self._quarantined(connection, client_id)
        return stopped - left, left

    def status(self) -> list[ProjectionStatus]:
        """Position and lag of every live read model, measured against the log's true head now."""
        head = self.log.head()
        with self.reads.reading() as connection:
            stopped = waiting(connection)
            streamed = self._streamed(connection) if self._streamed else 0
            return [
                _status(generation, max(streamed, generation.position), head, *stopped.get(generation.id, (0, None)))
                for generation in self.reads.generations(connection)
            ]

    def quarantined(self) -> list[dict[str, object]]:
        """Clients that a live read model could not fold: which, at which entry, why, since when and how often."""
        with self.reads.reading() as connection:
            return letters(connection, self.reads.generations(connection))

    def _outdated(self) -> list[ReadModel]:
        with self.reads.reading() as connection:
            live = self.reads.generations(connection)
        return [generation.model for generation in live if not self.reads.is_current(generation)]

    def _advance(self, state: State, progress: Progress | None = None) -> int:
        while True:
            head = self.log.head()
            with self.reads.building() if state == "building" else self.reads.writing() as connection:
                position = self._step(connection, state)
            if progress:
                progress(position, head)
            if position >= head:
                return position

    def _step(self, connection: Connection, state: State) -> int:
        """One page for the generations that are furthest behind; gives the lowest position after it."""
        generations = self._current(connection, state)
        if not generations:  # another process has switched to them, or made others its own way
            return self.log.head()
        lowest = min(generation.position for generation in generations)
        behind = [generation for generation in generations if generation.position == lowest]
        others = [generation.position for generation in generations if generation.position > lowest]
        page = self.log.recorder.touched(lowest, PAGE)
        if others:
            page = [row for row in page if row[0] <= min(others)]
        if not page:
            return lowest
        self._page(connection, behind, {client_id: sequence for _, client_id, sequence in page})
        self.reads.move(connection, behind, page[-1][0])
        return page[-1][0]

    def _current(self, connection: Connection, state: State) -> list[Generation]:
        """Those that this process folds: it writes no row of its zones or its version among others' rows."""
        return [found for found in self.reads.generations(connection, state) if self.reads.is_current(found)]

    def _page(self, connection: Connection, generations: Sequence[Generation], touched: dict[str, int]) -> None:
        writers = self._writers(connection, generations)
        with collector_paused():
            for client_ids in batches(touched):
                self._clients(writers, client_ids, touched)
            writers.finish()

    def _writers(self, connection: Connection, generations: Sequence[Generation]) -> Writers:
        return Writers(connection, generations, now=microseconds(self.log.clock()))

    def _clients(self, writers: Writers, client_ids: Sequence[str], touched: dict[str, int] | None) -> None:
        """Fold these clients once, and write them for each generation that has not got them yet."""
        known = writers.known(client_ids)
        wanted = [
            client_id
            for client_id in client_ids
            if touched is None or any(found.get(client_id, 0) < touched[client_id] for found in known)
        ]
        if wanted:
            models = [writer.generation.model for writer in writers.each]
            writers.write(list(fold_clients(self.log, models, wanted)), known, again=touched is None)

    def _quarantined(self, connection: Connection, client_id: str | None) -> int:
        found = letters(connection, self.reads.generations(connection))
        return sum(client_id in {None, letter["client_id"]} for letter in found)


def _status(generation: Generation, position: int, head: int, stopped: int, since: datetime | None) -> ProjectionStatus:
    name, lag = generation.model.name, max(0, head - position)
    return ProjectionStatus(name, generation.id, generation.version, position, head, lag, stopped, since)


def batches(touched: Mapping[str, int]) -> Iterator[list[str]]:
    """Clients with so many entries each, in runs that fit in memory; in order, so that indexes grow side by side."""
    batch: list[str] = []
    entries = 0
    for client_id in sorted(touched):
        if batch and (len(batch) >= _WHEN_SHORT * CLIENTS_AT_ONCE or entries + touched[client_id] > ENTRIES_AT_ONCE):
            yield batch
            batch, entries = [], 0
        batch.append(client_id)
        entries += touched[client_id]
    if batch:
        yield batch


def chunks(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """The items in runs of at most ``size``."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
