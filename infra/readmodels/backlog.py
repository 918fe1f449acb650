"""Backlog of a read model: a long run of the log, folded in the order of clients.

Rows are kept by client, and ids are random. Page by page of the log each leaf of an index would be written again for
every few clients of it, dozens of times in all; in the order of clients it is written once for a window.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from infra.eventstore.log import EventLog

LEAST = 200_000  # entries behind from which it pays
WINDOWS = 8  # of the whole log: between two of them a build that was cut off goes on, and says how far it is
_READ_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class Window:
    """A run of the log up to position ``end``: of each client in it the last sequence there."""

    end: int
    touched: dict[str, int]

    def runs(self, entries: int) -> Iterator[dict[str, int]]:
        """Its clients in order, with about so many entries together."""
        run: dict[str, int] = {}
        together = 0
        for client_id in sorted(self.touched):
            run[client_id] = self.touched[client_id]
            together += run[client_id]
            if together >= entries:
                yield run
                run, together = {}, 0
        if run:
            yield run


def is_backlog(after: int, until: int) -> bool:
    """Whether there is so much between two positions that a window pays."""
    return until - after >= LEAST


def window_size(head: int) -> int:
    """Entries of a window, of a log of so many."""
    return max(LEAST, head // WINDOWS)


def window_of(log: EventLog, after: int, until: int) -> Window:
    """The next window after a position, which ends at ``until`` at the latest."""
    size = window_size(log.head())
    last = until if until - after < 2 * size else after + size
    touched: dict[str, int] = {}
    end = after
    while end < last and (page := log.recorder.touched(end, _READ_AT_ONCE)):
        for position, client_id, sequence in page:
            if position > last:
                break
            touched[client_id], end = sequence, position
        if page[-1][0] > last:
            break
    return Window(end, touched)
