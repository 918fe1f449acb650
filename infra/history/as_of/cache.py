"""LRU cache of as-of stores."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic

from infra.history.as_of.overlay import NoOverlayError, OverlaidReads
from infra.history.as_of.store import Progress, S, opened_over_live, opened_then
from projections.base import ReadModel

KEPT = 3
FOLDED_AT_ONCE = 2  # moments: a server has others to answer, too
_Key = tuple[datetime, int | None, tuple[str, ...]]


@dataclass
class _Moment(Generic[S]):
    services: S
    at: datetime
    models: Sequence[ReadModel]
    until: int | None
    then: S | None = None
    turn: threading.Lock = field(default_factory=threading.Lock)
    dropped: bool = False

    def brought_up(self, progress: Progress | None) -> S:
        """The services of the moment with all that is known of it: over the live read models, or else replayed."""
        try:
            return self._brought_up(progress)
        except NoOverlayError:
            self._forget()
        try:  # the live ones may be others by now
            self.then = opened_over_live(self.services, self.at, self.models, self.until)
            return self._brought_up(progress)
        except NoOverlayError:
            self._forget()
        self.then = opened_then(self.services, self.at, self.models, self.until)
        return self._brought_up(progress)

    def _brought_up(self, progress: Progress | None) -> S:
        if self.then is None:
            raise NoOverlayError
        if isinstance(self.then.reads, OverlaidReads):
            self.then.reads.settle(progress)
        else:
            self.then.projector.catch_up(progress)
        return self.then

    def close(self) -> None:
        """Let who is asking finish first."""
        with self.turn:
            self.dropped = True
            self._forget()

    def _forget(self) -> None:
        if self.then is not None:
            self.then.reads.close()
        self.then = None


class AsOfCache(Generic[S]):
    """The services at a few moments. Each is brought up to date before it answers: an import may add old knowledge."""

    def __init__(self, services: S) -> None:
        """Keep nothing yet."""
        self._services = services
        self._moments: OrderedDict[_Key, _Moment[S]] = OrderedDict()
        self._lock = threading.Lock()
        self._folding = threading.Semaphore(FOLDED_AT_ONCE)

    @contextmanager
    def at(
        self, moment: datetime, models: Sequence[ReadModel], progress: Progress | None = None, until: int | None = None
    ) -> Generator[S]:
        """The services with these read models as they would have answered at ``moment`` (aware).

        With ``until``, from the log up to that position: what an import adds behind it with older knowledge times
        changes nothing.
        """
        while True:
            kept = self._found(moment, models, until)
            with kept.turn:
                if kept.dropped:  # others asked for so many moments since that this one had to go
                    continue
                with self._folding:
                    then = kept.brought_up(progress)
                yield then
                return

    def close(self) -> None:
        """Forget every moment."""
        with self._lock:
            moments = list(self._moments.values())
            self._moments.clear()
        for kept in moments:
            kept.close()

    def _found(self, moment: datetime, models: Sequence[ReadModel], until: int | None) -> _Moment[S]:
        key = moment, until, tuple(model.name for model in models)
        with self._lock:
            kept = self._moments.pop(key, None)
            if kept is None:
                kept = _Moment(self._services, moment, models, until)
            self._moments[key] = kept
            dropped = [self._moments.popitem(last=False)[1] for _ in range(len(self._moments) - KEPT)]
        for old in dropped:
            old.close()
        return kept
