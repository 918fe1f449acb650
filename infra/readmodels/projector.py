"""Projector: from the log to the read models, page by page.

A page is a range of the log; the clients in it are folded once each from their whole streams, so that in a
backlog each client is folded once however its entries are interleaved. Rows, counts and position are written
in one transaction. What is folded beyond the page is recognised later by its sequence and skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy import Connection, select

from domain.entries import microseconds
from infra.eventstore.log import EventLog
from infra.readmodels import rebuild
from infra.readmodels.backlog import is_backlog, window_of, window_size
from infra.readmodels.dead_letters import letters, waiting
from infra.readmodels.fold import fold_clients
from infra.readmodels.generations import QUARANTINE, Generation
from infra.readmodels.healed_letters import Healed, Healer, healed, last_healed
from infra.readmodels.leases import LIVE, Held, LeaseLostError, held
from infra.readmodels.readstore import ReadStore
from infra.readmodels.release import RESTS, LiveStanding, Standing, standings, to_build
from infra.readmodels.underway import Underway, underway
from infra.readmodels.writer import Writers
from infra.runtime.collector import collector_paused

PAGE = 50_000  # entries in one transaction: fewer and larger ones write each leaf of an index less often
CLIENTS_AT_ONCE = 200  # whatever the length of their charts
ENTRIES_AT_ONCE = 20_000  # in memory, where the lengths are known
_WHEN_SHORT = 5  # times as many clients then

Progress = Callable[[int, int], None]
Streamed = Callable[[Connection], int]
Generations = Callable[[Connection], Sequence[Generation]]


@dataclass(frozen=True, slots=True)
class ProjectionStatus:
    """Where one read model is: its live generation, its position, the log's head, the lag in positions.

    ``state`` is how this release stands to it (see ``standing``); "ahead", it is of a log that was put back.
    ``holder`` is the process that projected last (its number and a random part), ``heartbeat_age`` how many seconds ago
    it was heard of; None where workers read a topic, or nobody has projected yet.
    ``building`` is the generation that is being built beside it, if one is: its position, and how long it will take.
    ``quarantined`` clients are stopped, the first of them since ``stopped_since``; the last one that was healed was
    healed then, so and at whose command (empty: nobody's, see ``healing``).
    """

    projection: str
    generation: int
    version: int
    position: int
    head: int
    lag: int
    quarantined: int
    state: Standing
    holder: str | None = None
    heartbeat_age: float | None = None
    stopped_since: datetime | None = None
    building: int | None = None
    building_position: int | None = None
    building_seconds_left: float | None = None
    last_healed: datetime | None = None
    healed_how: str = ""
    healed_by: str = ""


class Projector:
    """Keeps the read models of a read store in step with a log."""

    def __init__(self, log: EventLog, reads: ReadStore, streamed: Streamed | None = None) -> None:
        """Use a log and a read store; ``streamed`` says how far workers are who read a topic."""
        self.log = log
        self.reads = reads
        self._streamed = streamed
        self.had = set[str]()
        self._looked = False
        self._resting: Mapping[str, Standing] = {}

    @property
    def rests(self) -> bool:
        """Whether it left a read model to another release when it looked last: see ``standing``."""
        return bool(self._resting)

    def catch_up(self, progress: Progress | None = None) -> int:
        """Bring every live read model to the head of the log; gives the position reached.

        A read model whose live generation is of an older version or other time zones, or ahead of the log, is rebuilt
        beside it first; one of a newer release is left to that. ``progress`` is called with (position, head) after
        each page.
        """
        self.renew(progress)
        position = self._advance(progress)
        return min(position, self.reached()) if self.rests else position

    def renew(self, progress: Progress | None = None) -> list[str]:
        """Rebuild what is outdated or ahead of the log, drop what dead processes left; gives the names of the rebuilt.

        Where a newer release's generation is live, or somebody went back from this one, it rests, and says so once.
        """
        names: list[str] = []
        stood, half_built = self._stood()
        if (half_built and not self._looked) or self.to_build(stood):
            names = rebuild.renew(self, progress)
            stood, _ = self._stood()
        self._looked = True
        self.had.update(comparison.live.model.name for comparison in stood if comparison.standing == "current")
        self._rest(
            {comparison.live.model.name: comparison.standing for comparison in stood if comparison.standing in RESTS}
        )
        return names

    def to_build(self, stood: Sequence[LiveStanding]) -> list[LiveStanding]:
        """What is to be built anew: ``release.to_build``; workers who read a topic are further than what is stored."""
        return to_build(stood, 0 if self._streamed else self.log.head())

    def _stood(self) -> tuple[list[LiveStanding], bool]:
        """How this release stands to what is live, and whether something is half built."""
        with self.reads.reading() as connection:
            every = self.reads.generations(connection, None)
        stood = standings(every, self.reads.zones, self.log.head(), self.had)
        return stood, any(generation.state == "building" for generation in every)

    def _rest(self, resting: Mapping[str, Standing]) -> None:
        if resting != self._resting:
            log = structlog.get_logger("projector")
            if resting:
                log.warning("this release rests where another one's read models are live", resting=dict(resting))
            else:
                log.info("this release's read models are live again")
        self._resting = resting

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

    def rebuild(self, names: Sequence[str] = (), progress: Progress | None = None, by: str = "") -> list[str]:
        """Build new generations from the log's beginning beside the live ones, then switch to them.

        Readers see the old rows until the switch, then the new ones, and never a mixture. Without names, all that are
        of this release or an older one. ``by`` is who asked for it.

        Raises:
            KeyError: no read model of that name.
            NewerReleaseError: a newer release's is live.
        """
        return rebuild.rebuild(self, names, progress, by)

    def rollback(self, name: str | None = None, progress: Progress | None = None, by: str = "") -> list[str]:
        """Go back to the generation before: brought to the head, then switched to; gives the names.

        Without a name, back to this release in every read model that a newer one has live.

        Raises:
            KeyError: no read model of that name.
            NoPreviousError: there is none that this release could go on with.
        """
        return rebuild.rollback(self, name, progress, by)

    def retry(self, client_id: str | None = None, by: str = "") -> tuple[int, int]:
        """Fold every quarantined client again, or this one; gives (healed, still stopped), read model by read model.

        ``by`` is who asked for it, and is kept with who was healed.
        """
        with self.reads.writing() as connection:
            stopped = self._quarantined(connection, client_id)
            for generation in self._current(connection):
                which = QUARANTINE.c.generation == generation.id
                if client_id is not None:
                    which &= QUARANTINE.c.client_id == client_id
                clients = [row.client_id for row in connection.execute(select(QUARANTINE.c.client_id).where(which))]
                writers = self._writers(connection, [generation], Healer("retry", by))
                for client_ids in chunks(clients, CLIENTS_AT_ONCE):
                    self._clients(writers, client_ids, None)
                writers.finish()
            left = self._quarantined(connection, client_id)
        return stopped - left, left

    def status(self) -> list[ProjectionStatus]:
        """Position and lag of every live read model, measured against the log's true head now."""
        with self.reads.reading() as connection:
            stopped, mended = waiting(connection), last_healed(connection)
            streamed = self._streamed(connection) if self._streamed else 0
            holder = None if self._streamed else held(connection)
            every = self.reads.generations(connection, None)
        head = self.log.head()  # after the positions: one beyond it is of a log that was put back
        stood = standings(every, self.reads.zones, head, self.had)
        built = underway(every, head, microseconds(self.log.clock()))
        statuses = [
            _status(
                comparison, max(streamed, comparison.live.position), head, holder, built.get(comparison.live.model.name)
            )
            for comparison in stood
        ]
        return [
            _with_letters(status, stopped.get(status.generation, (0, None)), mended.get(status.projection))
            for status in statuses
        ]

    def quarantined(self) -> list[dict[str, object]]:
        """Clients that a live read model could not fold: which, at which entry, why, since when and how often."""
        with self.reads.reading() as connection:
            return letters(connection, self.reads.generations(connection))

    def healed(self) -> list[Healed]:
        """The last clients whom an entry had stopped and stops no more, newest first."""
        with self.reads.reading() as connection:
            return healed(connection)

    def _advance(self, progress: Progress | None = None) -> int:
        while True:
            head = self.log.head()
            try:
                position = self.bring_on(LIVE, self._current, head, progress)
            except LeaseLostError:  # paused within the page, and another went on
                continue
            if progress:
                progress(position, head)
            if position >= head:
                return position

    def bring_on(self, name: str, generations_of: Generations, head: int, progress: Progress | None) -> int:
        """A page, or where there is a backlog a window of the log, for those that are furthest behind; gives the lowest
        position after it. ``name`` is the lease that its transactions are under, ``head`` the log's last position.

        Raises:
            LeaseLostError: this process was paused and another went on; what was committed before it stays.
        """
        with self.reads.projecting(name) as connection:
            generations = generations_of(connection)
            positions = sorted({generation.position for generation in generations})
            until = min([*positions[1:], head])
            if not positions or not is_backlog(positions[0], until):
                return self.step(connection, generations)
            # counts are written by each transaction: there are few while readers see nothing, and nobody waits
            most = PAGE if any(live.position for live in self.reads.generations(connection)) else window_size(head)
        # read without the lock: whoever folds what comes in goes on meanwhile
        window = window_of(self.log, positions[0], until)
        done = 0
        for run in window.runs(most):
            with self.reads.projecting(name) as connection:
                self._page(connection, _at(positions[0], generations_of(connection)), run)
            done += len(run)
            if progress:
                share = done / len(window.touched)
                progress(positions[0] + int(share * (window.end - positions[0])), head)
        with self.reads.projecting(name) as connection:
            self.reads.move(connection, _at(positions[0], generations_of(connection)), window.end)
        return window.end

    def step(self, connection: Connection, generations: Sequence[Generation]) -> int:
        """One page for those that are furthest behind; gives the lowest position after it, or the head without any."""
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

    def _current(self, connection: Connection) -> list[Generation]:
        """Those that this process folds: it writes no row of its zones or its version among others' rows."""
        return [generation for generation in self.reads.generations(connection) if self.reads.is_current(generation)]

    def _page(self, connection: Connection, generations: Sequence[Generation], touched: dict[str, int]) -> None:
        writers = self._writers(connection, generations)
        with collector_paused():
            for client_ids in batches(touched):
                self._clients(writers, client_ids, touched)
            writers.finish()

    def _writers(
        self, connection: Connection, generations: Sequence[Generation], healer: Healer | None = None
    ) -> Writers:
        return Writers(connection, generations, now=microseconds(self.log.clock()), healer=healer)

    def _clients(self, writers: Writers, client_ids: Sequence[str], touched: dict[str, int] | None) -> None:
        """Fold these clients once, and write them for each generation that has not got them yet."""
        known = writers.known(client_ids)
        wanted = [
            client_id
            for client_id in client_ids
            if touched is None or any(sequences.get(client_id, 0) < touched[client_id] for sequences in known)
        ]
        if wanted:
            models = [writer.generation.model for writer in writers.each]
            writers.write(list(fold_clients(self.log, models, wanted)), known, again=touched is None)

    def _quarantined(self, connection: Connection, client_id: str | None) -> int:
        quarantined = letters(connection, self.reads.generations(connection))
        return sum(client_id in {None, letter["client_id"]} for letter in quarantined)


def _at(position: int, generations: Sequence[Generation]) -> list[Generation]:
    return [generation for generation in generations if generation.position == position]


def _status(
    comparison: LiveStanding, position: int, head: int, holder: Held | None, built: Underway | None
) -> ProjectionStatus:
    live = comparison.live
    state: Standing = "ahead" if live.position > head else comparison.standing
    lag = max(0, head - position)
    who = (holder.holder, round(holder.age, 1)) if holder else (None, None)
    status = ProjectionStatus(live.model.name, live.id, live.version, position, head, lag, 0, state, *who)
    if built is None:
        return status
    far, left = built.position, built.seconds_left
    return replace(status, building=built.generation, building_position=far, building_seconds_left=left)


def _with_letters(
    status: ProjectionStatus, stopped: tuple[int, datetime | None], mended: Healed | None
) -> ProjectionStatus:
    clients, since = stopped
    last = (mended.healed_at, mended.how, mended.healed_by) if mended else (None, "", "")
    when, how, by = last
    return replace(status, quarantined=clients, stopped_since=since, last_healed=when, healed_how=how, healed_by=by)


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
