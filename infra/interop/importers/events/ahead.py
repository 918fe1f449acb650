"""Look-ahead of a strict import: stays that count because of lines behind a merge.

All files of an import are read once before the first is judged, and nothing of them is kept but these decisions.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO

from domain.events import OverlapResolved
from infra.eventstore.log import EventLog
from infra.eventstore.mapper import opened
from infra.interop.importers.events.lines import prepare
from infra.interop.importers.events.parts import RejectedLineError
from infra.interop.importers.packed_files import NOT_WHOLE, PackedTooWellError
from infra.interop.importers.source import Source

_KIND = OverlapResolved.__name__
_MARKS = (_KIND.encode(), b"\\u")  # JSON may write any letter by its number


@dataclass(frozen=True, slots=True)
class DecisionsAhead:
    """The decisions of an import's files about stays that overlap, by stream, each with its file's number and line."""

    by_stream: dict[str, list[tuple[tuple[int, int], OverlapResolved]]] = field(
        default_factory=dict[str, list[tuple[tuple[int, int], OverlapResolved]]]
    )

    def behind(self, place: tuple[int, int], client_id: str) -> list[OverlapResolved]:
        """Those of a stream that stand behind a line: one before a merge has nothing to decide yet."""
        return [event for where, event in self.by_stream.get(client_id, ()) if where > place]

    def look_through(
        self, log: EventLog, file: int, lines: Iterable[tuple[int, bytes]], latest: datetime, source: Source
    ) -> None:
        """Look through the numbered lines of the next file; one that cannot be recorded decides nothing.

        A packed file that breaks off is looked through as far as it goes: whoever records it then says so.
        """
        try:
            for number, raw in lines:
                if not any(mark in raw for mark in _MARKS):
                    continue
                try:
                    line = prepare(number, raw.strip(), b"", latest, keep_recorded_at=False, source=source)
                except RejectedLineError:
                    continue
                if line.state.topic.startswith(f"{_KIND}."):
                    _, event = opened(line.state)
                    assert isinstance(event, OverlapResolved)
                    self.by_stream.setdefault(log.client_id(line.reference), []).append(((file, number), event))
        except (PackedTooWellError, *NOT_WHOLE):
            pass


@contextmanager
def twice(file: IO[bytes]) -> Generator[IO[bytes]]:
    """A file that can be read a second time; what comes through a pipe is kept meanwhile in a file without a name."""
    if file.seekable():
        yield file
        return
    with tempfile.TemporaryFile() as kept:
        shutil.copyfileobj(file, kept)
        kept.seek(0)
        yield kept
