"""Point prevalence after the last stay: of all who left, of those reached, and who is not yet counted."""

from __future__ import annotations

from typing import Any

import pytest

from domain.events import (
    AbstinenceReported,
    ClientDied,
    DrugScreenResulted,
    FollowUpCompleted,
    FollowUpMissed,
    LapseRecorded,
    MedicationStarted,
    UseReported,
)
from infra.reporting.reports import ReportParams, run_report
from tests.projections.conftest import TODAY, Programme, entries_of
from tests.projections.telling import answers, ends, only, starts
from tests.spec import Fact, ago, fact

LEFT = (starts(600), ends(500))


def interview(days_ago: float, milestone: Any = 90, abstinent: bool = True) -> Fact:
    return fact(FollowUpCompleted(milestone_days=milestone, abstinent_past_30_days=abstinent), ago(days_ago))


def used(days_ago: float, substance: str = "Heroin") -> Fact:
    return fact(UseReported(substance=substance, on=ago(days_ago).date()), ago(days_ago))


def screen(days_ago: float, *positive: str) -> Fact:
    return fact(DrugScreenResulted(specimen="urine", positive=positive), ago(days_ago))


def at(milestone: int, *facts: Fact, **params: Any) -> tuple[int, int, int]:
    """(abstinent, reached, all who left) at a milestone."""
    row = only(answers("prevalence", *facts, **params), milestone=milestone)
    return row["numerator"], row["reached"], row["denominator"]


ABSTINENT, NOT_ABSTINENT, LOST = (1, 1, 1), (0, 1, 1), (0, 0, 1)


class TestState:
    """What the interview, screens and reports of the 30 days before say."""

    def test_the_interview(self) -> None:
        assert at(90, *LEFT, interview(410)) == ABSTINENT
        assert at(90, *LEFT, interview(410, abstinent=False)) == NOT_ABSTINENT

    def test_nobody_heard_of_them(self) -> None:
        assert at(90, *LEFT) == LOST
        assert at(90, *LEFT, fact(FollowUpMissed(milestone_days=90, attempts=3), ago(405))) == LOST
        assert at(90, *LEFT, interview(320, 180)) == LOST

    @pytest.mark.parametrize(("days", "found"), [(410, NOT_ABSTINENT), (439, NOT_ABSTINENT), (440, LOST), (409, LOST)])
    def test_reported_use_in_the_30_days_up_to_the_milestone(self, days: int, found: Any) -> None:
        assert at(90, *LEFT, used(days)) == found

    def test_use_outweighs_a_good_interview(self) -> None:
        assert at(90, *LEFT, interview(405), used(420)) == NOT_ABSTINENT
        assert at(90, *LEFT, interview(405), screen(420, "Cocaine")) == NOT_ABSTINENT
        assert at(90, *LEFT, interview(405), fact(LapseRecorded(substance="Alcohol"), ago(420))) == NOT_ABSTINENT

    def test_the_30_days_end_on_the_day_of_a_late_interview(self) -> None:
        assert at(90, *LEFT, interview(390), used(395)) == NOT_ABSTINENT
        assert at(90, *LEFT, interview(390), used(425)) == ABSTINENT

    def test_a_clean_screen_or_report_is_enough_to_be_reached(self) -> None:
        assert at(90, *LEFT, screen(415)) == ABSTINENT
        report = fact(AbstinenceReported(through=ago(412).date(), days=20), ago(412))
        assert at(90, *LEFT, report) == ABSTINENT

    @pytest.mark.parametrize(
        ("through", "days", "found"),
        [(405, 23, ABSTINENT), (405, 6, ABSTINENT), (405, 5, LOST), (439, 3, ABSTINENT), (440, 3, LOST)],
    )
    def test_every_day_that_a_report_is_about_is_known(self, through: int, days: int, found: Any) -> None:
        report = fact(AbstinenceReported(through=ago(through).date(), days=days), ago(through))
        assert at(90, *LEFT, report) == found

    def test_days_without_one_substance_are_not_days_without_use(self) -> None:
        report = AbstinenceReported(through=ago(412).date(), days=20, substances=("alcohol",))
        assert at(90, *LEFT, fact(report, ago(412))) == LOST

    def test_what_is_prescribed_and_nicotine_are_no_use(self) -> None:
        begun = fact(MedicationStarted.model_validate({"drug": "buprenorphine", "class": "partial_agonist"}), ago(590))
        assert at(90, *LEFT, begun, screen(415, "Buprenorphine")) == ABSTINENT
        assert at(90, *LEFT, screen(415, "Buprenorphine")) == NOT_ABSTINENT
        assert at(90, *LEFT, interview(410), used(415, "Nicotine")) == ABSTINENT

    def test_use_before_the_end_of_the_stay_is_not_use_after_it(self) -> None:
        assert at(30, *LEFT, interview(470, 30), used(501)) == ABSTINENT


class TestWho:
    """Who counts below the line, and when."""

    def test_the_last_stay_s_end_counts_and_alumni_is_no_stay(self) -> None:
        back = (starts(400), ends(300))
        assert at(90, *LEFT, *back, interview(210)) == ABSTINENT
        assert at(90, *LEFT, starts(490, "alumni"), interview(410)) == ABSTINENT

    def test_back_in_treatment_or_died_in_it_has_not_left(self) -> None:
        assert answers("prevalence", *LEFT, starts(100)) == []
        assert answers("prevalence", starts(600), fact(ClientDied(), ago(500))) == []

    def test_died_since_is_not_abstinent(self) -> None:
        assert at(90, *LEFT, fact(ClientDied(), ago(450))) == LOST

    @pytest.mark.parametrize(("later", "counted"), [(0, 0), (1, 1)])
    def test_two_weeks_of_grace_for_the_interview(self, later: int, counted: int) -> None:
        row = only(answers("prevalence", starts(200), ends(104), later=later), milestone=90)
        assert (row["denominator"], row["not_yet"]) == (counted, 1 - counted)

    def test_intention_to_treat_and_among_those_reached(self) -> None:
        facts = [one for n in range(4) for one in (starts(600, client=f"C-{n}"), ends(500, client=f"C-{n}"))]
        heard = [interview(410)._replace(client="C-0"), interview(410, abstinent=False)._replace(client="C-1")]
        row = only(answers("prevalence", *facts, *heard), milestone=90)
        assert (row["share"], row["share_reached"]) == (0.25, 0.5)
        assert row["ci_low"] < 0.25 < row["ci_high"]
        assert row["reached_low"] < 0.5 < row["reached_high"]


def test_simulated_interviews_bound_the_prevalence(simulated: Programme) -> None:
    """Who was asked and said no is never counted as abstinent; who said yes is reached."""
    for milestone in (30, 90, 180, 365):
        left = yes = asked = 0
        for chart in simulated.charts:
            treated = [s for s in chart.journey.stays if s.level != "alumni"]
            if not treated or any(s.open for s in treated):
                continue
            last = max(treated, key=lambda s: s.end or 0)
            assert last.end_day is not None
            if last.reason == "died" or last.end_day + milestone + 14 >= TODAY.toordinal():
                continue
            left += 1
            found = [e.event for e in entries_of(chart, "FollowUpCompleted") if e.at >= (last.end or 0)]
            own = [e for e in found if isinstance(e, FollowUpCompleted) and e.milestone_days == milestone]
            asked += bool(own)
            yes += bool(own) and own[-1].abstinent_past_30_days
        row = only(run_report("prevalence", simulated.services, ReportParams()), milestone=milestone)
        assert row["denominator"] == left
        assert row["reached"] >= asked
        assert row["numerator"] <= yes + row["reached"] - asked
