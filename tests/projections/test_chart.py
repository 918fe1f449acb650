"""A chart with what it took over: up to the merge, and further where its own entries say so."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from domain.entries import Entry
from domain.events import ChartClosed, ChartsMerged, EntryRetracted, Event, MergedChartContinued, NoteAdded
from projections.chart import Chart, with_merged
from tests.day import UTC_DAYS
from tests.spec import ago, entries, fact

A, B, C = ("a" * 32, "b" * 32, "c" * 32)


def placed(client_id: str, *events: tuple[int, Event]) -> list[Entry]:
    """A stream whose entries stand at these positions of the log."""
    given = entries([fact(event, ago(9)) for _, event in events], client_id)
    return [
        Entry(client_id, one.sequence, place, one.meta, one.event, UTC_DAYS)
        for one, (place, _) in zip(given, events, strict=True)
    ]


def before(stream: Sequence[Entry], end: int) -> list[Entry]:
    return [entry for entry in stream if entry.position < end]


def merged(own: Sequence[Entry], *others: Sequence[Entry]) -> list[int]:
    """The positions of what counts in the chart of the first stream."""
    streams = {stream[0].client_id: stream for stream in others}
    return [entry.position for entry in with_merged(own, lambda client_id, end: before(streams[client_id], end))]


NOTE = NoteAdded(text="x")
TAKES_B = ChartsMerged(other_client="B", other_client_id=UUID(hex=B))
THEIRS = placed(B, (1, NOTE), (4, ChartClosed(merged_into=UUID(hex=A))), (6, NOTE), (8, NOTE))


def test_what_came_after_the_merge_counts_up_to_the_latest_continuation() -> None:
    own = [(2, NOTE), (3, TAKES_B)]
    goes_on = MergedChartContinued(other_client_id=UUID(hex=B))
    assert merged(placed(A, *own), THEIRS) == [1, 2, 3]
    assert merged(placed(A, *own, (7, goes_on)), THEIRS) == [1, 2, 3, 6, 7]
    assert merged(placed(A, *own, (7, goes_on), (9, goes_on)), THEIRS) == [1, 2, 3, 6, 7, 8, 9]


def test_a_chart_is_not_closed_by_what_closed_the_one_it_took_over() -> None:
    own = placed(A, (2, NOTE), (3, TAKES_B), (7, MergedChartContinued(other_client_id=UUID(hex=B))))
    chart = Chart(A, 3, with_merged(own, lambda _, end: before(THEIRS, end)))
    assert not chart.closed
    assert [entry.type for entry in chart.entries] == ["NoteAdded", "NoteAdded", "ChartsMerged", "NoteAdded"]


def test_a_continuation_counts_as_long_as_a_merge_does() -> None:
    own = placed(A, (2, NOTE), (3, TAKES_B), (7, MergedChartContinued(other_client_id=UUID(hex=B))))
    undo = EntryRetracted(target=UUID(hex=own[1].event_id), reason="two people")
    assert merged([*own, *placed(A, (10, undo))], THEIRS) == [2, 3, 7, 10]


def test_the_end_of_a_chain_may_take_back_a_merge_that_an_earlier_chart_had_made() -> None:
    own = placed(A, (2, NOTE), (3, TAKES_B), (11, ChartClosed(merged_into=UUID(hex=C))))
    takes_a = ChartsMerged(other_client="A", other_client_id=UUID(hex=A))
    last = placed(C, (10, takes_a))
    assert merged(last, own, THEIRS) == [1, 2, 3, 10]
    undo = EntryRetracted(target=UUID(hex=own[1].event_id), reason="two people")
    assert merged([*last, *placed(C, (12, undo))], own, THEIRS) == [2, 3, 10, 12]


def test_two_merges_of_the_same_chart_are_one() -> None:
    assert merged(placed(A, (2, NOTE), (3, TAKES_B), (7, TAKES_B)), THEIRS) == [1, 2, 3, 6, 7]


def test_the_latest_day_is_that_of_care_and_not_of_a_merge() -> None:
    note, merge = entries([fact(NOTE, ago(40)), fact(TAKES_B, ago(2))], A)
    assert Chart(A, 2, [note, merge]).last_day == note.day
