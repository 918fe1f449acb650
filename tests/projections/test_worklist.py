"""The work list: who needs something done, which flag says so, and when each goes up and down."""

from __future__ import annotations

from typing import Any

import pytest

from domain.events import AssessmentCompleted, LeaveStarted, SessionAttended, SessionMissed, TreatmentPlanSet
from projections.filters import FilterError
from projections.status.flags import FLAG_TITLES
from tests.projections.telling import answers, ends, starts
from tests.spec import Fact, ago, fact


def assessed(days_ago: float) -> Fact:
    found = AssessmentCompleted(
        assessor="c-1",
        edition=3,
        asam=(1, 1, 1, 1, 1, 1),
        recommended_level="intensive_outpatient",
        needs_24h_supervision=False,
        mental_health_severity="mild",
        home="supportive",
        substance_free_home=True,
        motivated=True,
    )
    return fact(found, ago(days_ago))


def attends(days_ago: float) -> Fact:
    return fact(SessionAttended(kind="group", minutes=60), ago(days_ago))


def flags(*facts: Fact, **params: Any) -> list[str]:
    return [row["flag"] for row in answers("worklist", *facts, show="flags", **params)]


@pytest.mark.parametrize(("days", "up"), [(13, []), (14, ["no_contact"])])
def test_no_contact_outside_24_hour_care(days: int, up: list[str]) -> None:
    assert flags(starts(60), attends(days)) == up
    assert flags(starts(60, "residential"), attends(days)) == []
    assert flags(starts(days)) == up


def test_away_is_not_out_of_contact() -> None:
    assert flags(starts(60), attends(30), fact(LeaveStarted(kind="hospital"), ago(29))) == ["on_leave"]


@pytest.mark.parametrize(("days", "up"), [(30, []), (31, ["assessment_outdated"])])
def test_an_assessment_too_old_to_open_a_level(days: int, up: list[str]) -> None:
    assert flags(assessed(days)) == up


def test_who_steps_down_soon_needs_a_new_assessment() -> None:
    def planned(days: int) -> Fact:
        return fact(TreatmentPlanSet(planned_end_on=ago(-days).date()), ago(59))

    assert flags(assessed(61), starts(60), attends(1), planned(7)) == ["assessment_outdated"]
    assert flags(assessed(61), starts(60), attends(1), planned(8)) == []
    assert flags(assessed(61), starts(60), attends(1), planned(7), assessed(20)) == []


def test_one_row_a_flag_the_most_pressing_first() -> None:
    missed = [fact(SessionMissed(kind="group"), ago(day)) for day in (3, 2)]
    plan = fact(TreatmentPlanSet(review_due_on=ago(1).date()), ago(50))
    rows = answers("worklist", starts(60, site="North"), attends(20), plan, *missed, show="flags")
    found = [row["flag"] for row in rows]
    assert found == ["missed_in_a_row", "no_contact", "plan_review_due"]
    assert found == sorted(found, key=list(FLAG_TITLES).index)
    assert {row["client"] for row in rows} == {"C-1"}
    assert all(row["site"] == "North" and row["next_step"] for row in rows)


def test_filters_by_flag_and_site() -> None:
    facts = (starts(60, site="North"), attends(20), starts(60, client="C-2", site="South"))
    assert len(answers("worklist", *facts, where={"flag": "no_contact"})) == 2
    assert len(answers("worklist", *facts, where={"flag": "no_contact", "site": "South"})) == 1
    assert answers("worklist", *facts, where={"flag": "consent_expiring"}) == []
    with pytest.raises(FilterError, match="no flag"):
        answers("worklist", *facts, where={"flag": "sadness"})


class TestOverlaps:
    """One person is in one bed: an admission entered twice counts once, and the work list asks for a correction."""

    TWICE = (starts(60, "residential", site="North"), starts(58, "residential", site="North"))

    def test_an_admission_entered_twice_is_over_with_its_end(self) -> None:
        gone = (*self.TWICE, ends(53, "residential"))
        assert flags(*gone) == ["follow_up_due", "overlapping_stays"]
        assert [row["census"] for row in answers("census", *gone, start=ago(59).date(), end=ago(52).date())] == [
            *(1 for _ in range(6)),
            *(0 for _ in range(2)),
        ]

    def test_it_is_one_bed_while_it_lasts(self) -> None:
        assert flags(*self.TWICE) == ["overlapping_stays"]
        assert [row["census"] for row in answers("census", *self.TWICE)] == [1]

    def test_the_end_of_one_site_leaves_the_stay_at_another(self) -> None:
        moved = (starts(60, "residential", site="North"), starts(58, "residential", site="South"))
        rows = answers("census", *moved, ends(57, "residential"), by=("site",))
        assert {row["site"]: row["census"] for row in rows} == {"North": 0, "South": 1}

    def test_concurrent_levels_do_not_overlap(self) -> None:
        assert flags(starts(60, "residential"), starts(58, "standard_outpatient", concurrent=True)) == []


def test_a_level_that_ended_by_death_asks_for_nothing() -> None:
    gone = (starts(60, "residential"), ends(40, "residential", reason="died"))
    assert flags(*gone) == []
    assert [row["state"] for row in answers("status", *gone, by=("state",))] == ["died"]
