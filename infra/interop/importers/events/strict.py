"""Strict import: a line is refused where a live command would have been, given what is recorded before it."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from itertools import count

from domain.commands import Command, Record, ResolveOverlap
from domain.decisions import History, decide
from domain.entries import Entry, Envelope, Meta, as_uuid
from domain.events import ChartsMerged, EntryCorrected, EntryRetracted, Event, OverlapResolved
from domain.overlaps import not_decided, overlaps_between, undecided
from domain.phrases import Phrase
from domain.provider import decide_definition
from domain.refusals import CommandRefusedError, Refusal
from infra.eventstore.event_ids import row_of
from infra.eventstore.log import EventLog
from infra.eventstore.mapper import opened
from infra.eventstore.merge import closing, closing_id, linked
from infra.eventstore.stream import read_stream
from infra.interop.importers.events.ahead import DecisionsAhead
from infra.interop.importers.events.amendments import amendment
from infra.interop.importers.events.lines import Prepared
from projections.chart import with_merged

_CACHED_CHARTS = 5_000
_LET_THROUGH = 2**61  # the position of the first line that is let through: after everything that is recorded
_NO_CHART = Refusal(
    "another_chart", Phrase("no chart has the other number"), Phrase("Give the duplicate's number, or import it first.")
)


class StrictJudge:
    """Judges lines one by one; it remembers the charts it has seen with the lines it has let through."""

    def __init__(self, log: EventLog, ahead: DecisionsAhead, file: int) -> None:
        """Judge a file against what this log holds; ``ahead`` says which stays count by lines that come, of this file,
        whose number among those of the import it is, or of a later one.
        """
        self._log = log
        self._streams: OrderedDict[str, list[Entry]] = OrderedDict()
        self._positions = count(_LET_THROUGH)
        self._ahead = ahead
        self._file = file

    def refusal(self, line: Prepared) -> str | None:
        """Why a live command would refuse this line, or None. Lines that are recorded already pass."""
        if row_of(self._log.recorder, line.event_id) is not None:
            return None
        history = self._chart(self._log.stream_id(line.reference, provider=line.provider))
        if any(entry.event_id == line.event_id for entry in history.entries):
            return None
        meta, event = opened(line.state)
        envelope = Envelope(meta)
        occurred_at = envelope.occurred_at
        taken: History | None = None
        try:
            if isinstance(event, ChartsMerged) and line.other is not None:
                taken = self._taken_over(line.other)
                event = linked(event, taken.client_id)
                closed = Record(closing(history.client_id), occurred_at)
                decide(taken, closed, self._log.clock())
                self._overlaps_decided(history, taken, line.line)
            command = _command(event, occurred_at)
            if line.provider:
                decide_definition(line.reference, history.entries, command, self._log.clock(), history.unread)
            else:
                decide(history, command, self._log.clock(), envelope.role or "clinician")
        except CommandRefusedError as error:
            return "refused: " + "; ".join(str(refusal) for refusal in error.refusals)
        meta["r"] = line.recorded or 0
        self._add(history.client_id, meta, event)
        if taken is not None:
            self._add(taken.client_id, {**meta, "i": closing_id(line.event_id)}, closing(history.client_id))
        self._reopen(history, meta, event)
        return None

    def _chart(self, client_id: str) -> History:
        """The chart as a live command finds it: with what was merged into it."""
        entries = with_merged(self._stream(client_id), self._stream)
        self._streams.move_to_end(client_id)  # the chart that took over is forgotten after those that it holds
        return History.of(client_id, entries, self._log.calendar)

    def _stream(self, client_id: str, before: int | None = None) -> list[Entry]:
        """A stream's entries, those of lines that were let through among them."""
        entries = self._streams.pop(client_id, None)
        if entries is None:
            entries = read_stream(self._log, client_id, opened=True)
        self._streams[client_id] = entries
        if len(self._streams) > _CACHED_CHARTS:
            self._streams.popitem(last=False)
        return entries if before is None else [entry for entry in entries if entry.position < before]

    def _taken_over(self, reference: str) -> History:
        """The chart that a merge takes over.

        Raises:
            CommandRefusedError: there is none.
        """
        history = self._chart(self._log.client_id(reference))
        if not history.entries:
            raise CommandRefusedError([_NO_CHART])
        return history

    def _overlaps_decided(self, history: History, taken: History, line: int) -> None:
        """Check that for each overlap that a merge would make it is decided which stay counts.

        Raises:
            CommandRefusedError: of one it is not.
        """
        pairs = overlaps_between(history.journey, taken.journey)
        left = undecided(pairs, self._ahead.behind((self._file, line), history.client_id))
        if left:
            raise CommandRefusedError([not_decided(pair) for pair in left])

    def _add(self, client_id: str, meta: Meta, event: Event) -> None:
        stream = self._stream(client_id)
        sequence = stream[-1].sequence + 1 if stream else 1
        stream.append(Entry(client_id, sequence, next(self._positions), meta, event, self._log.calendar))

    def _reopen(self, history: History, meta: Meta, event: Event) -> None:
        """The retraction of a merge opens the other chart again."""
        if not isinstance(event, EntryRetracted):
            return
        merge = next((entry.event for entry in history.entries if entry.event_id == event.target.hex), None)
        if isinstance(merge, ChartsMerged) and merge.other_client_id is not None:
            target = as_uuid(closing_id(event.target.hex))
            undone = event.model_copy(update={"target": target})
            self._add(merge.other_client_id.hex, {**meta, "i": closing_id(Envelope(meta).event_id)}, undone)


def _command(event: Event, occurred_at: datetime) -> Command:
    match event:
        case EntryCorrected() | EntryRetracted():
            return amendment(event)
        case OverlapResolved():
            return ResolveOverlap(event.stays, event.counts)
        case _:
            return Record(event, occurred_at)
