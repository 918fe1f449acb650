"""One batch of records: the clients in it, folded from the log, and written with the offsets in one transaction.

The log is what is folded: a record says which client has moved, and how far. A record that was missed, doubled or
came out of order therefore changes nothing; a gap is closed by the same read.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog

from domain.entries import microseconds
from domain.errors import ExpectedError
from infra.eventstore.log import EventLog
from infra.kafka.metrics import FOREIGN
from infra.kafka.records import EntryPlace, place_of
from infra.observability import telemetry
from infra.readmodels.fold import Folded, fold_clients
from infra.readmodels.generations import Generation
from infra.readmodels.ownership import Claimed, Moved, advance
from infra.readmodels.projector import batches
from infra.readmodels.readstore import ReadStore
from infra.readmodels.writer import Writers
from infra.runtime.collector import collector_paused

_LOG_BEHIND_SECONDS = 0.2


class OtherReleaseError(ExpectedError):
    """Readers see a generation of another version, or of other time zones, than this process folds: it must not write
    to it.
    """


class InterruptedBatchError(Exception):
    """The worker is to stop while the log is behind the topic."""


@dataclass
class Batch:
    """What some records say: how far each partition goes, and how far each client is."""

    partitions: dict[int, Moved] = field(default_factory=dict[int, Moved])
    clients: dict[str, EntryPlace] = field(default_factory=dict[str, EntryPlace])
    records: int = 0
    correlations: set[UUID] = field(default_factory=set[UUID])

    def add(self, number: int, claimed: Claimed, records: Sequence[Any]) -> None:
        """Take a partition's records in, in their order."""
        before = self.partitions.get(number)
        position = before.position if before else 0
        for record in records:
            place = place_of(record.headers)
            if place is None:
                FOREIGN.inc()
                continue
            position = max(position, place.position)
            if place.correlation:
                self.correlations.add(place.correlation)
            known = self.clients.get(place.client_id)
            if known is None or known.sequence < place.sequence:
                self.clients[place.client_id] = place
        self.partitions[number] = Moved(claimed.epoch, records[-1].offset + 1, position)
        self.records += len(records)


@dataclass
class Folder:
    """Folds batches into the live generations."""

    log: EventLog
    reads: ReadStore
    topic: str
    stop: threading.Event

    def __post_init__(self) -> None:
        """Prepare."""
        self._logger = structlog.get_logger("projector")

    def take(self, batch: Batch) -> None:
        """Fold and write a batch; it is committed, or nothing of it is.

        Raises:
            FencedError: a partition has another owner; the batch is given up.
            OtherReleaseError: a generation of another release, or of other time zones, is live.
            InterruptedBatchError: the worker is to stop before the log holds what the batch names.
        """
        with collector_paused():
            began = time.time_ns()
            generations, wanted = self._wanted(batch.clients)
            folded = self._fold(generations, wanted)
            read = time.time_ns()
            with self.reads.sharing() as connection:
                advance(connection, self.topic, batch.partitions)
                now = self._live(self.reads.generations(connection))
                if [g.id for g in now] != [g.id for g in generations]:
                    raise OtherReleaseError
                self._write(Writers(connection, now, min(batch.partitions), microseconds(self.log.clock())), folded)
        self._tell(batch.correlations, began, read)

    def _tell(self, correlations: Collection[UUID], began: int, read: int) -> None:
        """Of each request that recorded something of a batch: it is in the read models now."""
        telemetry.record("fold", correlations, began, read)
        telemetry.record("write", correlations, read, time.time_ns())
        for correlation in correlations:
            self._logger.info("projected", correlation_id=correlation.urn.removeprefix("urn:uuid:"))

    def _write(self, writers: Writers, folded: Sequence[Folded]) -> None:
        if folded:
            writers.write(folded, writers.known([item.client_id for item in folded]))
            writers.finish()

    def _wanted(self, clients: Mapping[str, EntryPlace]) -> tuple[list[Generation], dict[str, EntryPlace]]:
        """The live generations, and the clients that one of them does not hold that far."""
        with self.reads.reading() as connection:
            generations = self._live(self.reads.generations(connection))
            known = Writers(connection, generations).known(list(clients))
        wanted = {
            client_id: place
            for client_id, place in clients.items()
            if any(sequences.get(client_id, 0) < place.sequence for sequences in known)
        }
        return generations, wanted

    def _live(self, generations: Iterable[Generation]) -> list[Generation]:
        live = list(generations)
        if not all(self.reads.is_current(generation) for generation in live):
            raise OtherReleaseError
        return live

    def _fold(self, generations: Sequence[Generation], wanted: Mapping[str, EntryPlace]) -> list[Folded]:
        models = [generation.model for generation in generations]
        folded: dict[str, Folded] = {}
        waiting = dict(wanted)
        while waiting:
            for client_ids in batches({client_id: place.sequence for client_id, place in waiting.items()}):
                folded.update((item.client_id, item) for item in fold_clients(self.log, models, client_ids))
            waiting = {
                client_id: place
                for client_id, place in waiting.items()
                if client_id not in folded or folded[client_id].sequence < place.sequence
            }
            if waiting:
                waiting = self._behind(waiting)
        return list(folded.values())

    def _behind(self, waiting: dict[str, EntryPlace]) -> dict[str, EntryPlace]:
        """The log does not hold these yet (a replica, say): wait. What it will never hold is none of its events."""
        head = self.log.head()
        ahead = {client_id: place for client_id, place in waiting.items() if place.position > head}
        if len(ahead) < len(waiting):
            FOREIGN.inc(len(waiting) - len(ahead))
            self._logger.warning("records that the log does not know were left out", records=len(waiting) - len(ahead))
        if ahead and self.stop.wait(_LOG_BEHIND_SECONDS):
            raise InterruptedBatchError
        return ahead
