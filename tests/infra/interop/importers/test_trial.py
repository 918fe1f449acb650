"""A trial of an import: the same account as the import then gives, and nothing recorded."""

from __future__ import annotations

from typing import Any

from infra.eventstore.log import EventLog
from infra.interop.importers.events.origin import Origin
from infra.interop.importers.events.run import import_file
from infra.interop.importers.events.trial import Trial
from tests.infra.interop.importers.event_lines import Write


def entry(client: str, kind: str = "NoteAdded", **data: Any) -> dict[str, Any]:
    return {"client": client, "type": kind, "occurred_at": "2026-01-06T10:00:00Z", "data": data or {"text": "n"}}


def test_a_trial_takes_each_batch_back(log: EventLog, write: Write) -> None:
    born = {"name": "Ana Roe", "birth_date": "1984-05-06"}
    path = write(entry("B-1", "ClientRegistered", **born), entry("B-1"), entry("B-2"), entry("B-2", "Nothing"))
    trial = Trial()
    tried = import_file(log, str(path), origin=Origin(trial=trial))
    assert (tried.recorded, tried.rejected, log.head()) == (3, 1, 0)
    assert sorted(trial.charts.values()) == ["B-1", "B-2"]
    assert [(number, name) for number, name, _ in trial.people.values()] == [("B-1", "Ana Roe")]
    done = import_file(log, str(path))
    assert (done.by_type, done.rejected, done.clients) == (tried.by_type, 1, 2)
    again = Trial()
    known = import_file(log, str(path), origin=Origin(trial=again))
    assert (known.recorded, known.known, again.charts) == (0, 3, {})
