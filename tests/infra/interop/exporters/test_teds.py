"""TEDS records: codes of the codebook, lengths of stay to last contact, and what is missing."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from domain.events import (
    AssessmentCompleted,
    ClientRegistered,
    DiagnosisRecorded,
    LevelOfCareEnded,
    LevelOfCareStarted,
    MedicationStarted,
    ReferralReceived,
    SessionAttended,
    UseReported,
)
from infra.bootstrap import Services
from infra.interop.exporters.teds import codes
from infra.interop.exporters.teds.records import records
from infra.interop.exporters.teds.run import ADMISSION_COLUMNS, DISCHARGE_COLUMNS, export_teds
from infra.reporting.reports import ReportParams, run_report
from projections.chart import Chart
from tests.spec import Fact, ago, entries, fact


def chart(*facts: Fact) -> Chart:
    """A chart of these facts."""
    return Chart("c" * 32, len(facts), entries(list(facts)))


IOP = LevelOfCareStarted(level="intensive_outpatient")
DONE = LevelOfCareEnded(level="intensive_outpatient", reason="completed")


def test_an_iop_stay_that_was_completed() -> None:
    admission, discharge = records(
        chart(
            fact(ClientRegistered(name="A", birth_date=date(1990, 1, 1), sex="female"), ago(110)),
            fact(ReferralReceived(referrer="R", referral_kind="court"), ago(104)),
            fact(
                DiagnosisRecorded(icd10="F11.20", category="substance_use", substance="heroin", severity="severe"),
                ago(101),
            ),
            fact(IOP, ago(100)),
            *(
                fact(UseReported(substance="heroin", on=ago(100 + day).date(), route="intravenous"), ago(100))
                for day in (2, 5)
            ),
            fact(MedicationStarted.model_validate({"drug": "buprenorphine", "class": "partial_agonist"}), ago(99)),
            fact(SessionAttended(kind="group", minutes=180), ago(60)),
            fact(DONE, ago(50)),
        )
    )[0]
    assert discharge is not None
    assert {key: admission[key] for key in ("SERVICES", "PSOURCE", "DAYWAIT", "GENDER", "DSMCRIT", "METHUSE")} == {
        "SERVICES": 6,
        "PSOURCE": 7,
        "DAYWAIT": 1,
        "GENDER": 2,
        "DSMCRIT": 5,
        "METHUSE": 1,
    }
    assert (admission["SUB1"], admission["SUB2"], admission["FREQ1"], admission["ROUTE1"]) == (5, 1, 2, 4)
    assert (admission["ALCDRUG"], admission["TRANSACTION"]) == (2, "admission")
    # to the last contact, 40 days on, and a day more for an outpatient service
    assert (discharge["REASON"], discharge["LOS_DAYS"], discharge["LOS"]) == (1, 41, 31)


def test_a_change_of_service_is_a_transfer_and_alumni_has_no_record() -> None:
    found = records(
        chart(
            fact(LevelOfCareStarted(level="residential", planned_end_on=ago(160).date()), ago(200)),
            fact(LevelOfCareEnded(level="residential", reason="transferred"), ago(170)),
            fact(IOP, ago(165)),
            fact(DONE, ago(100)),
            fact(LevelOfCareStarted(level="alumni"), ago(90)),
        )
    )
    assert [(record["SERVICES"], record["TRANSACTION"]) for record, _ in found] == [(5, "admission"), (6, "transfer")]
    assert [discharge["REASON"] for _, discharge in found if discharge] == [4, 1]


def test_an_open_stay_has_no_discharge_and_what_is_not_known_is_missing() -> None:
    admission, discharge = records(chart(fact(IOP, ago(3))))[0]
    assert discharge is None
    for item in ("AGE", "GENDER", "RACE", "LIVARAG", "PSOURCE", "SUB1", "FREQ1", "DSMCRIT", "PRIMPAY", "NOPRIOR"):
        assert admission[item] == codes.MISSING, item


def test_an_unhoused_client_without_a_mental_health_problem() -> None:
    found = AssessmentCompleted(
        assessor="a",
        edition=3,
        asam=(1, 1, 1, 1, 1, 1),
        recommended_level="intensive_outpatient",
        needs_24h_supervision=False,
        mental_health_severity="none",
        home="unhoused",
        substance_free_home=False,
        motivated=True,
    )
    admission, _ = records(chart(fact(found, ago(5)), fact(IOP, ago(3))))[0]
    assert (admission["LIVARAG"], admission["PSYPROB"]) == (1, 2)


@pytest.mark.parametrize(
    ("days", "code"), [(0, 1), (1, 1), (30, 30), (31, 31), (45, 31), (46, 32), (90, 33), (365, 36), (366, 37)]
)
def test_length_of_stay_codes(days: int, code: int) -> None:
    assert codes.los_code(days) == code


@pytest.mark.parametrize(("years", "code"), [(11, -9), (12, 1), (20, 3), (54, 10), (64, 11), (65, 12), (None, -9)])
def test_age_codes(years: int | None, code: int) -> None:
    assert codes.age_code(years) == code


def test_discharges_are_those_of_the_report_but_alumni(programme: Services, tmp_path: Path) -> None:
    result = export_teds(programme.log, tmp_path / "teds")
    rows = run_report("completion", programme, ReportParams(by=("level",)))
    treatment = [row for row in rows if row["level"] != "alumni"]
    assert result.discharges == sum(row["discharges"] for row in treatment)
    with (tmp_path / "teds" / "discharges.csv").open(newline="") as file:
        written = list(csv.DictReader(file))
    assert tuple(written[0]) == DISCHARGE_COLUMNS
    assert sum(row["REASON"] == "1" for row in written) == sum(row["completed"] for row in treatment)
    with (tmp_path / "teds" / "check.csv").open(newline="") as file:
        check = {(row["file"], row["item"]): row for row in csv.DictReader(file)}
    assert check.keys() == {("admissions", name) for name in ADMISSION_COLUMNS} | {
        ("discharges", name) for name in DISCHARGE_COLUMNS
    }
    races = sum(row["RACE"] == "-9" for row in written)
    assert check["discharges", "RACE"]["missing"] == str(races)


def test_a_period_takes_admissions_and_discharges_of_its_days(programme: Services, tmp_path: Path) -> None:
    whole = export_teds(programme.log, tmp_path / "all")
    early = export_teds(programme.log, tmp_path / "early", end=date(2026, 3, 31))
    late = export_teds(programme.log, tmp_path / "late", start=date(2026, 4, 1))
    assert early.admissions + late.admissions == whole.admissions
    assert early.discharges + late.discharges == whole.discharges
