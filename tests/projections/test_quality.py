"""Quality: each measure on a history that a reader can count, its window to the day, and who is left out."""

from __future__ import annotations

from typing import Any

import pytest

from domain.events import (
    ClientDied,
    DiagnosisRecorded,
    DrugScreenResulted,
    EntryRetracted,
    MedicationGiven,
    MedicationStarted,
    SessionAttended,
    SessionMissed,
    UseReported,
)
from infra.reports import ReportParams, run_report
from projections.chart import Chart
from projections.filters import FilterError
from projections.quality.definition import MEASURES
from projections.quality.fold import MODEL
from tests.projections.conftest import TODAY, Programme, days_of
from tests.projections.telling import answers, ends, starts
from tests.spec import Fact, ago, fact, given

DETOX = (starts(300, "medical_detox"), ends(290, "medical_detox"))


def attends(days_ago: float, kind: Any = "group") -> Fact:
    return fact(SessionAttended(kind=kind, minutes=60), ago(days_ago))


def prescribed(days_ago: float, drug: str = "buprenorphine", kind: str = "partial_agonist") -> Fact:
    return fact(MedicationStarted.model_validate({"drug": drug, "class": kind}), ago(days_ago))


def diagnosed(days_ago: float, category: Any = "substance_use") -> Fact:
    return fact(DiagnosisRecorded(icd10="F11.20", category=category), ago(days_ago))


def rate(measure: str, *facts: Fact, **params: Any) -> tuple[int, int, int] | None:
    """(numerator, denominator, not yet) of a measure, or None where nobody is in it."""
    rows = answers("quality", *facts, measure=measure, **params)
    return (rows[0]["numerator"], rows[0]["denominator"], rows[0]["not_yet"]) if rows else None


MET, UNMET, NOT_YET = (1, 1, 0), (0, 1, 0), (0, 0, 1)


class TestAfterDetox:
    """A lower level within 14 days; continuity within 7 and 14."""

    @pytest.mark.parametrize(("days", "found"), [(0, MET), (14, MET), (15, UNMET)])
    def test_a_lower_level_by_day_14(self, days: int, found: Any) -> None:
        assert rate("lower_level_14", *DETOX, starts(290 - days, "residential")) == found

    def test_detox_again_and_alumni_are_no_lower_level(self) -> None:
        assert rate("lower_level_14", *DETOX, starts(288, "alumni")) == UNMET
        again = (starts(288, "medical_detox"), ends(280, "medical_detox"))
        assert rate("lower_level_14", *DETOX, *again) == (0, 2, 0)

    @pytest.mark.parametrize(
        ("day", "seven", "fourteen"), [(0, UNMET, UNMET), (1, MET, MET), (7, MET, MET), (8, UNMET, MET)]
    )
    def test_continuity_by_a_session_after_the_day_of_discharge(self, day: int, seven: Any, fourteen: Any) -> None:
        session = attends(290 - day)
        assert rate("detox_continuity_7", *DETOX, session) == seven
        assert rate("detox_continuity_14", *DETOX, session) == fourteen

    def test_continuity_by_medication_or_a_level_on_the_day_of_discharge(self) -> None:
        assert rate("detox_continuity_7", *DETOX, prescribed(290)) == MET
        assert rate("detox_continuity_7", *DETOX, starts(290, "residential")) == MET
        assert rate("detox_continuity_7", *DETOX, prescribed(290, "sertraline", "psychiatric")) == UNMET

    def test_a_death_in_the_window_leaves_it_but_not_continuity_which_has_no_exclusions(self) -> None:
        death = fact(ClientDied(), ago(285))
        assert rate("lower_level_14", *DETOX, death) is None
        assert rate("detox_continuity_7", *DETOX, death) == UNMET
        assert rate("lower_level_14", *DETOX, fact(ClientDied(), ago(275))) == UNMET

    def test_a_window_that_has_not_passed_is_in_no_rate(self) -> None:
        lately = (starts(20, "medical_detox"), ends(14, "medical_detox"))
        assert rate("lower_level_14", *lately, starts(13)) == NOT_YET
        assert rate("lower_level_14", *lately, starts(13), later=1) == MET


class TestFollowUp:
    """After 24-hour care, never on the day of discharge."""

    @pytest.mark.parametrize(("day", "found"), [(0, UNMET), (1, MET), (7, MET), (8, UNMET)])
    def test_a_service_on_day_1_to_7(self, day: int, found: Any) -> None:
        stay = (starts(300, "residential"), ends(290, "residential"))
        assert rate("follow_up_7", *stay, attends(290 - day)) == found

    def test_another_24_hour_stay_within_the_window_is_the_one_that_counts(self) -> None:
        residential = (starts(290, "residential"), ends(260, "residential"))
        assert rate("follow_up_7", *DETOX, *residential, attends(258)) == MET
        assert rate("follow_up_7", *DETOX, *residential) == UNMET

    def test_outpatient_discharges_are_no_index(self) -> None:
        assert rate("follow_up_7", starts(300), ends(290)) is None


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


class TestInitiationAndEngagement:
    """New diagnoses; day 0–13; two more services in the 34 days after."""

    @pytest.mark.parametrize(("day", "found"), [(0, MET), (13, MET), (14, UNMET)])
    def test_initiation(self, day: int, found: Any) -> None:
        assert rate("iet_initiation", diagnosed(300), starts(300 - day)) == found

    def test_engagement_counts_services_after_the_first(self) -> None:
        first = (diagnosed(300), starts(295))
        assert rate("iet_engagement", *first, attends(290)) == UNMET
        assert rate("iet_engagement", *first, attends(290), attends(261)) == MET
        assert rate("iet_engagement", *first, attends(290), attends(260)) == UNMET
        assert rate("iet_engagement", *first, attends(295), attends(290)) == UNMET

    def test_a_known_diagnosis_or_a_service_before_is_no_new_episode(self) -> None:
        assert rate("iet_initiation", diagnosed(300), diagnosed(200), attends(199)) == (0, 1, 0)
        assert rate("iet_initiation", attends(310), diagnosed(300)) is None
        assert rate("iet_initiation", diagnosed(400), diagnosed(205), attends(204)) == (1, 2, 0)

    def test_other_diagnoses_do_not_count(self) -> None:
        assert rate("iet_initiation", diagnosed(300, "mental_health")) is None

    def test_it_counts_by_the_day_of_the_diagnosis(self) -> None:
        facts = (diagnosed(300), starts(295), ends(200))
        period = {"start": ago(301).date(), "end": ago(299).date()}
        assert rate("iet_initiation", *facts, **period) == MET
        assert rate("iet_initiation", *facts, start=ago(210).date()) is None


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


def _served(chart: Chart) -> list[int]:
    drugs = {e.event.drug for e in chart.entries if isinstance(e.event, MedicationStarted) and e.event.class_ != "psychiatric"}  # fmt: skip
    found = days_of(chart, "SessionAttended")
    for entry in chart.entries:
        event = entry.event
        if isinstance(event, MedicationGiven | MedicationStarted) and event.drug in drugs:
            found.append(entry.day)
    return found + [stay.start_day for stay in chart.journey.stays if stay.level != "alumni"]


def test_simulated_rates_are_what_a_plain_count_of_days_finds(simulated: Programme) -> None:
    """Follow-up, readmission and a lower level, from sets of days and nothing else."""
    expected: dict[str, list[bool]] = {name: [] for name in ("follow_up_7", "readmission_90", "lower_level_14")}
    order = ["medical_detox", "residential", "partial_hospitalization", "intensive_outpatient", "standard_outpatient"]
    for chart in simulated.charts:
        served, stays = set(_served(chart)), [s for s in chart.journey.stays if s.level in order]
        death = min(days_of(chart, "ClientDied"), default=10**9)
        for stay in stays:
            if stay.end_day is None or stay.concurrent or stay.reason == "died":
                continue
            end, level = stay.end_day, order.index(stay.level)
            others = [s for s in stays if s is not stay]
            outcomes: dict[str, tuple[int, bool]] = {}
            inside = [s for s in others if s.level in order[:2] and s.start >= stay.start and s.start_day <= end + 7]
            if level < 2 and not inside:
                outcomes["follow_up_7"] = 7, any(end + day in served for day in range(1, 8))
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
