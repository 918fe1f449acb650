"""Quality: each measure on a history that a reader can count, its window to the day, and who is left out."""

from __future__ import annotations

from typing import Any

import pytest

from domain.events import (
    ClientDied,
    DrugScreenResulted,
    EntryRetracted,
    MedicationGiven,
    SessionMissed,
    UseReported,
)
from infra.reporting.reports import ReportParams, run_report
from projections.filters import FilterError
from projections.quality.definition import MEASURES
from projections.quality.fold import MODEL
from tests.projections.conftest import TODAY, Programme, days_of
from tests.projections.quality_facts import MET, NOT_YET, UNMET, attends, prescribed, rate
from tests.projections.telling import answers, ends, starts
from tests.spec import Fact, ago, fact, given

DETOX = (starts(300, "medical_detox"), ends(290, "medical_detox"))


class TestAfterDetox:
    """A lower level within 14 days; continuity within 7 and 14."""

    @pytest.mark.parametrize(("days", "found"), [(0, MET), (14, MET), (15, UNMET)])
    def test_a_lower_level_by_day_14(self, days: int, found: Any) -> None:
        assert rate("lower_level_14", *DETOX, starts(290 - days, "residential")) == found

    def test_detox_again_and_alumni_are_no_lower_level(self) -> None:
        assert rate("lower_level_14", *DETOX, starts(288, "alumni")) == UNMET
        again = (starts(288, "medical_detox"), ends(280, "medical_detox"))
        assert rate("lower_level_14", *DETOX, *again) == (0, 2, 0)

    def test_a_death_in_the_window_leaves_it_but_not_continuity_which_has_no_exclusions(self) -> None:
        death = fact(ClientDied(), ago(285))
        assert rate("lower_level_14", *DETOX, death) is None
        assert rate("detox_continuity_7", *DETOX, death) == UNMET
        assert rate("lower_level_14", *DETOX, fact(ClientDied(), ago(275))) == UNMET

    def test_a_window_that_has_not_passed_is_in_no_rate(self) -> None:
        lately = (starts(20, "medical_detox"), ends(14, "medical_detox"))
        assert rate("lower_level_14", *lately, starts(13)) == NOT_YET
        assert rate("lower_level_14", *lately, starts(13), later=1) == MET


class TestReadmission:
    """The same or a more intensive level on day 1–30 or 1–90."""

    @pytest.mark.parametrize(
        ("day", "month", "quarter"), [(0, 0, 0), (1, 1, 1), (30, 1, 1), (31, 0, 1), (90, 0, 1), (91, 0, 0)]
    )
    def test_days(self, day: int, month: int, quarter: int) -> None:
        facts = (starts(300, "residential"), ends(250, "residential"), starts(250 - day, "residential"))
        assert rate("readmission_30", *facts) == (month, 1, 0)
        assert rate("readmission_90", *facts) == (quarter, 1, 0)

    def test_a_step_down_is_none_and_a_step_up_is_one(self) -> None:
        stay = (starts(300, "intensive_outpatient"), ends(250, "intensive_outpatient"))
        assert rate("readmission_30", *stay, starts(245)) == UNMET
        assert rate("readmission_30", *stay, starts(245, "medical_detox")) == MET


class TestContinuation:
    """Four more units of service in the 30 days after admission."""

    def test_sessions_after_the_day_of_admission(self) -> None:
        four = [attends(300 - day) for day in (1, 2, 3, 30)]
        assert rate("continuation_30", starts(300), *four) == MET
        assert rate("continuation_30", starts(300), *four[:3], attends(300)) == UNMET
        assert rate("continuation_30", starts(300), *four[:3], attends(269)) == UNMET

    def test_days_in_24_hour_care_are_units_and_their_sessions_are_not(self) -> None:
        assert rate("continuation_30", starts(300, "residential"), ends(295, "residential")) == MET
        short = (starts(300, "residential"), ends(296, "residential"))
        assert rate("continuation_30", *short, attends(299), attends(298)) == UNMET

    def test_each_episode_has_its_own(self) -> None:
        assert rate("continuation_30", starts(300), ends(250), starts(200), ends(150)) == (0, 2, 0)
        assert rate("continuation_30", starts(300), ends(250), starts(240), ends(150)) == (0, 1, 0)


def test_each_measure_has_its_row_with_definition_and_source(simulated: Programme) -> None:
    rows = run_report("quality", simulated.services, ReportParams())
    assert [row["measure"] for row in rows] == list(MEASURES)
    for row in rows:
        assert row["definition"]
        assert row["source"]
        assert row["ci_low"] <= row["share"] <= row["ci_high"]


def test_no_such_measure() -> None:
    with pytest.raises(FilterError, match="readmission_30"):
        answers("quality", measure="happiness")


def test_a_retracted_stay_leaves_no_count() -> None:
    start = starts(300, "medical_detox")
    gone = fact(EntryRetracted(target=start.id, reason="other client"))
    given(start, ends(290, "medical_detox"), gone).again(2).shows(MODEL, "quality_count")


class TestWhatIsOnRecord:
    """No figure comes out of an absence: each row says of how many nothing is known after the index event."""

    DISCHARGED = (starts(300, "residential"), ends(290, "residential"))

    def test_nothing_after_the_index_event(self) -> None:
        rows = answers("quality", *self.DISCHARGED, measure="readmission_30")
        assert [(row["denominator"], row["never_observed"]) for row in rows] == [(1, 1)]

    @pytest.mark.parametrize("sign", [
        attends(200), fact(SessionMissed(kind="group"), ago(200)), prescribed(200), starts(200, "alumni"),
        fact(MedicationGiven(drug="buprenorphine"), ago(200)),
        fact(DrugScreenResulted(specimen="urine", positive=()), ago(200)),
        fact(UseReported(substance="opioid", on=ago(200).date()), ago(200)),
    ])  # fmt: skip
    def test_any_sign_however_late_is_an_observation(self, sign: Fact) -> None:
        rows = answers("quality", *self.DISCHARGED, sign, measure="readmission_30")
        assert [row["never_observed"] for row in rows] == [0]

    def test_what_lies_before_it_or_at_its_moment_says_nothing_of_what_follows(self) -> None:
        rows = answers("quality", *self.DISCHARGED, attends(290), attends(295), measure="readmission_30")
        assert [row["never_observed"] for row in rows] == [1]

    def test_those_who_wait_are_in_no_number_but_their_own(self) -> None:
        rows = answers("quality", starts(20, "residential"), ends(10, "residential"), measure="readmission_30")
        assert [(row["not_yet"], row["never_observed"], row["unknown"]) for row in rows] == [(1, 0, 0)]


def test_simulated_rates_are_what_a_plain_count_of_days_finds(simulated: Programme) -> None:
    """Readmission and a lower level, from sets of days and nothing else."""
    expected: dict[str, list[bool]] = {name: [] for name in ("readmission_90", "lower_level_14")}
    order = ["medical_detox", "residential", "partial_hospitalization", "intensive_outpatient", "standard_outpatient"]
    for chart in simulated.charts:
        stays = [s for s in chart.journey.stays if s.level in order]
        death = min(days_of(chart, "ClientDied"), default=10**9)
        for stay in stays:
            if stay.end_day is None or stay.concurrent or stay.reason == "died":
                continue
            end, level = stay.end_day, order.index(stay.level)
            others = [s for s in stays if s is not stay]
            outcomes: dict[str, tuple[int, bool]] = {}
            back = any(
                end < s.start_day <= end + 90 and order.index(s.level) <= level for s in others if not s.concurrent
            )
            outcomes["readmission_90"] = 90, back
            if level == 0:
                lower = any(s.start >= stay.start and s.start_day <= end + 14 and s.level != stay.level for s in others)
                outcomes["lower_level_14"] = 14, lower
            for name, (days, met) in outcomes.items():
                if end + days < TODAY.toordinal() and (met or death > end + days):
                    expected[name].append(met)
    found = {row["measure"]: row for row in run_report("quality", simulated.services, ReportParams())}
    for name, outcomes_ in expected.items():
        assert (found[name]["numerator"], found[name]["denominator"]) == (sum(outcomes_), len(outcomes_)), name
