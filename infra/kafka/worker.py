"""The worker: a member of the group that folds what the topic says has moved, and begins anew when it must."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection
from dataclasses import dataclass

import psycopg
import structlog
from sqlalchemy.exc import DBAPIError

from domain.errors import ExpectedError
from infra.eventstore.setup import UNAVAILABLE
from infra.kafka.batch import Batch, Folder, InterruptedBatchError, OtherReleaseError
from infra.kafka.connection import AWAY, TopicAddress, TopicMissingError
from infra.kafka.consumer import Member, StandstillError, TopicMovedError
from infra.kafka.metrics import FENCED, FOLDED, LAG, QUARANTINED, RESTARTS
from infra.readmodels.ownership import FencedError
from infra.readmodels.projector import Projector
from infra.readmodels.release import Standing


class LogPutBackError(ExpectedError):
    """The read models are ahead of the log: they are to be built anew before anything is added to them."""


STORE_AWAY: tuple[type[Exception], ...] = (*UNAVAILABLE, DBAPIError, psycopg.Error)
_AGAIN: tuple[type[Exception], ...] = (
    *STORE_AWAY,
    *AWAY,
    TopicMissingError,
    TopicMovedError,
    StandstillError,
    OtherReleaseError,
    LogPutBackError,
)
_PAUSE_SECONDS = 1.0
_REST_SECONDS = 2.0
_NOTE_SECONDS = 2.0


def _check(states: Collection[Standing]) -> None:
    """Also a worker that has nothing to do notices that it has to build, or to leave its partitions to others.

    Raises:
        LogPutBackError: the read models hold what the log does not.
        OtherReleaseError: another release's are live.
    """
    if "ahead" in states:
        raise LogPutBackError
    if states != {"current"}:
        raise OtherReleaseError


@dataclass
class Worker:
    """Keeps the read models in step with the topic, side by side with others of its group."""

    projector: Projector
    place: TopicAddress

    def __post_init__(self) -> None:
        """Prepare; ``run`` begins."""
        self.stop = threading.Event()
        self.alive = time.monotonic()
        self._noted = 0.0
        self._logger = structlog.get_logger("projector")

    @property
    def healthy(self) -> bool:
        """Whether the loop of work has been through in the last minutes."""
        return time.monotonic() - self.alive < 300

    def run(self, *, until_caught_up: bool = False) -> None:
        """Work until ``stop`` is set, or until the read models hold what the log holds now."""
        target = self.projector.log.head() if until_caught_up else None
        while not self.stop.is_set():
            try:
                self.projector.renew()
                if self.projector.rests:
                    if until_caught_up:
                        return
                    self._rest()
                    continue
                self._work(target)
            except InterruptedBatchError:
                return
            except _AGAIN as error:
                RESTARTS.labels(type(error).__name__).inc()
                self._logger.warning("a new consumer goes on from what is stored", error=type(error).__name__)
                self.stop.wait(_PAUSE_SECONDS)
            else:
                return

    def _rest(self) -> None:
        """Out of the group, whose partitions are for the workers of the other release."""
        self.alive = time.monotonic()
        self._note(idle=False)
        self.stop.wait(_REST_SECONDS)

    def _work(self, target: int | None) -> None:
        """With one consumer, until something goes wrong with it or there is no more to do."""
        projector = self.projector
        folder = Folder(projector.log, projector.reads, self.place.topic, self.stop)
        member = Member(self.place, projector.reads)
        try:
            while not self.stop.is_set():
                self.alive = time.monotonic()
                batch = member.batch()
                if batch.records:
                    self._take(folder, member, batch)
                self._note(idle=not batch.records)
                if target is not None and not batch.records and projector.reached() >= target:
                    return
        finally:
            member.close()

    def _take(self, folder: Folder, member: Member, batch: Batch) -> None:
        with member.folding():
            try:
                folder.take(batch)
                FOLDED.inc(batch.records)
                return
            except FencedError:
                FENCED.inc()
                self._logger.warning("a batch was given up: its partitions have moved on")
        member.rewind()

    def _note(self, *, idle: bool) -> None:
        """Every other second: keep the position that is reached, and say how far behind that is."""
        now = time.monotonic()
        if now - self._noted < _NOTE_SECONDS and not idle:
            return
        self._noted = now
        status = self.projector.status()
        if not self.projector.rests:
            _check({row.state for row in status})
            self.projector.keep_position()
        LAG.set(max((row.lag for row in status), default=0))
        QUARANTINED.set(sum(row.quarantined for row in status))
