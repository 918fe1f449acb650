"""Attendance: sessions and hours a week against plan and bounds, weeks in the level, who came and who did not."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from domain.entries import Entry
from domain.events import SessionAttended, SessionMissed, TreatmentPlanSet
from domain.journey import Stay
from infra.reporting.reports import ReportParams, run_report
from projections.attendance.fold import side
from tests.projections.conftest import Programme, entries_of
from tests.projections.telling import answers, ends, only, starts
from tests.spec import Fact, ago, fact

IOP, OUTPATIENT = "intensive_outpatient", "standard_outpatient"


def attends(days_ago: float, minutes: int = 180, kind: Any = "group", **more: Any) -> Fact:
    return fact(SessionAttended(kind=kind, minutes=minutes, **more), ago(days_ago))


def misses(days_ago: float, kind: Any = "group", **more: Any) -> Fact:
    return fact(SessionMissed(kind=kind, **more), ago(days_ago))


def weekly(first: int, *hours: float) -> list[Fact]:
    """One session a day from the first day of a week on, so many hours each."""
    return [attends(first - day - 0.1, round(hour * 60)) for day, hour in enumerate(hours)]


class TestServiceReceived:
    """Whole weeks from the first day of the stay."""

    def test_hours_and_sessions_a_week(self) -> None:
        facts = [starts(28, IOP), *weekly(28, 3, 3, 3), *weekly(21, 4, 4), *weekly(14, 4, 4, 4, 4, 4), ends(7, IOP)]
        row = answers("attendance", *facts)[0]
        assert (row["stays"], row["weeks"]) == (1, 3)
        assert (row["sessions_per_week"], row["hours_per_week"]) == (10 / 3, 37 / 3)
        assert (row["weeks_below_hours"], row["weeks_within_hours"], row["weeks_above_hours"]) == (1, 1, 1)

    def test_part_weeks_do_not_count(self) -> None:
        facts = [starts(28, IOP), *weekly(28, 3, 3, 3), *weekly(21, 4, 4), ends(15, IOP)]
        assert answers("attendance", *facts)[0]["weeks"] == 1

    def test_weeks_of_an_open_stay_run_to_the_latest_entry(self) -> None:
        assert answers("attendance", starts(40, IOP), *weekly(40, 3, 3, 3))[0]["weeks"] == 0
        assert answers("attendance", starts(40, IOP), *weekly(40, 3, 3, 3), attends(26))[0]["weeks"] == 2

    def test_a_stay_without_any_session_on_record_says_nothing(self) -> None:
        row = answers("attendance", starts(100, IOP), ends(50, IOP))[0]
        assert (row["stays"], row["weeks"], row["hours_per_week"], row["attendance_rate"]) == (0, 0, None, None)

    def test_against_the_plan_in_force_each_week(self) -> None:
        plan = fact(TreatmentPlanSet(planned_sessions_per_week=4), ago(14))
        start = starts(21, IOP, planned_sessions_per_week=2)
        facts = [start, plan, *weekly(21, 3, 3), *weekly(14, 3, 3), *weekly(7, 3), ends(0, IOP)]
        row = answers("attendance", *facts)[0]
        assert (row["planned_per_week"], row["received_of_planned"]) == (10 / 3, 0.5)

    @pytest.mark.parametrize(
        ("level", "hours", "where"),
        [
            (IOP, (3, 3, 3), "numerator"),
            (IOP, (3, 3, 2.9), "below"),
            (IOP, (4, 4, 4, 4, 3), "numerator"),
            (IOP, (4, 4, 4, 4, 4), "above"),
            ("partial_hospitalization", (5, 5, 5, 5), "numerator"),
            ("partial_hospitalization", (5, 5, 5, 4.9), "below"),
            ("standard_outpatient", (9,), "numerator"),
            ("standard_outpatient", (9, 1), "above"),
        ],
    )
    def test_a_week_against_the_level_s_hours(self, level: Any, hours: Any, where: str) -> None:
        facts = [starts(21, level), *weekly(21, *hours), ends(14, level)]
        row = only(answers("attendance", *facts, show="bounds"), bound="hours")
        assert (row[where], row["denominator"]) == (1, 1)

    @pytest.mark.parametrize(("sessions", "where"), [(2, "below"), (3, "numerator"), (5, "numerator"), (6, "above")])
    def test_sessions_a_week_of_intensive_outpatient(self, sessions: int, where: str) -> None:
        facts = [starts(21, IOP), *weekly(21, *[2] * sessions), ends(14, IOP)]
        assert only(answers("attendance", *facts, show="bounds"), bound="sessions")[where] == 1

    @pytest.mark.parametrize(("days", "where"), [(41, "below"), (42, "numerator"), (84, "numerator"), (85, "above")])
    def test_6_to_12_weeks_of_intensive_outpatient(self, days: int, where: str) -> None:
        facts = [starts(100, IOP), ends(100 - days, IOP)]
        row = only(answers("attendance", *facts, show="bounds"), bound="weeks")
        assert (row["least"], row["most"], row[where]) == (6, 12, 1)

    def test_detox_has_no_bounds(self) -> None:
        assert answers("attendance", starts(30, "medical_detox"), ends(20, "medical_detox"), show="bounds") == []


class TestWhoCame:
    """Attendance, excused absence and no-shows by kind and slot."""

    FACTS = (
        starts(60, IOP, slot="morning"),
        attends(50, slot="evening"),
        attends(49),
        attends(48, 50, "individual"),
        misses(47),
        misses(46, cause="no_show"),
        misses(45, excused=True, cause="illness"),
        misses(44, cause="work"),
    )

    def test_shares(self) -> None:
        row = answers("attendance", *self.FACTS)[0]
        assert (row["offered"], row["attended"], row["missed"], row["excused"], row["no_shows"]) == (7, 3, 4, 1, 2)
        assert (row["attendance_rate"], row["no_show_rate"]) == (3 / 7, 2 / 7)
        assert row["ci_low"] < 3 / 7 < row["ci_high"]

    def test_by_kind_and_slot_of_the_stay(self) -> None:
        rows = answers("attendance", *self.FACTS, show="sessions", by=("kind", "slot"))
        assert [(row["kind"], row["slot"], row["attended"], row["offered"]) for row in rows] == [
            ("group", "morning", 2, 6),
            ("individual", "morning", 1, 1),
        ]

    def test_filters_by_kind(self) -> None:
        rows = answers("attendance", *self.FACTS, show="sessions", by=("level",), where={"kind": "individual"})
        assert [(row["level"], row["offered"]) for row in rows] == [(IOP, 1)]

    def test_without_a_slot_of_the_stay_the_session_s_counts(self) -> None:
        rows = answers("attendance", starts(60), attends(50, slot="evening"), show="sessions", by=("slot",))
        assert [row["slot"] for row in rows] == ["evening"]

    def test_attended_and_missed_are_counted_in_the_same_slot(self) -> None:
        """Else all that is attended is in a slot, what is missed in none, and the slots' rates are too good."""
        sessions = (attends(50, slot="evening"), misses(49, slot="evening"), attends(48, slot="morning"), misses(47))
        rows = answers("attendance", starts(60), *sessions, show="sessions", by=("slot",))
        assert [(row["slot"], row["attended"], row["offered"]) for row in rows] == [
            ("", 0, 1),
            ("evening", 1, 2),
            ("morning", 1, 1),
        ]

    def test_an_alumni_meeting_belongs_to_the_alumni_stay(self) -> None:
        facts = (starts(60), starts(59, "alumni"), attends(50), attends(49, 60, "alumni_meeting"))
        rows = answers("attendance", *facts)
        assert {row["level"]: row["offered"] for row in rows} == {"standard_outpatient": 1, "alumni": 1}

    @pytest.mark.parametrize(("ended", "offered"), [(40.05, 1), (40.1, 0), (40.4, 0)])
    def test_a_session_counts_until_the_moment_of_discharge(self, ended: float, offered: int) -> None:
        """A stay is open from its start until its end, the end not in it."""
        facts = (starts(60), ends(ended), attends(40.1), attends(50))
        assert answers("attendance", *facts)[0]["offered"] == 1 + offered

    def test_a_session_after_a_transfer_belongs_to_the_stay_that_goes_on(self) -> None:
        """Never to the one that ended that morning."""
        facts = (starts(60, IOP), ends(40.4, IOP), starts(40.4), attends(40.1), attends(50))
        assert {row["level"]: row["offered"] for row in answers("attendance", *facts)} == {IOP: 1, OUTPATIENT: 1}

    def test_of_several_open_stays_it_belongs_to_the_one_begun_last(self) -> None:
        facts = (starts(60, IOP), starts(50, concurrent=True), attends(40), attends(55))
        assert {row["level"]: row["offered"] for row in answers("attendance", *facts)} == {IOP: 1, OUTPATIENT: 1}


def test_bounds_include_their_ends() -> None:
    assert [side(value, 3, 5) for value in (2, 3, 5, 6)] == ["below", "within", "within", "above"]
    assert (side(1, None, None), side(10, None, 9), side(1, 2, None)) == ("", "above", "below")


def test_simulated_sessions_are_counted_once_each(simulated: Programme) -> None:
    expected: Counter[str] = Counter()
    for chart in simulated.charts:
        for name in ("SessionAttended", "SessionMissed"):
            for entry in entries_of(chart, name):
                if any(s.start <= entry.at and (s.end is None or entry.at < s.end or entry.day == s.end_day) for s in chart.journey.stays):  # fmt: skip
                    expected[name] += 1
    row = run_report("attendance", simulated.services, ReportParams(by=("all",)))[0]
    assert (row["attended"], row["missed"]) == (expected["SessionAttended"], expected["SessionMissed"])
    by_kind = run_report("attendance", simulated.services, ReportParams(show="sessions"))
    assert sum(one["offered"] for one in by_kind) == row["offered"]
    by_level = run_report("attendance", simulated.services, ReportParams())
    assert sum(one["weeks"] for one in by_level) == row["weeks"]


def test_simulated_hours_of_intensive_outpatient_week_by_week(simulated: Programme) -> None:
    inside: Counter[str] = Counter()
    for chart in simulated.charts:
        attended = entries_of(chart, "SessionAttended")
        missed = entries_of(chart, "SessionMissed")
        for stay in (s for s in chart.journey.stays if s.level == IOP and not s.concurrent):
            end = stay.end_day if stay.end_day is not None else max(e.day for e in chart.entries) + 1
            others = [s for s in chart.journey.stays if s.start > stay.start and s.level != "alumni"]
            own = [e for e in (*attended, *missed) if _open(stay, e) and not any(_open(o, e) for o in others)]
            came = [e for e in own if e in attended and e.event.kind != "alumni_meeting"]  # type: ignore[attr-defined]
            for first in range(stay.start_day, end - 6, 7) if own else ():
                minutes = sum(e.event.minutes for e in came if first <= e.day < first + 7)  # type: ignore[attr-defined]
                inside["below" if minutes < 540 else "above" if minutes > 1140 else "within"] += 1
    row = only(run_report("attendance", simulated.services, ReportParams()), level=IOP)
    found = (row["weeks_below_hours"], row["weeks_within_hours"], row["weeks_above_hours"])
    assert found == tuple(inside[name] for name in ("below", "within", "above"))


def _open(stay: Stay, entry: Entry) -> bool:
    return stay.start <= entry.at and (stay.end is None or entry.at < stay.end)
