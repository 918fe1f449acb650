"""Follow-up after 24-hour care at every edge of the texts: NCQA FUI, CBE 3590, CBE 3312."""

from __future__ import annotations

from typing import Any

import pytest

from domain.events import ClientDied, MedicationStarted
from infra.reporting.reports import ReportParams, run_report
from projections.chart import Chart
from tests.projections.conftest import TODAY, Programme, days_of, entries_of
from tests.projections.quality_facts import MET, NOT_YET, UNMET, attends, given_dose, prescribed, rate
from tests.projections.telling import ends, only, starts
from tests.spec import Fact, ago, fact


def stay(first: float, last: float, level: Any = "residential", **more: Any) -> tuple[Fact, Fact]:
    return starts(first, level, **more), ends(last, level)


RESIDENTIAL = stay(300, 290)
DETOX = stay(300, 290, "medical_detox")
BOTH = ("follow_up", "cbe_3590")


class TestWithinDays:
    """On day 1 to 7 or 30 after discharge, the day of discharge left aside."""

    @pytest.mark.parametrize("measure", BOTH)
    @pytest.mark.parametrize(
        ("day", "week", "month"), [(0, UNMET, UNMET), (1, MET, MET), (7, MET, MET), (8, UNMET, MET), (30, UNMET, MET)]
    )
    def test_a_visit_or_medication(self, measure: str, day: int, week: Any, month: Any) -> None:
        """Visits on the date of discharge are not included; a visit or a medication event counts."""
        for event in (attends(290 - day), given_dose(290 - day), prescribed(290 - day)):
            assert rate(f"{measure}_7", *RESIDENTIAL, event) == week
            assert rate(f"{measure}_30", *RESIDENTIAL, event) == month
        assert rate(f"{measure}_30", *RESIDENTIAL, attends(259)) == UNMET

    @pytest.mark.parametrize("measure", BOTH)
    def test_the_start_of_an_outpatient_level_and_an_alumni_meeting_are_none(self, measure: str) -> None:
        """What counts is a visit for treatment."""
        assert rate(f"{measure}_7", *RESIDENTIAL, starts(288), attends(287, kind="alumni_meeting")) == UNMET

    def test_outpatient_discharges_are_no_index(self) -> None:
        assert rate("follow_up_7", starts(300), ends(290)) is None

    def test_it_is_settled_after_the_last_day(self) -> None:
        lately = stay(40, 7)
        assert rate("follow_up_7", *lately, attends(5)) == NOT_YET
        assert rate("follow_up_7", *lately, attends(5), later=1) == MET


class TestHighIntensityCare:
    """NCQA FUI: which discharges count, and what of 24-hour care is follow-up."""

    @pytest.mark.parametrize("gap", [2, 7])
    def test_residential_care_afterwards_is_follow_up(self, gap: int) -> None:
        """A residential or inpatient stay is among the follow-up services."""
        assert rate("follow_up_7", *DETOX, starts(290 - gap, "residential")) == MET

    def test_withdrawal_management_afterwards_is_none_nor_is_what_happens_in_it(self) -> None:
        """Withdrawal management does not count as follow-up."""
        again = (*stay(287, 280, "medical_detox"), attends(286), given_dose(285))
        assert rate("follow_up_7", *RESIDENTIAL, *again) == UNMET

    @pytest.mark.parametrize(("gap", "found"), [(0, MET), (1, MET), (2, UNMET)])
    def test_a_direct_transfer_moves_the_index_to_its_last_discharge(self, gap: int, found: Any) -> None:
        """Where the next stay begins at most one day after a discharge, the date is that of the last discharge."""
        next_stay = stay(290 - gap, 260, "medical_detox")
        assert rate("follow_up_7", *RESIDENTIAL, *next_stay, attends(258)) == found

    def test_a_transfer_of_which_the_last_stay_is_open_is_no_discharge_yet(self) -> None:
        assert rate("follow_up_7", *DETOX, starts(290, "residential")) is None

    def test_it_counts_where_the_last_stay_was(self) -> None:
        facts = (*stay(300, 290, "medical_detox", site="North"), *stay(290, 260, site="South"), attends(258))
        assert rate("follow_up_7", *facts, where={"site": "South"}) == MET
        assert rate("follow_up_7", *facts, where={"level": "medical_detox"}) is None

    @pytest.mark.parametrize(("days", "found"), [(30, (1, 1, 0)), (31, (1, 2, 0))])
    def test_of_several_within_31_days_the_first_counts(self, days: int, found: Any) -> None:
        """If there is more than one in 31 days, the first is taken, then the next from the 31st day after it on."""
        second = stay(290 - days + 5, 290 - days, "medical_detox")
        assert rate("follow_up_7", *RESIDENTIAL, attends(288), *second) == found

    def test_who_died_without_it_is_left_out(self) -> None:
        assert rate("follow_up_7", *RESIDENTIAL, fact(ClientDied(), ago(285))) is None
        assert rate("follow_up_7", *RESIDENTIAL, attends(288), fact(ClientDied(), ago(285))) == MET
        assert rate("follow_up_7", stay(300, 290)[0], fact(ClientDied(), ago(290))) is None


class TestHospitalOrResidentialCare:
    """CBE 3590: discharges from hospital or residential care; only the latter is recorded here."""

    def test_withdrawal_management_is_no_index(self) -> None:
        """It is about those treated by an inpatient or residential provider; withdrawal has CBE 3312."""
        assert rate("cbe_3590_7", *DETOX, attends(288)) is None
        assert rate("cbe_3590_7", *DETOX, *stay(290, 260), attends(258)) == MET
        assert rate("cbe_3590_7", *RESIDENTIAL, *stay(289, 280, "medical_detox"), attends(278)) is None

    def test_residential_care_is_follow_up_only_after_a_hospital(self) -> None:
        """Follow-up includes residential treatment after an inpatient discharge."""
        assert rate("cbe_3590_30", *RESIDENTIAL, *stay(280, 240)) == (0, 2, 0)

    def test_every_discharge_counts(self) -> None:
        """It is a share of discharges, not of the first of some."""
        assert rate("cbe_3590_30", *RESIDENTIAL, attends(285), *stay(280, 270), attends(260)) == (2, 2, 0)

    def test_deaths_count(self) -> None:
        """Its only exclusion is about payers."""
        assert rate("cbe_3590_7", *RESIDENTIAL, fact(ClientDied(), ago(285))) == UNMET


class TestAfterWithdrawalManagement:
    """CBE 3312: within 7 or 14 days after discharge from medically managed withdrawal."""

    @pytest.mark.parametrize(
        ("day", "week", "fortnight"),
        [(0, UNMET, UNMET), (1, MET, MET), (7, MET, MET), (8, UNMET, MET), (15, UNMET, UNMET)],
    )
    def test_a_visit(self, day: int, week: Any, fortnight: Any) -> None:
        """An outpatient visit, an intensive outpatient or partial hospitalisation encounter."""
        assert rate("detox_continuity_7", *DETOX, attends(290 - day)) == week
        assert rate("detox_continuity_14", *DETOX, attends(290 - day)) == fortnight

    @pytest.mark.parametrize(("day", "week"), [(0, MET), (7, MET), (8, UNMET)])
    def test_residential_care(self, day: int, week: Any) -> None:
        """Residential treatment in the days after discharge, also one that began on that day."""
        assert rate("detox_continuity_7", *DETOX, *stay(290 - day, 260)) == week
        assert rate("detox_continuity_7", *DETOX, *stay(290, 289.9)) == UNMET

    def test_medication_on_the_day_of_discharge(self) -> None:
        """A drug prescribed or received; what was given in withdrawal management is its own."""
        assert rate("detox_continuity_7", *DETOX, prescribed(290)) == MET
        assert rate("detox_continuity_7", *DETOX, prescribed(290.1)) == MET
        assert rate("detox_continuity_7", *DETOX, given_dose(290.1)) == UNMET
        assert rate("detox_continuity_7", *DETOX, given_dose(283)) == MET
        assert rate("detox_continuity_7", *DETOX, prescribed(290, "sertraline", "psychiatric")) == UNMET

    def test_neither_the_start_of_an_outpatient_level_nor_detox_again(self) -> None:
        """Treatment is a visit, residential care or medication."""
        assert rate("detox_continuity_7", *DETOX, starts(289)) == UNMET
        again = (*stay(288, 280, "medical_detox"), attends(285), given_dose(284))
        assert rate("detox_continuity_7", *DETOX, *again) == (0, 2, 0)


def _followed_up(chart: Chart) -> list[tuple[int, bool]]:
    """(discharge, whether followed up within 7 days) of a chart by FUI, from lists of days and nothing else."""
    care = [s for s in chart.journey.stays if s.level in {"medical_detox", "residential"}]
    inside = [(s.start, s.end if s.end is not None else 10**18, s.level) for s in care]
    dosed = {entry.event.drug for entry in entries_of(chart, "MedicationGiven")}  # type: ignore[attr-defined]
    mat = {e.event.drug for e in entries_of(chart, "MedicationStarted") if e.event.class_ in MAT}  # type: ignore[attr-defined]
    days = [
        entry.day
        for entry in entries_of(chart, "SessionAttended")
        if entry.event.kind != "alumni_meeting" and not any(a <= entry.at < b for a, b, _ in inside)  # type: ignore[attr-defined]
    ]
    for entry in (*entries_of(chart, "MedicationGiven"), *entries_of(chart, "MedicationStarted")):
        counts = entry.event.drug in (mat - dosed if isinstance(entry.event, MedicationStarted) else mat)  # type: ignore[attr-defined]
        if counts and not any(a <= entry.at < b and level == "medical_detox" for a, b, level in inside):
            days.append(entry.day)
    days += [s.start_day for s in care if s.level == "residential"]
    found: list[tuple[int, bool]] = []
    for one in care:
        end = one.end_day
        if end is None or one.reason == "died" or any(s.start > one.start and s.start_day <= end + 1 for s in care):
            continue
        if not found or end - found[-1][0] >= 31:
            found.append((end, any(end < day <= end + 7 for day in days)))
    return found


MAT = {"agonist", "partial_agonist", "antagonist"}


def test_the_simulated_rate_is_what_a_plain_count_finds(simulated: Programme) -> None:
    counted: list[bool] = []
    for chart in simulated.charts:
        death = min(days_of(chart, "ClientDied"), default=10**9)
        settled = [(end, met) for end, met in _followed_up(chart) if end + 7 < TODAY.toordinal()]
        counted += [met for end, met in settled if met or death > end + 7]
    row = only(run_report("quality", simulated.services, ReportParams()), measure="follow_up_7")
    assert (row["numerator"], row["denominator"]) == (sum(counted), len(counted))
    assert len(counted) > 30
