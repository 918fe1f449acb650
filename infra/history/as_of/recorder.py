"""As-of recorder: the log without what was recorded later.

Knowledge time is when an entry was recorded, not where it stands: an import that keeps knowledge times puts old
entries behind younger ones. So a moment does not cut the log at a position; each entry is asked. Entries of one
commit share their knowledge time, so a commit is known as a whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any, NoReturn

from infra.eventstore.keyring import of_provider
from infra.eventstore.log import EventLog
from infra.eventstore.mapper import recorded_of
from infra.eventstore.rows import LogRecorder, LogRow, Result, Writing
from infra.history.as_of.recorded_blocks import Knowledge, Part
from infra.migrations.model import Component
from infra.runtime.collector import collector_paused


def log_as_of(log: EventLog, knowledge: Knowledge, at: int, until: int | None = None) -> EventLog:
    """A log of the entries recorded at or before ``at`` (µs UTC), to be read like any other; it takes none.

    With ``until``, entries behind that position are not there either, whatever knowledge time they were given.
    """
    recorder = RecorderAsOf(log.recorder, knowledge, at, until)
    return EventLog(recorder, log.keyring, log.calendar, log.clock, log.numbers)


class RecorderAsOf:
    """A recorder that shows only what was known at a moment. Keys and chart numbers are those of now."""

    def __init__(self, recorder: LogRecorder, knowledge: Knowledge, at: int, until: int | None = None) -> None:
        """Look through a recorder; ``knowledge`` says which parts of it need not be read, ``until`` where it ends."""
        self._recorder = recorder
        self._knowledge = knowledge
        self._at = at
        self._until = until
        self._head = (-1, 0)
        self.code_key = recorder.code_key

    def page(self, after: int, limit: int) -> list[LogRow]:
        """The rows after a position that were known."""
        return list(islice(self._rows(after), limit))

    def at(self, positions: Sequence[int]) -> list[LogRow]:
        """The rows at these positions that were known."""
        return self._known(self._recorder.at(positions))

    def touched(self, after: int, limit: int) -> list[tuple[int, str, int]]:
        """(position, client_id, sequence) after a position, of what was known."""
        return list(islice(self._touched(after), limit))

    def streams(self, client_ids: Sequence[str], until: int | None = None) -> list[LogRow]:
        """The streams as they were known; where a younger entry stands before an older one, sequences have gaps."""
        head = self._head[1] if self._head[0] >= 0 else None
        known = [end for end in (until, head, self._until) if end is not None]
        return self._known(self._recorder.streams(client_ids, min(known, default=None)))

    def clients_since(self, after: int) -> int:
        """How many clients have rows after a position that were known."""
        return len({client_id for _, client_id, _ in self._touched(after) if not of_provider(client_id)})

    def head(self) -> int:
        """The last position that was known; 0 where nothing was."""
        head = self._recorder.head()
        if self._head[0] != head:
            self._head = head, self._last_known(head)
        return self._head[1]

    def query(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Read a side table, as it is now."""
        return self._recorder.query(sql, params)

    def batches(self, sql: str, params: Sequence[Any] = ()) -> Iterator[list[tuple[Any, ...]]]:
        """Read a side table, as it is now."""
        return self._recorder.batches(sql, params)

    def retrying(self, work: Callable[[], Result]) -> Result:
        """Do work again when the connection is lost on the way."""
        return self._recorder.retrying(work)

    def writing(self) -> AbstractContextManager[Writing]:
        """What was known at a moment does not change."""
        return _refused()

    def commit(self, work: Callable[[Writing], Result]) -> Result:  # noqa: ARG002 - it is not done
        """What was known at a moment does not change."""
        _refused()

    def migrate(self, component: Component) -> None:  # noqa: ARG002 - the tables are the log's own
        """What was known at a moment does not change."""
        _refused()

    def keep(self, megabytes: int) -> None:
        """Nothing is written here."""

    def close(self) -> None:
        """The log itself stays open."""

    def _last_known(self, head: int) -> int:
        for part in reversed(self._parts(0, head, joined=0)):
            entries = self._known(self._recorder.page(part.after, part.size))
            if entries:
                return entries[-1].position
        return 0

    def _touched(self, after: int) -> Iterator[tuple[int, str, int]]:
        for part in self._parts(after, self._recorder.head()):
            if part.whole:  # no state has to be looked into
                last = part.last if self._until is None else min(part.last, self._until)
                for row in self._recorder.touched(part.after, part.size):
                    if row[0] > last:
                        break
                    yield row
            else:
                rows = self._recorder.page(part.after, part.size)
                yield from ((row.position, row.client_id, row.sequence) for row in self._upto(part.last, rows))

    def _rows(self, after: int) -> Iterator[LogRow]:
        for part in self._parts(after, self._recorder.head()):
            yield from self._upto(part.last, self._recorder.page(part.after, part.size))

    def _parts(self, after: int, head: int, joined: int | None = None) -> list[Part]:
        parts = self._knowledge.parts(self._at, after, head, joined)
        return parts if self._until is None else [part for part in parts if part.after < self._until]

    def _upto(self, last: int, rows: Iterable[LogRow]) -> list[LogRow]:
        return self._known(row for row in rows if row.position <= last)

    def _known(self, rows: Iterable[LogRow]) -> list[LogRow]:
        at, until = self._at, self._until
        with collector_paused():
            return [row for row in rows if (until is None or row.position <= until) and recorded_of(row.state) <= at]


def _refused() -> NoReturn:
    msg = "the log as it was known at a moment takes no entries"
    raise RuntimeError(msg)
