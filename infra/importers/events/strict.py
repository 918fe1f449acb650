"""Strict import: a line is refused where a live command would have been, given what is recorded before it."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime

from domain.commands import Command, Correct, Record, Retract
from domain.decisions import History, decide
from domain.entries import Entry, moment
from domain.events import EntryCorrected, EntryRetracted, Event
from domain.refusals import CommandRefusedError
from infra.importers.events.lines import Prepared
from infra.store.keyring import id_bytes
from infra.store.log import EventLog
from infra.store.mapper import opened

_CACHED_CHARTS = 5_000


class StrictJudge:
    """Judges lines one by one; it remembers the charts it has seen with the lines it has let through."""

    def __init__(self, log: EventLog) -> None:
        """Judge against what this log holds."""
        self._log = log
        self._charts: OrderedDict[str, History] = OrderedDict()

    def refusal(self, line: Prepared) -> str | None:
        """Why a live command would refuse this line, or None. Lines that are recorded already pass."""
        if self._log.recorder.query("SELECT 1 FROM event_index WHERE event_id=?", (id_bytes(line.event_id),)):
            return None
        client_id = self._log.client_id(line.reference)
        history = self._charts.pop(client_id, None) or self._recorded(client_id)
        meta, event = opened(line.state)
        occurred_at = moment(meta["a"], meta.get("z", 0))
        role = meta.get("o", "clinician")
        try:
            decide(history, _command(event, occurred_at), self._log.clock(), role)
        except CommandRefusedError as error:
            self._keep(client_id, history)
            return "refused: " + "; ".join(str(refusal) for refusal in error.refusals)
        meta["r"] = line.recorded or 0
        entry = Entry(client_id, len(history.entries) + 1, _position(history), meta, event, self._log.calendar)
        self._keep(client_id, History.of(client_id, [*history.entries, entry], self._log.calendar))
        return None

    def _recorded(self, client_id: str) -> History:
        return History.of(client_id, self._log.stream(client_id), self._log.calendar)

    def _keep(self, client_id: str, history: History) -> None:
        self._charts[client_id] = history
        if len(self._charts) > _CACHED_CHARTS:
            self._charts.popitem(last=False)


def _position(history: History) -> int:
    return history.entries[-1].position + 1 if history.entries else 1


def _command(event: Event, occurred_at: datetime) -> Command:
    match event:
        case EntryCorrected():
            new = event.replacement
            return Correct(event.target, new.type, new.occurred_at, new.data, event.reason or "")
        case EntryRetracted():
            return Retract(event.target, event.reason or "")
        case _:
            return Record(event, occurred_at)
