"""Weekly patterns as folded from a client's events: which weeks, which screens, which drugs are expected."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.events import (
    DrugScreenResulted,
    EntryRetracted,
    LevelOfCareEnded,
    LevelOfCareStarted,
    MedicationStarted,
    MedicationStopped,
    NoteAdded,
    TreatmentPlanSet,
)
from domain.levels import Level
from projections.abstinence.fold import MODEL
from tests.spec import NOW, Fact, ago, fact, given

TODAY = NOW.toordinal()


def starts(days_ago: float, level: Level = "standard_outpatient", planned_days: int | None = None) -> Fact:
    end = None if planned_days is None else (ago(days_ago) + timedelta(days=planned_days)).date()
    return fact(LevelOfCareStarted(level=level, planned_end_on=end), ago(days_ago))


def ends(days_ago: float, level: Level = "standard_outpatient") -> Fact:
    return fact(LevelOfCareEnded(level=level, reason="completed"), ago(days_ago))


def screen(days_ago: float, *positive: str, **more: Any) -> Fact:
    return fact(DrugScreenResulted(specimen="urine", positive=positive, **more), ago(days_ago))


def shows(*facts: Fact, **row: object) -> None:
    given(*facts).again(2).shows(MODEL, "pattern", row)


class TestWeeks:
    """From the day after the start to the planned end."""

    def test_to_the_planned_end_even_if_the_stay_ended_before_it(self) -> None:
        shows(starts(40, planned_days=28), ends(33), pattern="oooo", end_day=TODAY - 12, discharged_day=TODAY - 33)

    def test_to_the_end_where_nothing_was_planned(self) -> None:
        shows(starts(40), ends(20), pattern="ooo", end_day=TODAY - 20)

    def test_an_open_stay_runs_to_the_latest_entry(self) -> None:
        shows(starts(40), screen(29), pattern="o-", discharged_day=None)

    def test_the_latest_plan_moves_the_end(self) -> None:
        plan = TreatmentPlanSet(planned_end_on=ago(19).date())
        shows(starts(40, planned_days=28), fact(plan, ago(30)), pattern="ooo")

    def test_the_first_day_does_not_count_and_the_last_does(self) -> None:
        shows(starts(40, planned_days=14), screen(40), screen(26), pattern="o-")

    @pytest.mark.parametrize("level", ["medical_detox", "alumni"])
    def test_no_pattern_of_detox_or_alumni(self, level: Level) -> None:
        given(starts(40, level, 28)).shows(MODEL, "pattern")

    def test_each_stay_has_its_own(self) -> None:
        given(starts(90), ends(76), starts(40), ends(33), screen(80), screen(34, "Opioid")).shows(
            MODEL, "pattern", {"n": 1, "pattern": "o-"}, {"n": 2, "pattern": "+"}
        )


class TestScreens:
    """Use, clean, both, neither."""

    STAY = (starts(29, planned_days=28), ends(1))

    def test_the_four_symbols(self) -> None:
        shows(*self.STAY, screen(28), screen(21, "Opioid"), screen(14), screen(13, "Methadone"), pattern="-+*o")

    def test_use_beats_clean_on_the_same_day(self) -> None:
        shows(*self.STAY, screen(28), screen(28, "Opioid"), pattern="+ooo")

    def test_other_substances_are_no_target(self) -> None:
        shows(*self.STAY, screen(28, "Cocaine"), pattern="-ooo")

    def test_an_unscheduled_screen_counts_only_when_it_shows_use(self) -> None:
        shows(*self.STAY, screen(28, unscheduled=True), screen(21, "Opioid", unscheduled=True), pattern="o+oo")

    def test_a_refused_result_is_no_use(self) -> None:
        shows(*self.STAY, screen(28, "Opioid", valid=False), pattern="-ooo")

    def test_what_is_prescribed_is_expected_while_it_is(self) -> None:
        begun = fact(MedicationStarted.model_validate({"drug": "buprenorphine", "class": "partial_agonist"}), ago(29))
        stopped = fact(MedicationStopped(drug="buprenorphine"), ago(10))
        both = (screen(28, "Buprenorphine"), screen(7, "Buprenorphine"))
        shows(*self.STAY, begun, stopped, *both, pattern="-oo+")
        shows(*self.STAY, *both, pattern="+oo+")

    def test_a_retracted_screen_is_gone_and_so_are_its_counts(self) -> None:
        used = screen(28, "Opioid")
        gone = fact(EntryRetracted(target=used.id, reason="other client"), NOW)
        shows(*self.STAY, used, gone, pattern="oooo")
        start = starts(29, planned_days=28)
        nothing = fact(EntryRetracted(target=start.id, reason="other client"), NOW)
        given(start, used, nothing, fact(NoteAdded(text="x"))).again(2).shows(MODEL, "measure_count")
