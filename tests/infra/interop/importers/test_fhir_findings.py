"""FHIR in: what counts, what is a stay, what a result says; codes before texts, nothing guessed."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.events import (
    DiagnosisRecorded,
    DrugScreenResulted,
    InstrumentScored,
    LeaveEnded,
    LeaveStarted,
    MedicationGiven,
    MedicationStarted,
    MedicationStopped,
    SessionAttended,
    SessionMissed,
    TreatmentPlanSet,
    UseReported,
)
from infra.eventstore.log import EventLog
from infra.interop.importers.fhir.patients import Sending
from infra.interop.importers.source import Source
from tests.infra.interop.importers.fhir_parts import (
    LOINC,
    SNOMED,
    Resource,
    Store,
    about,
    patient,
    score,
    screen,
    stay,
)

EASTERN = ZoneInfo("America/New_York")
COMMITTED = "2026-01-06T10:00:00-05:00"


def _plan(key: str, status: str) -> Resource:
    return about("CarePlan", key, status=status, intent="plan", created=COMMITTED, goal=[{"reference": "Goal/g1"}])


def _goal(status: str) -> Resource:
    return about("Goal", "g1", lifecycleStatus=status, description={"text": "walk"}, startDate="2026-01-10")


def _request(**more: Any) -> Resource:
    usual = {"status": "active", "intent": "order", "medicationCodeableConcept": {"text": "Methadone"}}
    return about("MedicationRequest", "m1", authoredOn=COMMITTED, **(usual | more))


def _given(status: str) -> Resource:
    drug = {"medicationCodeableConcept": {"text": "methadone"}}
    return about("MedicationAdministration", "g", status=status, effectiveDateTime=COMMITTED, **drug)


def _condition(clinical: str | None, verified: str | None, icd10: str = "F33.1", **more: Any) -> Resource:
    statuses = {"clinicalStatus": clinical, "verificationStatus": verified}
    coded = {name: {"coding": [{"code": said}]} for name, said in statuses.items() if said}
    code = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": icd10}]}
    return about("Condition", "c1", code=code, recordedDate="2026-01-07", **coded, **more)


NOT_COUNTED = [
    *(score(status=said) for said in ("registered", "preliminary", "cancelled", "entered-in-error", "unknown", "odd")),
    *(screen(status=said, valueString="Positive") for said in ("cancelled", "preliminary", "entered-in-error")),
    *(stay(status=said) for said in ("planned", "arrived", "triaged", "cancelled", "entered-in-error", "unknown", "x")),
    *(_plan("c", said) for said in ("draft", "revoked", "entered-in-error", "on-hold", "unknown")),
    *(_goal(said) for said in ("proposed", "rejected", "entered-in-error")),
    *(_request(status=said) for said in ("draft", "cancelled", "entered-in-error", "on-hold", "stopped", "completed")),
    *(_request(intent=said) for said in ("proposal", "plan", "option")),
    _request(doNotPerform=True),
    *(_given(said) for said in ("not-done", "in-progress", "entered-in-error", "on-hold", "stopped")),
    *(_condition(said, "confirmed") for said in ("inactive", "remission", "resolved", None)),
    *(_condition("active", said) for said in ("provisional", "differential", "refuted", "entered-in-error", None)),
    _condition("active", "confirmed", "Z81.1"),
    _condition("active", "confirmed", abatementDateTime="2020-01-01"),
    about("AdverseEvent", "a", actuality="potential", event={"text": "fall"}, date=COMMITTED),
    about(
        "ServiceRequest", "r", status="entered-in-error", intent="order", code={"text": "housing"}, authoredOn=COMMITTED
    ),
    score(modifierExtension=[{"url": "urn:not", "valueBoolean": True}]),
    {**score(), "resourceType": "Nonsense"},
    about("Procedure", "p", status="completed"),
    score(valueInteger=None),
]


@pytest.mark.parametrize("resource", NOT_COUNTED, ids=lambda one: f"{one['resourceType']}-{one.get('status', '')}")
def test_what_does_not_count_becomes_nothing(tmp_path: Path, resource: Resource, embedded: EventLog) -> None:
    given = {key: value for key, value in resource.items() if value is not None}
    store = Store(embedded, tmp_path).take(patient(), given)
    assert {entry.type for entry in store.chart.entries} == {"ClientRegistered"}
    assert len(store.left) == 1


class TestWhatCounts:
    """Beside those, what plainly happened is recorded."""

    def test_final_amended_and_corrected_scores(self, store: Store) -> None:
        store.take(
            patient(), *(score(f"o{n}", n, status=said) for n, said in enumerate(("final", "amended", "corrected")))
        )
        assert [event.score for _, event in store.chart.events(InstrumentScored)] == [0, 1, 2]

    def test_one_plan_without_a_goal_that_was_an_error(self, store: Store) -> None:
        store.take(patient(), _plan("c1", "draft"), _plan("c2", "active"), _goal("entered-in-error"))
        assert [event.goals for _, event in store.chart.events(TreatmentPlanSet)] == [None]

    @pytest.mark.parametrize(("status", "excused"), [("noshow", None), ("cancelled", True)])
    def test_an_appointment_called_off_is_excused(self, store: Store, status: str, excused: bool | None) -> None:
        visit: Resource = {
            "resourceType": "Appointment",
            "id": "a",
            "status": status,
            "start": COMMITTED,
            "end": COMMITTED,
        }
        visit["serviceType"] = [{"text": "group"}]
        visit["participant"] = [{"actor": {"reference": "Patient/p1"}, "status": "accepted"}]
        store.take(patient(), visit)
        assert [event.excused for _, event in store.chart.events(SessionMissed)] == [excused]

    def test_a_prescription_stops_at_its_end(self, store: Store) -> None:
        dosage = [{"timing": {"repeat": {"boundsPeriod": {"start": COMMITTED, "end": "2026-02-01T10:00:00-05:00"}}}}]
        store.take(patient(), _request(status="stopped", dosageInstruction=dosage), _given("completed"))
        kinds = [entry.type for entry in store.chart.of(MedicationStarted, MedicationStopped, MedicationGiven)]
        assert kinds == ["MedicationStarted", "MedicationGiven", "MedicationStopped"]

    def test_an_active_confirmed_diagnosis(self, store: Store) -> None:
        store.take(patient(), _condition("recurrence", "confirmed", "F11.20"))
        assert [event.category for _, event in store.chart.events(DiagnosisRecorded)] == ["substance_use"]


class TestStays:
    """A stay is recorded with both its ends or not at all, and only where it is one."""

    @pytest.mark.parametrize(
        "more",
        [
            {"period": {"start": "2026-01-20T12:00:00-05:00", "end": "2026-01-20T00:00:00-05:00"}},
            {"period": {"start": "2026-01-20T12:00:00-05:00"}},
            {"period": {"start": "2026-01-20T12:00:00-05:00", "end": "2026-02"}},
            {"period": {"end": "2026-01-20T12:00:00-05:00"}},
            {"period": {"start": "2026-01-05T09:00:00", "end": "2026-01-20T09:00:00-05:00"}},
            {"period": {"start": "2026-01-05T09:00:00Z", "end": "2026-12-20T24:00:00Z"}},
            {"period": {"start": "2026-01-05T09:00:00Z", "end": "2027-12-20T09:00:00Z"}},
            {"status": "in-progress"},
            {"class": {"code": "PRENC"}},
        ],
    )
    def test_left_over_whole(self, store: Store, more: Resource) -> None:
        store.take(patient(), stay(**more))
        assert (store.stays(), list(store.left)) == ([], ["Encounter/e1"])

    @pytest.mark.parametrize(
        "leave",
        [
            {"start": "2026-01-10T09:00:00-05:00", "end": "2026-01-08T09:00:00-05:00"},
            {"start": "2026-01-01T09:00:00-05:00", "end": "2026-01-08T09:00:00-05:00"},
            {"start": "2026-01-10T09:00:00-05:00", "end": "2026-02-08T09:00:00-05:00"},
            {"end": "2026-01-08T09:00:00-05:00"},
            {"start": "2026-01-10T09:00:00-05:00", "end": "2026-02"},
        ],
    )
    def test_left_over_whole_for_a_leave_that_cannot_be(self, store: Store, leave: Resource) -> None:
        store.take(patient(), stay(statusHistory=[{"status": "onleave", "period": leave}]))
        assert (store.stays(), list(store.left)) == ([], ["Encounter/e1"])

    def test_with_a_leave_that_is_within_it(self, store: Store) -> None:
        leave = {"start": "2026-01-08T09:00:00-05:00", "end": "2026-01-10T09:00:00-05:00"}
        store.take(patient(), stay(statusHistory=[{"status": "onleave", "period": leave}]))
        assert [entry.type for entry in store.chart.of(LeaveStarted, LeaveEnded)] == ["LeaveStarted", "LeaveEnded"]

    def test_times_without_an_offset_are_in_the_zone_that_is_given(self, store: Store) -> None:
        naive = stay(period={"start": "2026-01-05T09:00:00", "end": "2026-07-20T09:00:00"}, status="finished")
        naive["period"]["end"] = "2026-06-20T09:00:00"
        store.take(patient(), naive, sending=Sending(source=Source(EASTERN)))
        [one] = store.chart.journey.stays
        assert (one.start // 10**6, (one.end or 0) // 10**6) == (1767621600, 1781960400)

    @pytest.mark.parametrize(
        "words",
        [
            "Non-residential outpatient program",
            "Outpatient follow-up after residential",
            "Detoxification planning visit",
            "Refused detox",
            "Residential treatment declined",
            "Emergency department visit for detox request",
            "Sober living residential house tour",
            "Residential?",
        ],
    )
    def test_a_part_of_a_text_names_no_level(self, store: Store, words: str) -> None:
        store.take(patient(), stay(type=[{"text": words}]))
        assert store.stays() == []

    @pytest.mark.parametrize("words", ["IOP", "Partial hospitalization", "Withdrawal management", "Aftercare", "Detox"])
    def test_minutes_are_a_visit(self, store: Store, words: str) -> None:
        half_an_hour = {"start": "2026-03-05T10:00:00-05:00", "end": "2026-03-05T10:30:00-05:00"}
        visit: Resource = {"period": half_an_hour, "class": {"code": "AMB"}}
        store.take(patient(), stay(type=[{"text": words}], **visit))
        assert (store.stays(), store.chart.of(SessionAttended)) == ([], [])

    def test_codes_and_texts_that_disagree_name_none(self, store: Store) -> None:
        iop = {"system": "urn:oid:2.16.840.1.113883.6.285", "code": "H0015"}
        store.take(patient(), stay(type=[{"coding": [iop], "text": "Residential"}]))
        store.take(patient(), stay("e2", type=[{"coding": [iop], "text": "Evening track"}]))
        assert store.stays() == [("intensive_outpatient", False)]


NEGATIVE = [
    *("NEG", "Non-reactive", "None detected", "Not Detected", "Absent", "ND - none detected", "UNDETECTED"),
    *("Below detection limit", "No drugs detected", "negative."),
]
PLAIN = {"Detected": True, "POS": True, "reactive": True} | dict.fromkeys(NEGATIVE, False)
UNCLEAR = [
    *("Not positive", "Negative; control positive", "Inconclusive", "Positive control valid, sample negative", "No"),
    *("not performed", "Neg (creatinine positive)", "Presumptive negative", "False positive", "Positive?", "", "Yes"),
    *("Invalid - dilute", "Positive / negative", "detected below cutoff"),
]


class TestResults:
    """Negative only where it plainly is, positive only where it plainly is."""

    @pytest.mark.parametrize(("said", "positive"), PLAIN.items())
    def test_known_phrases(self, tmp_path: Path, embedded: EventLog, said: str, positive: bool) -> None:
        values: list[Resource] = [{"valueString": said}, {"valueCodeableConcept": {"text": said}}]
        for number, value in enumerate(values):
            store = Store(embedded, tmp_path).take(patient(), screen(f"s{number}", **value))
            [*_, (_, event)] = store.chart.events(DrugScreenResulted)
            assert event.positive == (("opioid",) if positive else ())

    @pytest.mark.parametrize("said", UNCLEAR)
    def test_anything_else_is_left_over(self, tmp_path: Path, embedded: EventLog, said: str) -> None:
        value: Resource = {"valueString": said} if said else {"valueQuantity": {"value": 350, "unit": "ng/mL"}}
        store = Store(embedded, tmp_path).take(patient(), screen(**value))
        assert (store.chart.of(DrugScreenResulted), list(store.left)) == ([], ["Observation/s1"])

    def test_codes_before_texts_and_none_that_disagree(self, store: Store) -> None:
        positive = {"coding": [{"system": SNOMED, "code": "10828004"}]}
        interpreted = [
            {
                "coding": [
                    {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "code": "NEG"}
                ]
            }
        ]
        store.take(
            patient(),
            screen("a", valueCodeableConcept=positive | {"text": "Negative"}),
            screen("b", valueCodeableConcept=positive | {"text": "see report"}),
            screen("c", valueQuantity={"value": 3}, interpretation=interpreted),
            screen("d", valueCodeableConcept=positive, interpretation=interpreted),
            screen(
                "e", valueString="Positive", code={"coding": [{"system": LOINC, "code": "19295-5"}], "text": "Cocaine"}
            ),
        )
        assert [event.positive for _, event in store.chart.events(DrugScreenResulted)] == [("opioid",), ()]
        assert set(store.left) == {"Observation/a", "Observation/d", "Observation/e"}

    def test_a_panel_by_its_components(self, store: Store) -> None:
        parts = [
            {"code": {"coding": [{"system": LOINC, "code": code}]}, "valueString": said}
            for code, said in (("19295-5", "Negative"), ("19550-3", "Positive"), ("2161-8", "20"))
        ]
        store.take(patient(), screen(code={"text": "UDS panel"}, component=parts))
        [(_, event)] = store.chart.events(DrugScreenResulted)
        assert (event.positive, event.panel) == (("methadone",), ("opioid", "methadone"))
        assert store.left == {"Observation/s1": "component 3 is no test for a substance that is known here"}


@pytest.mark.parametrize(("text", "amount"), [("0", "0"), ("2.0", 2.0), ("1e3", "1e3"), ("two", "two")])
def test_an_amount_of_our_own_comes_back_as_it_was_written(
    tmp_path: Path, text: str, amount: Any, embedded: EventLog
) -> None:
    own = {"code": {"coding": [{"system": "urn:carejourney:observation", "code": "use_reported"}]}}
    own |= {"valueCodeableConcept": {"text": "alcohol"}}
    part = {"code": {"coding": [{"system": "urn:carejourney:use", "code": "amount"}]}, "valueString": text}
    said = {key: value for key, value in score().items() if key != "valueInteger"} | own | {"component": [part]}
    store = Store(embedded, tmp_path).take(patient(), said)
    assert [event.amount for _, event in store.chart.events(UseReported)] == [amount]


@pytest.mark.parametrize("comparator", ["<", "<=", ">", ">="])
def test_a_score_that_is_only_bounded_is_left_over(tmp_path: Path, comparator: str, embedded: EventLog) -> None:
    bounded = {key: value for key, value in score().items() if key != "valueInteger"}
    store = Store(embedded, tmp_path).take(
        patient(), bounded | {"valueQuantity": {"value": 7, "comparator": comparator}}
    )
    assert [reason.partition(":")[0] for reason in store.left.values()] == ["valueQuantity.comparator"]


def test_a_prescription_that_ends_before_it_began_is_left_over(tmp_path: Path, embedded: EventLog) -> None:
    ends = {"validityPeriod": {"end": "2026-01-01"}}
    store = Store(embedded, tmp_path).take(patient(), _request(status="completed", dispenseRequest=ends))
    assert list(store.left.values()) == ["dosageInstruction: ends before it was ordered"]
    assert list(store.chart.events(MedicationStarted)) == []


@pytest.mark.parametrize(
    ("drug", "expected"),
    [("buprenorphine/naloxone", "partial_agonist"), ("Methadone, 10 mg", "agonist"), ("methadone/naltrexone", "other")],
)
def test_a_drug_of_several_parts_has_the_class_of_the_one_that_has_one(
    tmp_path: Path, drug: str, expected: str, embedded: EventLog
) -> None:
    store = Store(embedded, tmp_path).take(patient(), _request(medicationCodeableConcept={"text": drug}))
    [event] = [event for _, event in store.chart.events(MedicationStarted)]
    assert event.class_ == expected


def _dispensed(key: str = "d1", **more: Any) -> Resource:
    usual = {"status": "completed", "whenHandedOver": COMMITTED, "daysSupply": {"value": 6, "code": "d"}}
    return about("MedicationDispense", key, medicationCodeableConcept={"text": "Methadone"}, **(usual | more))


class TestDispensed:
    """A MedicationDispense is a supply to take home, for the days that it says, on the day it was handed over."""

    def test_the_days_and_the_route(self, tmp_path: Path, embedded: EventLog) -> None:
        said = {"dosageInstruction": [{"route": {"text": "oral"}}], "daysSupply": {"value": 6.0, "unit": "Days"}}
        store = Store(embedded, tmp_path).take(patient(), _dispensed("d1", **said), _dispensed("d2"))
        found = [(event.drug, event.route, event.days_supply) for _, event in store.chart.events(MedicationGiven)]
        assert found == [("Methadone", "oral", 6), ("Methadone", None, 6)]
        assert not store.left

    @pytest.mark.parametrize(
        ("more", "why"),
        [
            ({"daysSupply": {"value": 1.5, "code": "d"}}, "daysSupply: says no whole number of days"),
            ({"daysSupply": {"value": 2, "code": "wk"}}, "daysSupply: says no whole number of days"),
            ({"daysSupply": None}, "daysSupply: says no whole number of days"),
            ({"whenHandedOver": None, "whenPrepared": COMMITTED}, "says no day on which it happened"),
            ({"status": "stopped"}, "status is stopped"),
            ({"medicationCodeableConcept": {"coding": []}}, "names no drug"),
        ],
    )
    def test_what_is_no_supply_is_left_over(
        self, tmp_path: Path, embedded: EventLog, more: dict[str, Any], why: str
    ) -> None:
        drug = {"medicationCodeableConcept": {"text": "Methadone"}}
        told = {"status": "completed", "whenHandedOver": COMMITTED, "daysSupply": {"value": 6, "code": "d"}}
        said = {name: value for name, value in (drug | told | more).items() if value is not None}
        store = Store(embedded, tmp_path).take(patient(), about("MedicationDispense", "d1", **said))
        assert list(store.left.values()) == [why]
        assert list(store.chart.events(MedicationGiven)) == []

    def test_more_days_than_a_year_are_left_over(self, tmp_path: Path, embedded: EventLog) -> None:
        store = Store(embedded, tmp_path).take(patient(), _dispensed(daysSupply={"value": 366, "code": "d"}))
        assert len(store.left) == 1
