"""Strict import: a line is refused where a live command would have been, given what is recorded before it."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime

from domain.commands import Command, Record
from domain.decisions import History, decide
from domain.entries import Entry, Meta, as_uuid, moment
from domain.events import ChartsMerged, EntryCorrected, EntryRetracted, Event
from domain.phrases import Phrase
from domain.provider import decide_definition
from domain.refusals import CommandRefusedError, Refusal
from infra.eventstore.event_ids import row_of
from infra.eventstore.log import EventLog
from infra.eventstore.mapper import opened
from infra.eventstore.merge import closing, closing_id, linked
from infra.eventstore.stream import read_stream
from infra.interop.importers.events.amendments import amendment
from infra.interop.importers.events.lines import Prepared

_CACHED_CHARTS = 5_000
_NO_CHART = Refusal(
    "another_chart", Phrase("no chart has the other number"), Phrase("Give the duplicate's number, or import it first.")
)


class StrictJudge:
    """Judges lines one by one; it remembers the charts it has seen with the lines it has let through."""

    def __init__(self, log: EventLog) -> None:
        """Judge against what this log holds."""
        self._log = log
        self._charts: OrderedDict[str, History] = OrderedDict()

    def refusal(self, line: Prepared) -> str | None:
        """Why a live command would refuse this line, or None. Lines that are recorded already pass."""
        if row_of(self._log.recorder, line.event_id) is not None:
            return None
        history = self._chart(self._log.stream_id(line.reference, provider=line.provider))
        if any(entry.event_id == line.event_id for entry in history.entries):
            return None
        meta, event = opened(line.state)
        occurred_at = moment(meta["a"], meta.get("z", 0))
        taken: History | None = None
        try:
            if isinstance(event, ChartsMerged) and line.other is not None:
                taken = self._taken_over(line.other)
                event = linked(event, taken.client_id)
                closed = Record(closing(history.client_id), occurred_at)
                decide(taken, closed, self._log.clock())
            command = _command(event, occurred_at)
            if line.provider:
                decide_definition(line.reference, history.entries, command, self._log.clock())
            else:
                decide(history, command, self._log.clock(), meta.get("o", "clinician"))
        except CommandRefusedError as error:
            return "refused: " + "; ".join(str(refusal) for refusal in error.refusals)
        meta["r"] = line.recorded or 0
        self._add(history, meta, event)
        if taken is not None:
            self._add(taken, {**meta, "i": closing_id(line.event_id)}, closing(history.client_id))
        self._reopen(history, meta, event)
        return None

    def _chart(self, client_id: str) -> History:
        history = self._charts.pop(client_id, None) or self._recorded(client_id)
        self._keep(client_id, history)
        return history

    def _taken_over(self, reference: str) -> History:
        """The chart that a merge takes over.

        Raises:
            CommandRefusedError: there is none.
        """
        history = self._chart(self._log.client_id(reference))
        if not history.entries:
            raise CommandRefusedError([_NO_CHART])
        return history

    def _add(self, history: History, meta: Meta, event: Event) -> None:
        entry = Entry(history.client_id, len(history.entries) + 1, _position(history), meta, event, self._log.calendar)
        self._keep(history.client_id, History.of(history.client_id, [*history.entries, entry], self._log.calendar))

    def _reopen(self, history: History, meta: Meta, event: Event) -> None:
        """The retraction of a merge opens the other chart again."""
        if not isinstance(event, EntryRetracted):
            return
        merge = next((entry.event for entry in history.entries if entry.event_id == event.target.hex), None)
        if isinstance(merge, ChartsMerged) and merge.other_client_id is not None:
            other_id = merge.other_client_id.hex
            other = self._charts.pop(other_id, None) or self._recorded(other_id)
            target = as_uuid(closing_id(event.target.hex))
            self._add(other, {**meta, "i": closing_id(meta["i"])}, event.model_copy(update={"target": target}))

    def _recorded(self, client_id: str) -> History:
        return History.of(client_id, read_stream(self._log, client_id, opened=True), self._log.calendar)

    def _keep(self, client_id: str, history: History) -> None:
        self._charts[client_id] = history
        if len(self._charts) > _CACHED_CHARTS:
            self._charts.popitem(last=False)


def _position(history: History) -> int:
    return history.entries[-1].position + 1 if history.entries else 1


def _command(event: Event, occurred_at: datetime) -> Command:
    match event:
        case EntryCorrected() | EntryRetracted():
            return amendment(event)
        case _:
            return Record(event, occurred_at)
