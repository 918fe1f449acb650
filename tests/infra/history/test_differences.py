"""Why a number changed: the very entries, by client, of whoever's own part of it moved, and of nobody else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from knowing import Lived, lived

from domain.entries import microseconds
from domain.events import (
    ChartsMerged,
    EntryCorrected,
    EntryRetracted,
    Event,
    LevelOfCareEnded,
    LevelOfCareStarted,
    NoteAdded,
    Replacement,
    SessionAttended,
)
from infra.eventstore.client_chart import open_chart
from infra.history.as_of.store import store_as_of
from infra.history.changes.client import ClientEntries
from infra.history.changes.entries import learned
from infra.history.changes.groups import by_group, changed
from infra.history.changes.history import history
from infra.history.changes.numbers import ReportDifference, report_difference
from infra.history.changes.rows import changed_rows, client_rows
from infra.reporting.reports import ReportParams, run_report
from projections.filters import FilterError
from tests.depth import cases
from tests.projections.test_incremental import lived as histories
from tests.spec import Fact, ago

BY_LEVEL = ReportParams(by=("level",))
ENDED = LevelOfCareEnded(level="residential", reason="completed")


def entry(number: int, event: Event, days_ago: float, client: str = "C-1") -> Fact:
    return Fact(event, ago(days_ago), f"{number:032x}", client)


def corrected(number: int, target: int, event: Event, days_ago: float, client: str = "C-1") -> Fact:
    data = event.model_dump(mode="json", by_alias=True, exclude_none=True)
    said = Replacement(type=type(event).__name__, occurred_at=ago(days_ago), data=data)
    return entry(number, EntryCorrected(target=UUID(int=target), replacement=said, reason="x"), 0, client)


def retracted(number: int, target: int, client: str = "C-1") -> Fact:
    return entry(number, EntryRetracted(target=UUID(int=target), reason="x"), 0, client)


STARTED = [
    entry(number, LevelOfCareStarted(level="residential", program=f"P{number}"), 60, f"C-{number}")
    for number in (1, 2, 3)
]


@pytest.fixture
def here() -> Iterator[Lived]:
    """Three clients in a level that began two months ago."""
    with lived() as found:
        for fact in STARTED:
            found.record(fact)
        yield found


def told(here: Lived, facts: Sequence[Fact]) -> tuple[datetime, datetime]:
    """Record these, and say the times before and after."""
    start = here.clock.now
    end = start
    for fact in facts:
        end = here.record(fact)
    here.services.catch_up()
    return start, end


def difference(here: Lived, facts: Sequence[Fact], report: str = "completion", **params: Any) -> ReportDifference:
    start, end = told(here, facts)
    return report_difference(here.services, report, ReportParams(**params), start, end)


def named(found: ReportDifference) -> list[int]:
    return [int(one.event_id, 16) for one in found.entries]


class TestNumbers:
    """A report's numbers."""

    def test_who_moved_nothing_is_not_named(self, here: Lived) -> None:
        found = difference(
            here,
            [
                entry(11, ENDED, 5, "C-1"),
                entry(12, SessionAttended(kind="group", minutes=60), 6, "C-1"),
                entry(13, SessionAttended(kind="group", minutes=60), 6, "C-2"),
                entry(14, NoteAdded(text="x"), 6, "C-3"),
            ],
        )
        assert (named(found), found.clients) == ([11], 1)
        values = {cell.name: (cell.then, cell.now) for cell in found.cells}
        assert (values["completed"], values["completion_rate"]) == ((None, 1), (None, 1.0))
        assert {tuple(cell.entries) for cell in found.cells} == {(f"{11:032x}",)}

    def test_each_cell_names_its_own(self, here: Lived) -> None:
        found = difference(here, [entry(11, ENDED, 5, "C-1"), entry(12, ENDED, 5, "C-2")], by=("program",))
        by_program = {cell.group["program"]: cell.entries for cell in found.cells}
        assert by_program == {"P1": [f"{11:032x}"], "P2": [f"{12:032x}"]}

    def test_what_moved_there_and_on_is_named_in_order(self, here: Lived) -> None:
        late = LevelOfCareEnded(level="residential", reason="left_against_advice")
        found = difference(here, [entry(11, ENDED, 5), corrected(12, 11, late, 5), entry(13, NoteAdded(text="x"), 5)])
        assert named(found) == [11, 12]

    def test_what_moved_there_and_back_is_not(self, here: Lived) -> None:
        found = difference(here, [entry(11, ENDED, 5), retracted(12, 11)])
        assert (found.cells, found.entries) == ([], [])

    def test_two_who_cancel_out_leave_the_number_as_it_was(self, here: Lived) -> None:
        told(here, [entry(11, ENDED, 5, "C-1")])
        found = difference(here, [retracted(12, 11, "C-1"), entry(13, ENDED, 5, "C-2")], by=("level",))
        assert found.cells == []

    def test_a_merge_takes_a_client_out_of_the_count(self, here: Lived) -> None:
        told(here, [entry(11, ENDED, 5, "C-2"), entry(12, ENDED, 5, "C-1")])
        found = difference(here, [entry(13, ChartsMerged(other_client="C-2"), 0, "C-1")], report="status")
        assert [one.type for one in found.entries] == ["ChartClosed"]  # the survivor counts as before
        [cell] = found.cells
        assert (cell.then, cell.now) == (2, 1)

    def test_of_a_merged_chart_the_survivors_part_moves(self, here: Lived) -> None:
        """Recorded before the merge became known, in a stream that closed since: its survivor's numbers move."""
        told(here, [entry(13, ChartsMerged(other_client="C-2"), 0, "C-1")])
        start = here.clock.now
        old = entry(14, ENDED, 5, "C-2")
        here.record(old, start - timedelta(minutes=30))  # an import of old knowledge, behind the merge: it follows
        found = report_difference(here.services, "completion", BY_LEVEL, start - timedelta(hours=1), start)
        assert named(found) == [13]  # what was the other's until then

    def test_days_that_go_by_move_numbers_without_an_entry(self, here: Lived) -> None:
        here.record(entry(11, NoteAdded(text="x"), 1))
        start = here.clock.now
        here.clock.now += timedelta(days=200)
        found = report_difference(here.services, "retention", ReportParams(), start, here.clock.now)
        assert found.cells == [] or named(found) == []

    def test_too_many_clients_are_refused_where_there_is_no_time(self, here: Lived) -> None:
        start, end = told(here, [entry(11 + n, ENDED, 5, f"C-{n + 1}") for n in range(3)])
        with pytest.raises(FilterError, match="more than 2 clients"):
            report_difference(here.services, "completion", BY_LEVEL, start, end, most=2)

    def test_what_is_yes_or_no_names_a_group(self, here: Lived) -> None:
        found = difference(here, [entry(11, ENDED, 5)], by=("dual_diagnosis",))
        assert {tuple(cell.group) for cell in found.cells} == {("dual_diagnosis",)}

    def test_rows_of_clients_are_no_numbers(self, here: Lived) -> None:
        with pytest.raises(FilterError, match="not rows of clients"):
            difference(here, [entry(11, ENDED, 5)], report="worklist")

    def test_a_report_that_is_none(self, here: Lived) -> None:
        with pytest.raises(FilterError, match="no report"):
            report_difference(here.services, "nonsense", BY_LEVEL, here.clock.now - timedelta(days=1), here.clock.now)


QUICK = settings(
    max_examples=cases(4, 40), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@QUICK
@given(facts=histories())
def test_without_the_named_entries_no_number_would_have_moved(facts: list[Fact]) -> None:
    """The named clients are exactly those whose part changed: asked of each client alone, by another way."""
    with lived() as here:
        half = len(facts) // 2
        told(here, facts[:half])
        start, end = told(here, facts[half:])
        if start == end:
            return
        for report, params in (("completion", BY_LEVEL), ("status", ReportParams(by=("state", "level")))):
            found = report_difference(here.services, report, params, start, end)
            moved = movers(here, report, params, start, end, {tuple(cell.group.items()) for cell in found.cells})
            names = here.services.log.references([one.client_id for one in found.entries])
            assert {one.client_id for one in found.entries if names} <= streams(here, moved)
            assert {c for c in moved if not touched(here, c, found)} == set()
            assert all(start < datetime.fromisoformat(one.recorded_at) <= end for one in found.entries)


def movers(
    here: Lived, report: str, params: ReportParams, start: datetime, end: datetime, groups: set[Any]
) -> set[str]:
    """Clients whose own answer differs in one of these groups: each folded alone from the whole log."""
    found: set[str] = set()
    for client_id in {row[1] for row in here.services.log.recorder.touched(0, 10**6)}:
        answers: list[Any] = []
        for at in (start, end):
            with store_as_of(here.services, at, clients=[client_id]) as then:
                then.clock = lambda: end
                answers.append(by_group(run_report(report, then, params)))
        if groups & set(changed(*answers)):
            found.add(client_id)
    return found


def streams(here: Lived, clients: set[str]) -> set[str]:
    """These clients and every chart that was ever merged into one of them."""
    log = here.services.log
    every = {row[1] for row in log.recorder.touched(0, 10**6)}
    return clients | {other for other in every for into in ClientEntries(log, other).closed_into() if into in clients}


def touched(here: Lived, client_id: str, found: ReportDifference) -> bool:
    own = streams(here, {client_id})
    return any(one.client_id in own for one in found.entries)


class TestEntries:
    """What one entry did to the record."""

    def said(self, here: Lived, facts: Sequence[Fact], client: str = "C-1") -> list[tuple[str, Any, Any]]:
        start, _ = told(here, facts)
        chart = open_chart(here.services.log, client)
        fresh = [learned(one, chart.entries) for one in chart.entries if one.recorded > microseconds(start)]
        return [(one.effect, one.before, one.after) for one in fresh]

    def test_a_chain_of_amendments_says_each_time_what_counted_before_and_since(self, here: Lived) -> None:
        session = SessionAttended(kind="group", minutes=60)
        longer, shorter = session.model_copy(update={"minutes": 90}), session.model_copy(update={"minutes": 30})
        told(here, [entry(20, session, 5)])
        found = self.said(
            here,
            [
                corrected(21, 20, longer, 5),
                corrected(22, 21, shorter, 5),
                retracted(23, 22),
                retracted(24, 20),
                retracted(25, 24),
            ],
        )
        whole = {"type": "SessionAttended", "occurred_at": ago(5).isoformat(), "kind": "group", "minutes": 90}
        assert found == [
            ("corrected", {"minutes": 60}, {"minutes": 90}),
            ("corrected", {"minutes": 90}, {"minutes": 30}),
            ("retracted", {"minutes": 30}, {"minutes": 90}),
            ("retracted", whole, None),
            ("restored", None, whole),
        ]

    def test_a_merge_and_its_undoing(self, here: Lived) -> None:
        found = self.said(here, [entry(13, ChartsMerged(other_client="C-2"), 0), retracted(14, 13)])
        assert [effect for effect, _, _ in found] == ["merged", "unmerged"]

    def test_an_amendment_of_something_unknown_changed_nothing(self, here: Lived) -> None:
        assert self.said(here, [retracted(14, 99), retracted(15, 15)]) == [("retracted", None, None)] * 2

    def test_the_history_lists_the_own_stream_and_how_late_it_was(self, here: Lived) -> None:
        told(here, [entry(11, ENDED, 5), entry(13, ChartsMerged(other_client="C-2"), 0)])
        rows = history(open_chart(here.services.log, "C-1"))
        assert [row["type"] for row in rows] == ["LevelOfCareStarted", "LevelOfCareEnded", "ChartsMerged"]
        assert (rows[1]["late_days"], rows[1]["data"]["reason"]) == (405, "completed")
        assert [row["sequence"] for row in history(open_chart(here.services.log, "C-1"), 1, 1)] == [2]


class TestRows:
    """What is derived of a client."""

    def test_days_are_dates_and_what_stayed_is_not_listed(self, here: Lived) -> None:
        start, end = told(here, [entry(11, ENDED, 5)])
        client = ClientEntries(here.services.log, here.services.log.client_id("C-1"))
        found = changed_rows(client, microseconds(start), microseconds(end))
        stays = {row["change"]: row["row"] for row in found if row["table"] == "stay"}
        assert (stays["went"]["end_day"], stays["came"]["end_day"]) == (None, ago(5).date().isoformat())
        assert changed_rows(client, microseconds(end), microseconds(end)) == []
        [status] = client_rows(client, microseconds(start))["client_status"]
        assert (status["level"], status["since_day"]) == ("residential", ago(60).date().isoformat())

    def test_a_chart_is_as_it_was_before_a_merge(self, here: Lived) -> None:
        start, end = told(here, [entry(13, ChartsMerged(other_client="C-2"), 0)])
        client = ClientEntries(here.services.log, here.services.log.client_id("C-1"))
        stays = [len(client_rows(client, microseconds(at))["stay"]) for at in (start, end)]
        assert stays == [1, 2]
        assert len(open_chart(here.services.log, "C-1", as_of=microseconds(start)).entries) == 1
