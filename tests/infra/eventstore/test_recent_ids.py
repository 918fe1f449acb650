"""Ids of bulk imports go to a small index first: nothing that is asked can tell, on either store."""

from __future__ import annotations

from uuid import uuid4

import orjson
import pytest

from infra.eventstore import event_ids
from infra.eventstore.event_ids import row_of
from infra.eventstore.log import EventLog
from infra.interop.importers.events.batch import write_batch
from infra.interop.importers.events.lines import Prepared, prepare
from tests.infra.eventstore.conftest import NOW, Appending


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_ids, "BULK", 3)
    monkeypatch.setattr(event_ids, "LARGE", 5)
    monkeypatch.setattr(event_ids, "FULL", 8)


def _lines(number: int) -> list[Prepared]:
    found: list[Prepared] = []
    for one in range(number):
        line = {
            "client": f"A-{one % 3}",
            "type": "NoteAdded",
            "occurred_at": NOW.isoformat(),
            "event_id": str(uuid4()),
            "data": {"text": "A note."},
        }
        found.append(prepare(one, orjson.dumps(line), b"abcd", NOW, keep_recorded_at=False))
    return found


def _counts(log: EventLog) -> tuple[int, int]:
    tables = ("event_index", "event_index_recent")
    large, small = (int(log.recorder.query(f"SELECT COUNT(*) FROM {table}")[0][0]) for table in tables)
    return large, small


def test_ids_of_large_batches_wait_until_they_are_many(log: EventLog) -> None:
    told: list[tuple[int, int]] = []
    for number in (4, 4, 4, 2, 4):
        write_batch(log, _lines(number))
        told.append(_counts(log))
    # the first finds a small index; two at once are no bulk; the last fills the small one
    assert told == [(4, 0), (4, 4), (12, 0), (14, 0), (14, 4)]


def test_what_waits_is_known(log: EventLog) -> None:
    first, second = _lines(6), _lines(5)
    assert write_batch(log, first).known == 0
    assert write_batch(log, second).known == 0
    assert _counts(log) == (6, 5)
    assert write_batch(log, second).known == 5
    row = row_of(log.recorder, second[2].event_id)
    assert row is not None
    assert event_ids.event_id_at(log.recorder, row.position) == second[2].event_id


def test_an_append_of_what_waits_is_a_repetition(log: EventLog, append: Appending) -> None:
    log.append(append("A-0"))
    write_batch(log, _lines(6))
    sent = append("A-1")
    receipt = log.append(sent)
    assert log.append(sent).event_ids == receipt.event_ids
    assert sum(_counts(log)) == log.head()
