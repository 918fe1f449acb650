"""FHIR in: what a code or a phrase says and a text beside it takes back, and what a part of a resource contradicts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.events import (
    ClientRegistered,
    ConsentGiven,
    DiagnosisRecorded,
    DrugScreenResulted,
    MedicationStarted,
    MedicationStopped,
)
from infra.disclosure.consents import consents_of
from infra.eventstore.log import EventLog
from tests.infra.interop.importers.fhir_parts import (
    LOINC,
    NORTH,
    SNOMED,
    Resource,
    Store,
    about,
    patient,
    score,
    screen,
    stay,
)
from tests.infra.interop.importers.test_fhir_again import consent

POSITIVE, NEGATIVE = "10828004", "260385009"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
END = datetime(2026, 6, 30, 12, tzinfo=UTC)


@pytest.fixture
def one_log(tmp_path: Path, embedded: EventLog) -> Store:
    """An empty embedded log."""
    return Store(embedded, tmp_path)


def result(code: str, said: str, *, display: bool = False) -> Resource:
    coding = {"system": SNOMED, "code": code} | ({"display": said} if display else {})
    return {"valueCodeableConcept": {"coding": [coding]} | ({} if display else {"text": said})}


@pytest.mark.parametrize("display", [False, True])
@pytest.mark.parametrize(
    ("code", "said"),
    [
        (POSITIVE, "Positive control valid, sample negative"),
        (POSITIVE, "Not positive"),
        (POSITIVE, "Positive?"),
        (POSITIVE, "Screen positive, confirmation pending"),
        (POSITIVE, "None found"),
        (NEGATIVE, "Positive for fentanyl"),
        (NEGATIVE, "Invalid specimen"),
    ],
)
def test_a_result_that_its_text_takes_back_is_none(one_log: Store, code: str, said: str, *, display: bool) -> None:
    one_log.take(patient(), screen(**result(code, said, display=display)))
    assert (one_log.chart.of(DrugScreenResulted), list(one_log.left)) == ([], ["Observation/s1"])


@pytest.mark.parametrize(
    ("code", "said", "positive"),
    [
        (POSITIVE, "Positive (qualifier value)", ("opioid",)),
        (POSITIVE, "Opiates DETECTED > 300 ng/mL", ("opioid",)),
        (NEGATIVE, "No opiates detected", ()),
        (NEGATIVE, "Positive control valid, sample negative", ()),
    ],
)
def test_a_text_that_says_the_same_in_other_words_is_no_hindrance(
    one_log: Store, code: str, said: str, positive: tuple[str, ...]
) -> None:
    one_log.take(patient(), screen(**result(code, said)))
    assert [event.positive for _, event in one_log.chart.events(DrugScreenResulted)] == [positive]


@pytest.mark.parametrize("named", [{"text": "Cocaine screen"}, {"display": "Cocaine [Presence] in Urine"}])
def test_a_test_that_its_text_calls_another_is_none(one_log: Store, named: Resource) -> None:
    coding = {"system": LOINC, "code": "19295-5"} | {k: v for k, v in named.items() if k == "display"}
    code = {"coding": [coding]} | {k: v for k, v in named.items() if k == "text"}
    one_log.take(patient(), screen(code=code, valueString="Positive"))
    assert (one_log.chart.of(DrugScreenResulted), list(one_log.left)) == ([], ["Observation/s1"])


@pytest.mark.parametrize(
    "more",
    [
        {"type": [{"coding": [{"system": HCPCS, "code": "H0018"}], "text": "Refused residential"}]},
        {"type": [{"text": "Residential"}], "serviceType": {"text": "Non-residential outpatient"}},
        {"type": [{"text": "Residential"}, {"text": "Not admitted"}]},
        {"type": [{"text": "Residential"}], "serviceType": {"text": "Former resident"}},
        {"type": [{"coding": [{"system": HCPCS, "code": "H0018", "display": "Residential (cancelled)"}]}]},
    ],
)
def test_care_that_its_text_takes_back_is_no_stay(one_log: Store, more: Resource) -> None:
    assert list(one_log.take(patient(), stay(**more)).left) == ["Encounter/e1"]
    assert one_log.stays() == []


@pytest.mark.parametrize("period", [{"start": f"2026-01-05{t}", "end": f"2026-01-05{t}"} for t in ("", "T09:00:00Z")])
def test_an_ambulatory_encounter_of_no_minutes_is_a_visit(one_log: Store, period: Resource) -> None:
    visit: Resource = {"class": {"code": "AMB"}, "period": period}
    one_log.take(patient(), stay(**visit))
    assert (one_log.stays(), list(one_log.left)) == ([], ["Encounter/e1"])


def diagnosis(icd10: str = "F11.20", said: str = "", display: str = "", **more: Any) -> Resource:
    coding = {"system": ICD10, "code": icd10} | ({"display": display} if display else {})
    system = "http://terminology.hl7.org/CodeSystem/condition-"
    counts: Resource = {
        "clinicalStatus": {"coding": [{"system": f"{system}clinical", "code": "active"}]},
        "verificationStatus": {"coding": [{"system": f"{system}ver-status", "code": "confirmed"}]},
        "code": {"coding": [coding]} | ({"text": said} if said else {}),
        "recordedDate": "2026-01-06",
    }
    return about("Condition", "c1", **(counts | more))


@pytest.mark.parametrize(
    "wrong",
    [
        diagnosis(said="No opioid use disorder"),
        diagnosis(said="Rule out opioid dependence"),
        diagnosis(said="Family history of opioid dependence"),
        diagnosis(said="Opioid dependence?"),
        diagnosis(said="Opioid use disorder, ruled out"),
        diagnosis(display="Alcohol dependence, uncomplicated"),
        diagnosis("F32.9", "Suspected depression"),
        diagnosis(category=[{"text": "Family history"}]),
    ],
)
def test_a_diagnosis_that_its_text_takes_back_is_none(one_log: Store, wrong: Resource) -> None:
    assert list(one_log.take(patient(), wrong).left) == ["Condition/c1"]
    assert one_log.chart.of(DiagnosisRecorded) == []


@pytest.mark.parametrize(
    "right",
    [
        diagnosis(display="Opioid dependence, uncomplicated"),
        diagnosis("F29", display="Unspecified psychosis not due to a substance or known physiological condition"),
        diagnosis("F10.20", "Alcohol use disorder, severe; cocaine use in the past, alcohol first"),
    ],
)
def test_official_titles_are_no_hindrance(one_log: Store, right: Resource) -> None:
    assert len(one_log.take(patient(), right).chart.of(DiagnosisRecorded)) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"status": "inactive", "provision": {"period": {"end": "2025-03-01"}}},
        {"status": "inactive", "provision": {"period": {"end": "2026-01-06T09:59:00-05:00"}}},
        {"policyRule": {"text": "opt out"}},
        {"verification": [{"verified": True}, {"verified": False}]},
        *({"category": [{"coding": [{"code": code}]}]} for code in ("dnr", "emrgonly", "npp", "research")),
    ],
)
def test_what_does_not_plainly_permit_opens_nothing(one_log: Store, more: Resource) -> None:
    one_log.take(patient(), consent(**more))
    assert (one_log.chart.of(ConsentGiven), list(one_log.left)) == ([], ["Consent/k1"])


def test_a_consent_that_was_over_on_its_day_does_not_hold(one_log: Store) -> None:
    one_log.take(patient(), consent(status="inactive", provision={"period": {"end": "2026-01-06"}}))
    [given] = consents_of(one_log.chart.entries, END, UTC)  # type: ignore[arg-type]
    assert (given.state, given.holds) == ("revoked", False)


def prescription(concept: Resource, **more: Any) -> Resource:
    ordered = {"status": "active", "intent": "order", "authoredOn": "2026-01-06T10:00:00-05:00"}
    return about("MedicationRequest", "m1", **ordered, medicationCodeableConcept=concept, **more)


def bound(end: str) -> list[Resource]:
    return [{"timing": {"repeat": {"boundsPeriod": {"start": "2026-01-06", "end": end}}}}]


def test_a_drug_whose_code_and_text_differ_is_not_prescribed(one_log: Store) -> None:
    concept = {"coding": [{"system": RXNORM, "code": "6813"}], "text": "Naltrexone 50 mg"}
    assert list(one_log.take(patient(), prescription(concept)).left) == ["MedicationRequest/m1"]
    assert one_log.chart.of(MedicationStarted) == []


@pytest.mark.parametrize(("end", "day"), [("2026-02", "2026-02-28"), ("2026-02-14", "2026-02-14")])
def test_a_prescription_ends_with_the_last_day_of_its_period(one_log: Store, end: str, day: str) -> None:
    one_log.take(patient(), prescription({"text": "Naltrexone"}, dosageInstruction=bound(end)))
    [stopped] = one_log.chart.of(MedicationStopped)
    assert stopped.occurred_at.date().isoformat() == day


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ({"text": "Pat Sample", "suffix": ["Jr."]}, "Pat Sample Jr."),
        ({"text": "Pat Sample Jr", "suffix": ["Jr."]}, "Pat Sample Jr"),
        ({"given": ["Thomas"], "family": "Thomas", "suffix": ["III"]}, "Thomas Thomas III"),
        ({"text": "Pat\n  Sample"}, "Pat Sample"),
    ],
)
def test_a_suffix_is_kept_beside_the_text(one_log: Store, name: Resource, said: str) -> None:
    one_log.take(patient(name=[name]))
    assert [event.name for _, event in one_log.chart.events(ClientRegistered)] == [said]


@pytest.mark.parametrize(
    ("identifier", "scores"),
    [
        ({"system": NORTH, "value": "N-9"}, 0),  # the Patient is N-1 there
        ({"system": NORTH, "value": " n-1"}, 1),
        ({"system": "http://elsewhere.example", "value": "X-9"}, 1),  # where nobody knows the Patient's
    ],
)
def test_a_reference_whose_number_is_another_names_nobody(one_log: Store, identifier: Resource, scores: int) -> None:
    one_log.take(patient(), score(subject={"reference": "Patient/p1", "identifier": identifier}))
    assert len(one_log.left) == 1 - scores
