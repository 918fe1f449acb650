"""A simulated programme looks like the national figures that it is calibrated to."""

from __future__ import annotations

from statistics import median
from typing import get_args

import pytest
from summary import Summary

from domain.events import CATALOGUE
from domain.levels import Level
from domain.vocabulary import IncidentKind, LeaveKind, MissedCause, Modality, Reason, ReferralKind, SessionKind, Slot
from infra.simulator.calibration import DIRT, LATE_ENTRY
from projections.statistics import wilson

# What only the system itself writes, or another chart is needed for.
NOT_SIMULATED = {
    "ChartClosed",
    "ChartsMerged",
    "ClientErased",
    "EntrySetAside",
    "EntryTakenUp",
    "ErasureRequested",
    "FlagAssigned",
    "FlagDone",
    "FlagSnoozed",
    "MergedChartContinued",
    "NotSamePerson",
    "OverlapResolved",
}


@pytest.mark.parametrize(
    ("program", "national", "tolerance"),
    [
        ("Medical detox", 0.623, 0.03),
        ("Short-term residential", 0.615, 0.03),
        ("Long-term residential", 0.429, 0.06),
        ("Partial hospitalization", 0.50, 0.04),
        ("Intensive outpatient", 0.377, 0.03),
        ("Outpatient", 0.364, 0.03),
        ("Opioid treatment program", 0.166, 0.08),
    ],
)
def test_share_completed_is_near_the_national_share(
    programme: Summary, program: str, national: float, tolerance: float
) -> None:
    """TEDS 2004, table 2.5; partial hospitalization is not in TEDS."""
    assert programme.completed(program) == pytest.approx(national, abs=tolerance)


@pytest.mark.parametrize(
    ("program", "national"),
    [
        ("Medical detox", 0.623),
        ("Short-term residential", 0.615),
        ("Long-term residential", 0.429),
        ("Intensive outpatient", 0.377),
        ("Outpatient", 0.364),
    ],
)
def test_the_national_share_lies_in_the_interval_of_the_simulated_one(
    programme: Summary, program: str, national: float
) -> None:
    """TEDS 2004, table 2.5, within the 99 % Wilson interval: the simulator is off by no more than chance."""
    reasons = programme.reasons[program]
    share = wilson(reasons["completed"], reasons.total(), 0.99)
    assert share.low is not None
    assert share.high is not None
    assert share.low <= national <= share.high


@pytest.mark.parametrize(
    ("program", "all_ended", "completers"),
    [
        ("Medical detox", (3, 5), (4, 6)),
        ("Short-term residential", (25, 29), (26, 30)),
        ("Intensive outpatient", (38, 44), (47, 53)),
        ("Outpatient", (74, 88), (90, 115)),
    ],
)
def test_median_length_of_stay_is_near_the_national_one(
    programme: Summary, program: str, all_ended: tuple[int, int], completers: tuple[int, int]
) -> None:
    """TEDS 2004: 41 days in intensive outpatient, 50 of completers."""
    assert all_ended[0] <= median(programme.days[program]) <= all_ended[1]
    assert completers[0] <= median(programme.completed_days[program]) <= completers[1]


def test_dropping_out_is_the_first_reason_of_who_does_not_complete(programme: Summary) -> None:
    """National order of 2006: dropped out, transferred, terminated, incarcerated."""
    reasons = programme.reasons["Intensive outpatient"]
    order = ("left_against_advice", "transferred", "terminated_by_facility", "incarcerated")
    assert [reasons[reason] for reason in order] == sorted((reasons[reason] for reason in order), reverse=True)


def test_every_event_type_occurs(programme: Summary) -> None:
    """Whole journeys: from the first contact to alumni, with what is put right afterwards."""
    clinical = {name for name, cls in CATALOGUE.types.items() if not cls.of_provider}
    assert clinical - set(programme.types) == NOT_SIMULATED


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("level", get_args(Level)),
        ("reason", get_args(Reason)),
        ("slot", get_args(Slot)),
        ("modality", get_args(Modality)),
        ("cause", get_args(MissedCause)),
        ("referral_kind", get_args(ReferralKind)),
        ("drug", ("buprenorphine", "methadone", "naltrexone")),
        ("instrument", ("phq9", "gad7", "bam", "cows", "ciwa_ar")),
        ("category", ("substance_use", "mental_health")),
        ("unscheduled", (True,)),
        ("valid", (False,)),
        ("concurrent", (True,)),
        ("specimen", ("urine", "oral_fluid", "breath")),
    ],
)
def test_every_value_of_a_telling_field_occurs(programme: Summary, name: str, values: tuple[object, ...]) -> None:
    """No branch of a dashboard stays empty."""
    assert [value for value in values if not programme.values[name, value]] == []


@pytest.mark.parametrize("values", [get_args(SessionKind), get_args(LeaveKind), get_args(IncidentKind)])
def test_every_kind_of_session_leave_and_incident_occurs(programme: Summary, values: tuple[str, ...]) -> None:
    """Kinds share one field name."""
    assert [value for value in values if not programme.values["kind", value]] == []


def test_overrides_and_charting_errors_are_few_but_there(programme: Summary) -> None:
    """Dirt is small, and named in the calibration table."""
    overridden = sum(count for (name, _), count in programme.values.items() if name == "override_reason")
    assert 0 < overridden < 0.06 * programme.started["Intensive outpatient"]
    late = programme.attended_late / programme.types["SessionAttended"]
    assert late == pytest.approx(LATE_ENTRY, rel=0.3)
    amended = programme.types["EntryCorrected"] + programme.types["EntryRetracted"]
    assert 0 < amended < 0.02 * programme.types.total()
    assert all(share <= 0.01 for share in DIRT.values())


def test_a_client_leaves_as_many_entries_as_in_a_real_programme(programme: Summary) -> None:
    """50,000 to 90,000 entries of 400 clients in 18 months."""
    assert 125 <= programme.types.total() / programme.clients <= 225


def test_attendance_is_realistic(programme: Summary) -> None:
    """No-shows below the 20 % that NIATx takes for a target, and not far from it."""
    attended = programme.types["SessionAttended"]
    assert 0.80 <= attended / (attended + programme.types["SessionMissed"]) <= 0.90
