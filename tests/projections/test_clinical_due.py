"""What has a day: what is planned for a stay, the interviews after a discharge, the consents that run out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.events import (
    ClientDied,
    FollowUpCompleted,
    FollowUpMissed,
    LevelOfCareEnded,
    LevelOfCareStarted,
    TreatmentPlanSet,
)
from domain.levels import Level
from projections.chart import Chart
from projections.clinical.course import last_stay, main_stay
from projections.clinical.due import follow_ups, follow_ups_now, open_milestone, planned
from projections.clinical_summary.course import episodes
from projections.clinical_summary.plan import follow_ups_of
from tests.spec import NOW, Fact, ago, entries, fact

TODAY = NOW.toordinal()
IOP: Level = "intensive_outpatient"


def chart(*facts: Fact) -> Chart:
    return Chart("c" * 32, len(facts), entries(list(facts)))


def day(ahead: int) -> date:
    return date.fromordinal(TODAY + ahead)


def start(days_ago: float, level: Level = IOP, ahead: int | None = None, **more: Any) -> Fact:
    end = None if ahead is None else day(ahead)
    return fact(LevelOfCareStarted(level=level, planned_end_on=end, **more), ago(days_ago))


def end(days_ago: float, level: Level = IOP) -> Fact:
    return fact(LevelOfCareEnded(level=level, reason="completed"), ago(days_ago))


def plan(days_ago: float, ahead: int | None = None, review: int | None = None, sessions: int | None = None) -> Fact:
    ends, due = None if ahead is None else day(ahead), None if review is None else day(review)
    event = TreatmentPlanSet(planned_end_on=ends, review_due_on=due, planned_sessions_per_week=sessions)
    return fact(event, ago(days_ago))


def now(*facts: Fact) -> tuple[int | None, int | None, int | None]:
    """Planned end and review as days from today, sessions a week, of where the client is."""
    known = chart(*facts)
    found = planned(known, main_stay(known.journey))
    return (
        None if found.end is None else found.end - TODAY,
        None if found.review_due is None else found.review_due - TODAY,
        found.sessions_per_week,
    )


class TestPlanned:
    """The latest statement by clinical time is in force; what it leaves out stays as said before."""

    def test_the_latest_by_clinical_time_and_not_by_recording(self) -> None:
        assert now(start(20, ahead=9), plan(3, 40, 7), plan(10, 30, 5, 3)) == (40, 7, 3)

    def test_the_start_of_a_level_is_later_than_a_plan_before_it(self) -> None:
        assert now(plan(30, 30, 5, 3), start(20, ahead=9, planned_sessions_per_week=2)) == (9, 5, 2)

    def test_a_plan_from_before_goes_on_where_the_start_says_nothing(self) -> None:
        assert now(start(60, "residential"), plan(30, 30, 5, 3), end(20, "residential"), start(20)) == (30, 5, 3)

    @pytest.mark.parametrize(("ahead", "found"), [(-20, None), (-19, -19)])
    def test_a_planned_end_that_had_come_by_the_start_is_none_of_this_stay(self, ahead: int, found: int | None) -> None:
        assert now(plan(30, ahead, 5), start(20)) == (found, 5, None)

    def test_nothing_is_planned_for_who_is_in_no_level(self) -> None:
        assert now(start(60), plan(50, 30, 5, 3), end(20)) == (None, None, None)

    def test_aftercare_takes_no_plan_over(self) -> None:
        left = (start(60), plan(50, 30, 5, 3), end(20), start(19, "alumni"))
        assert now(*left) == (None, None, None)
        assert now(*left, plan(9, review=8)) == (None, 8, None)

    def test_a_plan_after_the_next_stay_began_is_that_stay_s(self) -> None:
        known = chart(start(60, ahead=-30), end(40), plan(39, -25), start(20), plan(10, 30))
        first, second = known.journey.stays
        assert [planned(known, stay).end for stay in (first, second)] == [TODAY - 25, TODAY + 30]

    def test_stays_beside_each_other_have_one_plan(self) -> None:
        known = chart(start(60, "residential"), start(50, concurrent=True), plan(10, 30))
        assert {planned(known, stay).end for stay in known.journey.stays} == {TODAY + 30}

    def test_a_plan_after_the_end_is_that_of_the_stay_that_went_on_beside_it(self) -> None:
        beside = start(50, ahead=-10, concurrent=True, program="Methadone")
        known = chart(start(60, "residential", ahead=-5), beside, end(40), plan(10, 30))
        assert [planned(known, stay).end for stay in known.journey.stays] == [TODAY + 30, TODAY - 10]


def held(days_ago: float, milestone: Any = 30, abstinent: bool = True) -> Fact:
    return fact(FollowUpCompleted(milestone_days=milestone, abstinent_past_30_days=abstinent), ago(days_ago))


def missed(days_ago: float, milestone: Any = 30) -> Fact:
    return fact(FollowUpMissed(milestone_days=milestone, attempts=3), ago(days_ago))


class TestFollowUps:
    """What settles a milestone, and which one is open."""

    def settled(self, *facts: Fact) -> list[int]:
        return [one.milestone_days for one in follow_ups(chart(*facts).entries, TODAY - 100) if one.settled]

    def test_from_the_discharge_day_on(self) -> None:
        assert self.settled(held(100.4), missed(9, 90)) == [30, 90]  # 100.4 days ago is earlier on the same day
        assert self.settled(held(101)) == []

    def test_until_the_client_is_back(self) -> None:
        known = chart(start(200), end(160), start(90), end(20), held(10))
        earlier, later = episodes(known, TODAY)
        assert [one.milestone_days for one in follow_ups_of(known, earlier) if one.settled] == []
        assert [one.milestone_days for one in follow_ups_of(known, later) if one.settled] == [30]

    @pytest.mark.parametrize("facts", [(held(60), missed(50)), (missed(60), held(50)), (held(70), held(60), missed(9))])
    def test_an_interview_that_was_held_counts_and_the_latest_of_several(self, facts: tuple[Fact, ...]) -> None:
        [first, *_] = follow_ups(chart(*facts).entries, TODAY - 100)
        latest = max(one.at for one in facts if isinstance(one.event, FollowUpCompleted))
        assert first.held and first.settled and first.settled.occurred_at == latest

    def test_none_in_treatment_or_after_a_death(self) -> None:
        for facts in ((start(60),), (start(60), end(50), start(40)), (start(60), end(50), fact(ClientDied(), ago(5)))):
            known = chart(*facts)
            assert follow_ups_now(known.entries, known.journey) == []

    @pytest.mark.parametrize(
        ("days", "settled", "found"),
        [(0, (), 30), (30, (), 30), (89, (), 30), (90, (), 90), (90, (90,), 180), (40, (30,), 90), (900, (), 365)],
    )
    def test_one_milestone_is_open_until_the_next_one_s_day(self, days: int, settled: Any, found: int) -> None:
        assert open_milestone(TODAY - days, settled, TODAY) == found

    def test_none_is_open_where_each_is_settled(self) -> None:
        assert open_milestone(TODAY - 900, (365,), TODAY) is None


def test_the_discharge_is_the_latest_end_of_treatment() -> None:
    alumni = start(19, "alumni")
    last = last_stay(
        chart(start(60), start(50, "residential", concurrent=True), end(30, "residential"), end(20), alumni).journey
    )
    assert last and (last.level, last.end_day) == (IOP, TODAY - 20)
    assert last_stay(chart(start(60), end(20), start(10)).journey) is None
    assert last_stay(chart(alumni).journey) is None
