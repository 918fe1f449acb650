"""The line of an entry as a clinician would write it: no identifiers, units behind numbers, days as the reader has them."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from api.i18n.clock import on_clock
from api.i18n.language import own_direction, speaking, translated
from domain.events import CATALOGUE
from projections.timeline.summary import summary_of
from projections.timeline.words import value_of, words

APPOINTMENT = {"appointment_id": "next", "starts_at": "2026-11-30T13:00:00Z", "kind": "individual", "minutes": 50}
ARRIVAL = {"level": "residential", "on": "2026-07-14", "from": "intensive_outpatient"}
REFERRAL = {"partner": "Job Centre", "service": "employment"}
FLAG = {"flag": "no_contact", "since": "2026-07-14", "to": "dr-b"}
LINES = [
    ("AppointmentScheduled", APPOINTMENT, "30 Nov 2026, 08:00 · Individual · 50 min", "30 nov 2026, 08:00 · Individual · 50 min"),
    ("AppointmentCancelled", {"appointment_id": "v1", "notice_hours": 4}, "notice 4 h", "aviso 4 h antes"),
    ("GoalProgressed", {"goal_id": "g2", "status": "met"}, "Met", "Cumplida"),
    ("MedicationGiven", {"drug": "naltrexone", "dose_mg": 380}, "naltrexone · 380 mg", "naltrexone · 380 mg"),
    ("MedicationGiven", {"drug": "methadone", "days_supply": 1}, "methadone · supply for 1 day", "methadone · suministro para 1 día"),
    ("AbstinenceReported", {"through": "2026-07-14", "days": 37}, "37 days without use, up to 14 Jul 2026",
     "37 días sin consumo, hasta 14 jul 2026"),
    ("AbstinenceReported", {"through": "2026-07-14", "days": 1}, "1 day without use, 14 Jul 2026", "1 día sin consumo, 14 jul 2026"),
    ("UseReported", {"substance": "Thc", "on": "2026-07-14"}, "THC · 14 Jul 2026", "THC · 14 jul 2026"),
    ("UseReported", {"substance": "Opioid", "on": "2026-07-14"}, "Opioid · 14 Jul 2026", "Opioides · 14 jul 2026"),
    ("ArrivalPlanned", ARRIVAL, "Residential · 14 Jul 2026 · from Intensive outpatient (IOP)",
     "Residencial · 14 jul 2026 · desde Ambulatorio intensivo (IOP)"),
    ("CommunityReferralMade", REFERRAL, "Job Centre · Employment", "Job Centre · Empleo"),
    ("ConsentGiven", {"consent_id": "c1", "recipient": "Clinic", "purpose": "legal"}, "Clinic · Legal", "Clinic · Asuntos legales"),
    ("FlagAssigned", FLAG, "No contact · since 14 Jul 2026 · assigned to dr-b", "Sin contacto · desde 14 jul 2026 · asignado a dr-b"),
    ("FollowUpMissed", {"milestone_days": 30, "attempts": 1}, "1 attempt", "1 intento"),
    ("TreatmentPlanSet", {"goals": [{"goal_id": "g1"}], "review_due_on": "2026-07-14"}, "1 goal · review due 14 Jul 2026",
     "1 meta · revisión prevista 14 jul 2026"),
    ("SessionAttended", {"kind": "group", "minutes": 60, "modality": "cbt"}, "60 min · CBT", "60 min · TCC"),
    ("RelapseRecorded", {"substance": "Alcohol", "plan_reviewed": False}, "Alcohol · plan reviewed: no",
     "Alcohol · plan revisado: no"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "data", "english", "spanish"), LINES)
def test_a_line_reads_as_a_clinician_writes_it(kind: str, data: dict[str, Any], english: str, spanish: str) -> None:
    line = summary_of(CATALOGUE.types[kind].model_validate(data))
    with on_clock(ZoneInfo("America/New_York")):
        assert translated(line) == english
        with speaking("es"):
            assert translated(line) == spanish


def test_programs_read_days_and_moments_as_iso_8601() -> None:
    assert summary_of(CATALOGUE.types["AppointmentScheduled"].model_validate(APPOINTMENT)).startswith(
        "2026-11-30T13:00:00Z"
    )
    assert summary_of(CATALOGUE.types["ArrivalPlanned"].model_validate(ARRIVAL)).startswith("Residential · 2026-07-14")


def test_a_moment_is_told_in_utc_to_who_asks_for_it_or_has_no_clock() -> None:
    line = summary_of(CATALOGUE.types["AppointmentScheduled"].model_validate(APPOINTMENT))
    assert translated(line).startswith("30 Nov 2026, 13:00 UTC")
    with on_clock(ZoneInfo("America/New_York"), utc=True):
        assert translated(line).startswith("30 Nov 2026, 13:00 UTC")


@pytest.mark.parametrize(
    ("code", "spelled"),
    [("cbt", "CBT"), ("emdr", "EMDR"), ("Thc", "THC"), ("TPO", "TPO"), ("icd10", "ICD-10"), ("dose_mg", "Dose mg")],
)
def test_acronyms_of_vocabularies_stay_acronyms(code: str, spelled: str) -> None:
    assert words(code) == spelled


def test_an_opened_entry_spells_acronyms_and_says_known_words() -> None:
    assert value_of("SessionAttended", "modality", "dbt") == "DBT"
    assert value_of("DrugScreenResulted", "positive", ["Thc", "Opioid"]) == "THC; Opioid"
    with speaking("es"):
        assert translated(value_of("CommunityReferralMade", "service", "employment")) == "Empleo"
        assert translated(value_of("DrugScreenResulted", "positive", ["Thc", "Opioid"])) == "THC; Opioides"
        assert own_direction(value_of("CommunityReferralMade", "partner", "Clients")) == "<bdi>Clients</bdi>"


def test_an_opened_entry_says_days_and_moments_as_the_reader_writes_them() -> None:
    replacement = {
        "type": "UseReported",
        "occurred_at": "2026-07-14T13:00:00Z",
        "data": {"substance": "alcohol", "on": "2026-07-13"},
    }
    with on_clock(ZoneInfo("America/New_York")):
        assert translated(value_of("ArrivalPlanned", "on", "2026-07-14")) == "14 Jul 2026"
        assert translated(value_of("AppointmentScheduled", "starts_at", "2026-11-30T13:00:00Z")) == "30 Nov 2026, 08:00"
        said = translated(value_of("EntryCorrected", "replacement", replacement))
        assert said == "Type: Use reported, Occurred at: 14 Jul 2026, 09:00, Data: Substance: Alcohol, On: 13 Jul 2026"
        with speaking("es"):
            assert translated(value_of("ArrivalPlanned", "on", "2026-07-14")) == "14 jul 2026"
    assert value_of("NoteAdded", "text", "on 2026-07-14 he said") == "on 2026-07-14 he said"
    assert value_of("NoteAdded", "text", "2026-02-31") == "2026-02-31"
    assert value_of("ArrivalPlanned", "on", "2026-07-14") == "2026-07-14"  # programs read it as it is
