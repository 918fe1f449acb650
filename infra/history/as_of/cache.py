"""LRU cache of as-of stores."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic

from infra.history.as_of.dependencies import models_of
from infra.history.as_of.store import Progress, S, opened_then

KEPT = 3
FOLDED_AT_ONCE = 2  # moments: a server has others to answer, too
_Key = tuple[datetime, int | None, tuple[str, ...]]


@dataclass
class _Moment(Generic[S]):
    then: S
    turn: threading.Lock = field(default_factory=threading.Lock)
    gone: bool = False

    def close(self) -> None:
        """Let who is asking finish first."""
        with self.turn:
            self.gone = True
            self.then.reads.close()


class Past(Generic[S]):
    """The services at a few moments. Each is brought up to date before it answers: an import may add old knowledge."""

    def __init__(self, services: S) -> None:
        """Keep nothing yet."""
        self._services = services
        self._moments: OrderedDict[_Key, _Moment[S]] = OrderedDict()
        self._lock = threading.Lock()
        self._folding = threading.Semaphore(FOLDED_AT_ONCE)

    @contextmanager
    def at(
        self, moment: datetime, report: str, progress: Progress | None = None, until: int | None = None
    ) -> Generator[S]:
        """The services as they would have answered a report at ``moment`` (aware).

        With ``until``, from the log up to that position: what an import adds behind it with older knowledge times
        changes nothing.
        """
        while True:
            found = self._found(moment, report, until)
            with found.turn:
                if found.gone:  # others asked for so many moments since that this one had to go
                    continue
                with self._folding:
                    found.then.projector.catch_up(progress)
                yield found.then
                return

    def close(self) -> None:
        """Forget every moment."""
        with self._lock:
            moments = list(self._moments.values())
            self._moments.clear()
        for found in moments:
            found.close()

    def _found(self, moment: datetime, report: str, until: int | None) -> _Moment[S]:
        models = models_of(report)
        key = moment, until, tuple(model.name for model in models)
        with self._lock:
            found = self._moments.pop(key, None)
            if found is None:
                found = _Moment(opened_then(self._services, moment, models, until))
            self._moments[key] = found
            gone = [self._moments.popitem(last=False)[1] for _ in range(len(self._moments) - KEPT)]
        for old in gone:
            old.close()
        return found
