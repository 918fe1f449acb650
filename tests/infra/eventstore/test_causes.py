"""What led to an entry: its causation is the event id of the entry that it amends, or that it follows from."""

from __future__ import annotations

from uuid import UUID

from domain.commands import Correct, Record, ResolveOverlap, Retract, Transfer
from domain.entries import Entry
from domain.events import LevelOfCareStarted
from domain.journey import journey_of
from infra.commands.handle import handle, merge
from infra.eventstore.client_chart import open_chart
from infra.eventstore.log import EventLog, Receipt
from tests.infra.commands.test_handling import AUTHOR, NOW, admit, log as log, note, register, types


def last(log: EventLog, reference: str, back: int = 1) -> Entry:
    return log.stream(log.client_id(reference))[-back]


def given(log: EventLog, command: Record | Correct | Retract | Transfer) -> Receipt:
    return handle(log, "A-1", command, author=AUTHOR, now=NOW)


def test_an_amendment_is_caused_by_what_it_amends(log: EventLog) -> None:
    register(log, "A-1")
    written = given(log, note()).event_ids[0]
    assert "k" not in last(log, "A-1").meta
    given(log, Correct(UUID(hex=written), "NoteAdded", NOW, {"text": "came late"}, "mistake"))
    correction = last(log, "A-1")
    assert correction.meta.get("k") == written
    given(log, Retract(UUID(hex=correction.event_id), "was right"))
    assert last(log, "A-1").meta.get("k") == correction.event_id


def test_a_transfer_starts_because_of_what_it_ends(log: EventLog) -> None:
    admit(log, "A-1")
    start = LevelOfCareStarted(level="partial_hospitalization", override_reason="bed closed")
    ended, started = given(log, Transfer(start, NOW)).event_ids
    assert types(log, "A-1")[-2:] == ["LevelOfCareEnded", "LevelOfCareStarted"]
    assert [last(log, "A-1", back).meta.get("k") for back in (2, 1)] == [None, ended]
    assert last(log, "A-1").event_id == started


def test_what_a_merge_writes_is_caused_by_it_in_both_charts(log: EventLog) -> None:
    admit(log, "A-1")
    admit(log, "A-2")
    ours, theirs = (journey_of(open_chart(log, name).entries).stays[0].event_id for name in ("A-1", "A-2"))
    decided = ResolveOverlap((UUID(hex=ours), UUID(hex=theirs)), UUID(hex=ours))
    merged = merge(log, "A-1", "A-2", author=AUTHOR, now=NOW, overlaps=[decided]).event_ids[0]
    assert types(log, "A-1")[-2:] == ["ChartsMerged", "OverlapResolved"]
    assert [last(log, "A-1", back).meta.get("k") for back in (2, 1)] == [None, merged]
    assert (last(log, "A-2").type, last(log, "A-2").meta.get("k")) == ("ChartClosed", merged)


def test_a_chart_opens_again_because_the_merge_was_taken_back(log: EventLog) -> None:
    register(log, "A-1")
    register(log, "A-2")
    merged = merge(log, "A-1", "A-2", author=AUTHOR, now=NOW).event_ids[0]
    undone = given(log, Retract(UUID(hex=merged), "two people")).event_ids[0]
    assert last(log, "A-1").meta.get("k") == merged
    assert (last(log, "A-2").type, last(log, "A-2").meta.get("k")) == ("EntryRetracted", undone)
