"""FHIR in: the wrong finding. What looks like a result, a stay or a stop, and does not plainly say it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from domain.events import (
    ClientRegistered,
    CommunityReferralMade,
    DiagnosisRecorded,
    DrugScreenResulted,
    InstrumentScored,
    LevelOfCareEnded,
    MedicationStarted,
    MedicationStopped,
    SessionMissed,
)
from infra.eventstore.log import EventLog
from tests.infra.interop.importers.fhir_parts import LOINC, SNOMED, Resource, Store, about, patient, score, screen, stay

WHEN = "2026-01-06T10:00:00-05:00"
POSITIVE: Resource = {"coding": [{"system": SNOMED, "code": "10828004"}]}
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"


@pytest.fixture
def here(tmp_path: Path, embedded: EventLog) -> Store:
    """An empty embedded log."""
    return Store(embedded, tmp_path)


def measured(**quantity: Any) -> Resource:
    """A PHQ-9 as a quantity."""
    return {name: value for name, value in score().items() if name != "valueInteger"} | {"valueQuantity": quantity}


@pytest.mark.parametrize(
    "resource",
    [
        measured(value=10, comparator=">"),
        *(measured(value=value) for value in (12.5, 99, -1, "9", True, 1e30)),
        score(valueInteger="12"),
        score(valueInteger=True),
        score(focus=[{"display": "spouse"}]),
    ],
)
def test_no_score(here: Store, resource: Resource) -> None:
    assert here.take(patient(), resource).chart.of(InstrumentScored) == []
    assert list(here.left) == ["Observation/o1"]


@pytest.mark.parametrize(
    "more",
    [
        {"valueCodeableConcept": POSITIVE, "interpretation": [{"coding": [{"system": INTERPRETATION, "code": "IND"}]}]},
        {"valueCodeableConcept": POSITIVE, "interpretation": [{"text": "Inconclusive"}]},
        {"valueCodeableConcept": {"coding": [*POSITIVE["coding"], {"system": SNOMED, "code": "419984006"}]}},
        {"valueCodeableConcept": POSITIVE, "focus": [{"reference": "RelatedPerson/1"}]},
        {"valueCodeableConcept": POSITIVE, "dataAbsentReason": {"text": "error"}},
    ],
)
def test_no_positive(here: Store, more: Resource) -> None:
    assert here.take(patient(), screen(**more)).chart.of(DrugScreenResulted) == []
    assert list(here.left) == ["Observation/s1"]


@pytest.mark.parametrize(("confirmed", "found"), [("Negative", []), ("Positive", [("opioid",)])])
def test_a_substance_is_tested_once(here: Store, confirmed: str, found: list[tuple[str, ...]]) -> None:
    """A screen and its confirmation in one panel agree, or say nothing."""
    parts = [
        {"code": {"coding": [{"system": LOINC, "code": code}]}, "valueString": said}
        for code, said in (("19295-5", "Positive"), ("18390-5", confirmed))
    ]
    here.take(patient(), screen(code={"text": "panel"}, component=parts))
    assert [event.positive for _, event in here.chart.events(DrugScreenResulted)] == found
    assert [event.panel for _, event in here.chart.events(DrugScreenResulted)] == found


DAY_AND_A_HALF = {"start": "2026-01-10T09:00:00-05:00", "end": "2026-01-11T21:00:00-05:00"}


@pytest.mark.parametrize(
    "more",
    [
        {"class": {"code": "EMER"}, "type": [{"text": "Detox"}], "period": DAY_AND_A_HALF},
        {"class": {"code": "AMB"}, "status": "in-progress", "period": {"start": "2026-06-30T09:00:00Z"}},
        {"class": {"code": "VR"}, "status": "in-progress", "period": {"start": "2026-06-30T09:00:00Z"}},
        {"partOf": {"reference": "Encounter/whole"}, "period": DAY_AND_A_HALF},
    ],
)
def test_no_stay_of_its_own(here: Store, more: Resource) -> None:
    here.take(patient(), stay("whole"), stay("part", **more))
    assert (here.stays(), list(here.left)) == ([("residential", False)], ["Encounter/part"])


@pytest.mark.parametrize("code", ["IMP", "ACUTE", "NONAC", "OBSENC", "SS", "AMB", "VR", "HH"])
def test_weeks_of_any_other_class_are_a_stay(here: Store, code: str) -> None:
    assert here.take(patient(), stay("e1", "Patient/p1", **{"class": {"code": code}})).stays() == [
        ("residential", False)
    ]


@pytest.mark.parametrize(
    ("disposition", "reason"),
    [
        ({"coding": [{"system": "http://elsewhere.example", "code": "home"}]}, "other"),
        ({"coding": [{"system": "http://elsewhere.example", "code": "1", "display": "completed"}]}, "other"),
        ({"coding": [{"code": "01"}]}, "other"),
        ({"text": "Completed the paperwork"}, "other"),
        ({"coding": [{"code": "aadvice"}]}, "left_against_advice"),
    ],
)
def test_no_reason_is_claimed_that_is_not_said(here: Store, disposition: Resource, reason: str) -> None:
    here.take(patient(), stay(hospitalization={"dischargeDisposition": disposition}))
    assert [event.reason for _, event in here.chart.events(LevelOfCareEnded)] == [reason]


@pytest.mark.parametrize(("code", "missed"), [("prov", 0), ("prov-pers", 0), ("maint", 0), ("oth-cms", 0), ("pat", 1)])
def test_what_the_facility_called_off_nobody_missed(here: Store, code: str, missed: int) -> None:
    actor = {"actor": {"reference": "Patient/p1"}, "status": "accepted"}
    visit: Resource = {"resourceType": "Appointment", "id": "a", "status": "cancelled", "start": WHEN, "end": WHEN}
    visit |= {"serviceType": [{"text": "group"}], "participant": [actor]}
    visit["cancelationReason"] = {"coding": [{"code": code}]}
    assert len(here.take(patient(), visit).chart.of(SessionMissed)) == missed


def dosage(milligrams: int, end: str) -> Resource:
    """An instruction until a day."""
    quantity = {"value": milligrams, "unit": "mg"}
    repeat = {"boundsPeriod": {"start": WHEN, "end": end}}
    return {"timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": quantity}]}


def test_a_taper_ends_with_its_last_step(here: Store) -> None:
    steps = [dosage(30, "2026-02-10"), dosage(20, "2026-02-20")]
    drug: Resource = {"medicationCodeableConcept": {"text": "Methadone"}, "dosageInstruction": steps}
    here.take(patient(), about("MedicationRequest", "m", status="active", intent="order", authoredOn=WHEN, **drug))
    assert [event.dose_mg for _, event in here.chart.events(MedicationStarted)] == [None]
    assert [str(entry.occurred_at.date()) for entry in here.chart.of(MedicationStopped)] == ["2026-02-20"]


def test_the_end_of_a_supply_stops_nothing(here: Store) -> None:
    """An active order goes on when it may be dispensed no more; one that ends before it was ordered is none."""
    supply: Resource = {"dispenseRequest": {"validityPeriod": {"end": "2026-02-01"}}}
    drug: Resource = {"medicationCodeableConcept": {"text": "Methadone"}, "intent": "order", "authoredOn": WHEN}
    steps = {"dosageInstruction": [dosage(30, "2025-02-10")]}
    requests = {"a": {"status": "active", **supply}, "b": {"status": "stopped", **steps}}
    here.take(patient(), *(about("MedicationRequest", key, **drug, **more) for key, more in requests.items()))
    assert (here.chart.of(MedicationStopped), list(here.left)) == ([], ["MedicationRequest/b"])


@pytest.mark.parametrize(("system", "made"), [("http://local.example", 0), (None, 1)])
def test_a_status_of_another_system_says_nothing(here: Store, system: str | None, made: int) -> None:
    def said(code: str) -> Resource:
        return {"coding": [{"code": code} | ({"system": system} if system else {})]}

    code = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F11.20"}]}
    statuses = {"clinicalStatus": said("active"), "verificationStatus": said("confirmed")}
    here.take(patient(), about("Condition", "c", code=code, recordedDate="2026-01-07", **statuses))
    assert len(here.chart.of(DiagnosisRecorded)) == made


@pytest.mark.parametrize("start", ["0001-01-01T00:00:00Z", "2026-12-01T00:00:00Z"])
def test_a_time_that_cannot_be_registers_nobody_then(here: Store, start: str) -> None:
    here.take(patient(), stay(status="in-progress", period={"start": start}))
    assert [entry.type for entry in here.chart.entries] == ["ClientRegistered"]


def test_a_procedure_is_no_referral(here: Store) -> None:
    code = {"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "45378", "display": "Colonoscopy"}]}
    order: Resource = {"status": "active", "intent": "order", "authoredOn": WHEN, "performer": [{"display": "Clinic"}]}
    assert here.take(patient(), about("ServiceRequest", "r", code=code, **order)).chart.of(CommunityReferralMade) == []


def test_a_false_that_is_a_text_is_no_truth_value(here: Store) -> None:
    here.take(patient(deceasedBoolean="false"))
    assert (here.charts, "deceasedBoolean" in here.left["Patient/p1"]) == ({}, True)


def contact(code: str, name: str) -> Resource:
    """Somebody whom a Patient names."""
    coding = {"system": "http://terminology.hl7.org/CodeSystem/v2-0131", "code": code}
    return {"relationship": [{"coding": [coding]}], "name": {"text": name}}


def test_only_numbers_in_force_and_emergency_contacts_are_kept(here: Store) -> None:
    over = {"period": {"end": "2020-01-01"}}
    here.take(
        patient(
            telecom=[{"system": "phone", "value": "1", **over}, {"system": "phone", "value": "2"}],
            address=[{"text": "Old Street", **over}],
            contact=[contact("E", "The employer"), contact("C", "A sister")],
        )
    )
    [(_, event)] = here.chart.events(ClientRegistered)
    assert (event.phone, event.address, event.emergency_contact) == ("2", None, "A sister")
