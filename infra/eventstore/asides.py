"""Entries set aside: read a chart's streams, refusing unreadable entries that nobody set aside."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from domain.entries import Entry, set_aside
from domain.events import EntrySetAside, EntryTakenUp
from infra.eventstore.event_ids import IDS_AT_ONCE, known_question
from infra.eventstore.keyring import Cipher
from infra.eventstore.rows import LogRow
from infra.eventstore.unreadable import UnreadableEntryError

if TYPE_CHECKING:
    from infra.eventstore.log import EventLog

_DECISIONS = frozenset({EntrySetAside, EntryTakenUp})  # asked of every entry: isinstance of models is slow
_DECIDING = tuple(sorted(f"{cls.__name__}." for cls in _DECISIONS))


class ChartReading:
    """One chart, read stream by stream: what was decided in one holds in those that it took over, too."""

    def __init__(self, log: EventLog) -> None:
        """Read from a log."""
        self._log = log
        self._decisions: list[Entry] = []

    def entries(self, rows: Iterable[LogRow], cipher: Cipher | None = None) -> list[Entry]:
        """The entries of rows.

        Raises:
            UnreadableEntryError: the first that cannot be read and is not set aside.
        """
        entries: list[Entry] = []
        faults: list[UnreadableEntryError] = []
        for row in rows:
            try:
                entries.append(self._log.entry(row, cipher))
            except UnreadableEntryError as error:
                faults.append(error)
        self._decisions += [entry for entry in entries if type(entry.event) in _DECISIONS]
        if faults:
            aside = places_set_aside(self._log, self._decisions)
            for fault in faults:
                if fault.row.position not in aside:
                    raise fault
        return entries

    def stream(self, client_id: str, before: int | None = None, *, opened: bool = False) -> list[Entry]:
        """A stream's entries (before a position); ``opened`` also opens the personal fields.

        Raises:
            UnreadableEntryError: as ``entries``.
        """
        cipher = self._log.cipher(client_id) if opened else None
        until = None if before is None else before - 1
        return self.entries(self._log.recorder.streams([client_id], until), cipher)


def decisions_of(log: EventLog, rows: Iterable[LogRow]) -> list[Entry]:
    """What rows decide, as far as it can be read."""
    decisions: list[Entry] = []
    for row in rows:
        if row.topic.startswith(_DECIDING):
            try:
                decisions.append(log.entry(row))
            except UnreadableEntryError:
                continue
    return decisions


def places_set_aside(log: EventLog, entries: Iterable[Entry]) -> dict[int, Entry]:
    """By position what these entries set aside, each with the decision that holds.

    An entry is found by the index of ids: its own state may be damaged.
    """
    aside = set_aside(entries)
    ids = list(aside)
    parts = [ids[start : start + IDS_AT_ONCE] for start in range(0, len(ids), IDS_AT_ONCE)]
    pairs = (pair for part in parts for pair in log.recorder.query(*known_question(part)))
    return {position: aside[bytes(raw).hex()] for raw, position in pairs}
