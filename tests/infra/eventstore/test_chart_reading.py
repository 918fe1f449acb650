"""What was set aside is found by the index of ids and left out of what is read, on each store."""

from __future__ import annotations

from uuid import UUID

import pytest

from domain.commands import SetAside, TakeUp
from infra.eventstore.asides import ChartReading
from infra.eventstore.client_chart import open_chart
from infra.eventstore.log import Author, EventLog, IdempotencyKeyReusedError
from infra.eventstore.unreadable import UnreadableEntryError
from infra.integrity.proofs import NoSuchEntryError
from infra.ops.set_aside import record_aside, standing
from tests.infra.eventstore.stores import Appending
from tests.poison import BAD_ID, POISONS, poison
from tests.spec import NOW

ADMIN = Author("an admin", "admin")
BAD = UUID(hex=BAD_ID)


@pytest.mark.parametrize("kind", POISONS)
def test_a_chart_is_read_without_it(log: EventLog, append: Appending, kind: str) -> None:
    log.append(append("C-1"))
    poison(log, "C-1", kind)
    log.append(append("C-1"))
    client_id = log.client_id("C-1")
    with pytest.raises(UnreadableEntryError, match="entry 2"):
        ChartReading(log).stream(client_id, opened=True)
    record_aside(log, SetAside(BAD, "damaged"), author=ADMIN, now=NOW)
    assert [entry.sequence for entry in ChartReading(log).stream(client_id, opened=True)] == [1, 3, 4]
    with pytest.raises(UnreadableEntryError, match="entry 2"):
        ChartReading(log).stream(client_id, before=4, opened=True)
    record_aside(log, TakeUp(BAD, "known"), author=ADMIN, now=NOW)
    with pytest.raises(UnreadableEntryError, match="entry 2"):
        ChartReading(log).stream(client_id, opened=True)


def test_the_reason_is_sealed_and_the_entry_says_who_and_when(log: EventLog, append: Appending) -> None:
    log.append(append("C-1"))
    position = poison(log, "C-1")
    done = record_aside(log, SetAside(BAD, "damaged in May"), author=ADMIN, now=NOW)
    [row] = log.recorder.at([done.position])
    assert row.topic == "EntrySetAside.1"
    assert b"damaged in May" not in row.state
    [left] = open_chart(log, "C-1").left_out
    assert left.aside is not None
    assert (left.position, left.aside.actor, left.aside.reason) == (position, "an admin", "damaged in May")
    assert log.is_as_recorded(next(entry for entry in open_chart(log, "C-1").entries if entry.sequence == 3))


def test_a_state_that_is_damaged_through_and_through_has_its_id_from_the_index(
    log: EventLog, append: Appending
) -> None:
    log.append(append("C-1"))
    position = poison(log, "C-1")
    with log.recorder.writing() as tx:
        tx.many(f"UPDATE {tx.events_table} SET state=? WHERE {tx.position_column}=?", [(b"rubbish", position)])
    assert [one.event_id for one in open_chart(log, "C-1").unread] == [BAD_ID]
    record_aside(log, SetAside(BAD, "damaged"), author=ADMIN, now=NOW)
    assert open_chart(log, "C-1").missing == []


def test_the_same_request_decides_once(log: EventLog, append: Appending) -> None:
    log.append(append("C-1"))
    poison(log, "C-1")
    first, again = (record_aside(log, SetAside(BAD, "x"), author=ADMIN, now=NOW, key="k") for _ in range(2))
    assert (first.sequence, first.replayed, again.sequence, again.replayed) == (3, False, 3, True)
    with pytest.raises(IdempotencyKeyReusedError):
        record_aside(log, TakeUp(BAD, "x"), author=ADMIN, now=NOW, key="k")


def test_an_id_that_nothing_has(log: EventLog) -> None:
    with pytest.raises(NoSuchEntryError):
        standing(log, BAD)
