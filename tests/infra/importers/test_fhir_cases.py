"""FHIR in: what peers' users were hurt by. Nobody's care lands on another, nothing is guessed, corrections correct."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from domain.events import (
    ClientDied,
    ClientRegistered,
    ConsentGiven,
    ConsentRevoked,
    DiagnosisRecorded,
    DrugScreenResulted,
    InstrumentScored,
    MedicationGiven,
    MedicationStarted,
    MedicationStopped,
    SessionAttended,
    SessionMissed,
    TreatmentPlanSet,
)
from infra.exporting.charts import charts
from infra.importers.converted import ConvertedResult
from infra.importers.fhir.gathering import Sending
from infra.importers.fhir.run import import_fhir
from infra.store.log import EventLog
from projections.chart import Chart
from tests.infra.importers.fhir_parts import (
    LOINC,
    MR,
    NORTH,
    SNOMED,
    SOUTH,
    Resource,
    about,
    bundle,
    patient,
    score,
    screen,
    stay,
    written,
)

EASTERN = ZoneInfo("America/New_York")
COMMITTED = "2026-01-06T10:00:00-05:00"


class Store:
    """A log, and what importing into it came to."""

    def __init__(self, log: EventLog, folder: Path) -> None:
        self.log, self.folder = log, folder
        self.result = ConvertedResult()

    def take(self, *resources: Resource, **more: Any) -> Store:
        """Import resources as one file."""
        return self.take_file(bundle(*resources), **more)

    def take_file(self, value: Resource, sending: Sending | None = None) -> Store:
        """Import one file."""
        self.result = import_fhir(self.log, [written(self.folder, value)], sending=sending)
        return self

    @property
    def left(self) -> dict[str, str]:
        """What was left over by place."""
        return {one.place: one.reason for one in self.result.left}

    @property
    def charts(self) -> dict[str, Chart]:
        """Charts that are open, by number."""
        found = charts(self.log, opened=True)
        return {str(self.log.reference(chart.client_id)): chart for chart in found if not chart.closed}

    @property
    def chart(self) -> Chart:
        """The only chart."""
        [chart] = self.charts.values()
        return chart

    def stays(self, number: str = "N-1") -> list[tuple[str, bool]]:
        """(level, whether it is open) of a chart's stays."""
        return [(one.level, one.open) for one in self.charts[number].journey.stays]


@pytest.fixture
def store(tmp_path: Path, log: EventLog) -> Store:
    """An empty store, SQLite and PostgreSQL in turn."""
    return Store(log, tmp_path)


class TestReferences:
    """Every form that FHIR has for a reference names the patient it says, or nobody."""

    @pytest.mark.parametrize(
        "reference",
        [
            "Patient/p8",
            "Patient/p8/_history/3",
            "https://s.example/fhir/Patient/p8",
            "https://s.example/fhir/Patient/p8/_history/3",
            {"identifier": {"system": NORTH, "value": "N-8"}},
            {"identifier": {"system": NORTH, "value": "N-8", "type": MR}},
        ],
    )
    def test_name_the_patient_and_no_other(self, store: Store, reference: Any) -> None:
        people = patient("p8", "N-8"), patient("3", "N-3", birthDate="1950-01-01")
        store.take_file(bundle(*people, stay(subject=reference), urls=True))
        assert store.left == {}
        assert (store.stays("N-8"), store.stays("N-3")) == ([("residential", False)], [])

    def test_by_the_full_url_of_a_bundle(self, store: Store) -> None:
        person = {key: value for key, value in patient().items() if key != "id"}
        url = "urn:uuid:00000000-0000-4000-8000-000000000001"
        visit = about("Appointment", "a1", status="noshow", serviceType=[{"text": "group"}], start=COMMITTED)
        visit = {key: value for key, value in visit.items() if key != "subject"}
        visit["participant"] = [{"actor": {"reference": url}, "status": "accepted"}]
        entries = [{"fullUrl": url, "resource": person}, {"resource": stay(subject=url)}, {"resource": visit}]
        store.take_file({"resourceType": "Bundle", "type": "transaction", "entry": entries})
        assert store.left == {}
        assert (store.stays(), len(store.chart.of(SessionMissed))) == ([("residential", False)], 1)

    def test_a_contained_patient_is_whoever_has_the_number(self, store: Store) -> None:
        inner = patient("inner")
        store.take(stay(subject="#inner", contained=[inner]), stay("e2", status="planned", subject="#inner"))
        assert store.stays() == [("residential", False)]
        assert [event.name for _, event in store.chart.events(ClientRegistered)] == ["Pat Sample"]

    def test_the_same_id_on_two_servers_is_two_people(self, store: Store) -> None:
        here = bundle(patient(), stay(), urls=True)["entry"]
        there = bundle(patient(number="S-9", system=SOUTH), stay(), urls=True, base="https://t.example/fhir")["entry"]
        store.take_file({"resourceType": "Bundle", "type": "collection", "entry": [*here, *there]})
        assert (store.stays("N-1"), store.stays("S-9")) == ([("residential", False)], [("residential", False)])

    @pytest.mark.parametrize("reference", ["Patient/p2", "https://other.example/fhir/Patient/p1", "Group/p1", "#p1"])
    def test_one_that_nobody_can_follow_is_nobodys(self, store: Store, reference: str) -> None:
        store.take_file(bundle(patient(), stay(subject=reference), urls=True))
        assert (store.stays(), "Encounter/e1" in store.left) == ([], True)


class TestIdentity:
    """A chart is one person's."""

    def test_one_number_in_two_hospitals_is_nobodys(self, store: Store) -> None:
        people = patient("a", "100"), patient("b", "100", SOUTH, birthDate="1955-01-01")
        store.take(*people, stay("ea", "Patient/a"), stay("eb", "Patient/b"))
        assert (store.charts, set(store.left)) == ({}, {"Patient/a", "Patient/b", "Encounter/ea", "Encounter/eb"})

    def test_nor_in_two_imports(self, store: Store) -> None:
        store.take(patient(), stay()).take(patient("b", birthDate="1955-01-01"), stay("eb", "Patient/b"))
        assert {"Patient/b"} <= set(store.left)
        assert store.result.differs == 1
        assert len(store.chart.of(ClientRegistered)) == 1

    def test_which_system_has_chart_numbers_can_be_said(self, store: Store) -> None:
        numbers = [{"type": MR, "system": NORTH, "value": "1"}, {"type": MR, "system": SOUTH, "value": "2"}]
        person = patient(identifier=numbers)
        assert store.take(person, stay()).charts == {}
        assert list(store.take(person, stay(), sending=Sending(number_system=SOUTH)).charts) == ["2"]

    def test_a_social_security_number_is_no_chart_number(self, store: Store) -> None:
        store.take(patient(identifier=[{"system": "http://hl7.org/fhir/sid/us-ssn", "value": "999-99-9999"}]), stay())
        assert store.charts == {}

    @pytest.mark.parametrize("first", ["Patient", "Encounter"])
    def test_files_of_an_export_come_in_any_order(self, store: Store, first: str) -> None:
        files = {"Patient": patient(), "Encounter": stay()}
        store.take_file(files.pop(first))
        for value in files.values():
            store.take_file(value)
        store.take_file(stay())
        assert store.stays() == [("residential", False)]

    def test_a_patient_who_was_replaced_is_merged(self, store: Store) -> None:
        old = patient("a", "N-1", active=False, link=[{"other": {"reference": "Patient/b"}, "type": "replaced-by"}])
        new = patient("b", "N-2", link=[{"other": {"reference": "Patient/a"}, "type": "replaces"}])
        later = {"start": "2026-01-20T09:00:00-05:00", "end": "2026-02-20T09:00:00-05:00"}
        entries = old, new, stay("ea", "Patient/a"), stay("eb", "Patient/b", type=[{"text": "PHP"}], period=later)
        store.take(*entries)
        assert store.stays("N-2") == [("residential", False), ("partial_hospitalization", False)]
        assert list(store.charts) == ["N-2"]
        assert store.take(*entries).result.recorded == 0

    @pytest.mark.parametrize(
        ("names", "said"),
        [
            ([{"text": "Only Text"}], "Only Text"),
            ([{"use": "nickname", "given": ["Nick"]}, {"use": "usual", "text": "Usual"}], "Usual"),
            (
                [
                    {"use": "old", "family": "Maiden", "given": ["Mary"]},
                    {"use": "official", "family": "Married", "given": ["Mary", "Ann"], "suffix": ["Jr."]},
                ],
                "Mary Ann Married Jr.",
            ),
            ([{"use": "official", "text": "Was", "period": {"end": "2020-01-01"}}, {"text": "Is"}], "Is"),
            ([{"family": "X" * 400, "given": ["Y" * 400]}], "Y" * 400 + " " + "X" * 400),
        ],
    )
    def test_names_by_use_and_period(self, store: Store, names: list[Resource], said: str) -> None:
        store.take(patient(name=names), stay())
        assert [event.name for _, event in store.chart.events(ClientRegistered)] == [said]

    def test_a_name_that_nobody_goes_by_registers_nobody(self, store: Store) -> None:
        store.take(patient(name=[{"use": "nickname", "given": ["Nick"]}]), stay())
        assert (store.chart.of(ClientRegistered), store.left["Patient/p1"][:11]) == ([], "has no name")

    def test_a_year_of_birth_keeps_the_name(self, store: Store) -> None:
        store.take(patient(birthDate="1990"), stay())
        assert [(entry.type, entry.event.model_dump()["name"]) for entry in store.chart.entries[:1]] == [
            ("ClientDetailsUpdated", "Pat Sample")
        ]
        assert "whole birth date" in store.left["Patient/p1"]

    @pytest.mark.parametrize("died", [{"deceasedBoolean": True}, {"deceasedDateTime": "2026-01"}])
    def test_a_death_without_its_day_is_listed(self, store: Store, died: Resource) -> None:
        store.take(patient(**died), stay(status="in-progress", period={"start": COMMITTED}))
        assert (store.chart.of(ClientDied), "has died" in store.left["Patient/p1"]) == ([], True)

    def test_the_dead_are_dead(self, store: Store) -> None:
        store.take(
            patient(deceasedDateTime="2026-01-08T04:00:00-05:00"),
            stay(period={"start": COMMITTED}, status="in-progress"),
        )
        assert (len(store.chart.of(ClientDied)), store.stays()) == (1, [("residential", False)])


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

    def test_times_without_an_offset_are_in_the_zone_that_is_given(self, store: Store) -> None:
        naive = stay(period={"start": "2026-01-05T09:00:00", "end": "2026-07-20T09:00:00"}, status="finished")
        naive["period"]["end"] = "2026-06-20T09:00:00"
        store.take(patient(), naive, sending=Sending(zone=EASTERN))
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


def _consent(**more: Any) -> Resource:
    role = {"coding": [{"code": "PRCP"}]}
    provision: Resource = {
        "type": "permit",
        "actor": [{"role": role, "reference": {"display": "County Court"}}],
        "purpose": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "TREAT"}],
    }
    provision |= more.pop("provision", {})
    usual = {
        "status": "active",
        "scope": {"coding": [{"code": "patient-privacy"}]},
        "category": [{"coding": [{"code": "42CFRPart2"}]}],
        "patient": {"reference": "Patient/p1"},
        "dateTime": COMMITTED,
    }
    given = {key: value for key, value in provision.items() if value is not None}
    return {"resourceType": "Consent", "id": "k1", **(usual | more), "provision": given}


class TestConsents:
    """Only an active permission without exceptions opens a chart, from its start to its end."""

    @pytest.mark.parametrize(
        "more",
        [
            *({"status": said} for said in ("draft", "proposed", "rejected", "entered-in-error", "inactive")),
            {"provision": {"type": "deny"}},
            {"provision": {"type": None}},
            {"provision": {"provision": [{"type": "deny", "securityLabel": [{"code": "42CFRPart2"}]}]}},
            {"provision": {"period": {"start": "2027-01-01", "end": "2027-12-31"}}},
            {"provision": {"purpose": [{"code": "HRESCH"}]}},
            {"provision": {"actor": [{"role": {"coding": [{"code": "CST"}]}, "reference": {"display": "Clinic"}}]}},
            {"provision": {"class": [{"code": "Observation"}]}},
            {"scope": {"coding": [{"code": "research"}]}},
        ],
    )
    def test_opens_nothing_else(self, tmp_path: Path, embedded: EventLog, more: Resource) -> None:
        store = Store(embedded, tmp_path).take(patient(), _consent(**more))
        assert (store.chart.of(ConsentGiven), list(store.left)) == ([], ["Consent/k1"])

    def test_by_purpose_code_until_its_last_day(self, store: Store) -> None:
        store.take(patient(), _consent(provision={"period": {"end": "2026-03"}}))
        [(_, event)] = store.chart.events(ConsentGiven)
        assert (event.recipient, event.purpose, str(event.expires_on)) == ("County Court", "treatment", "2026-03-31")

    def test_from_midnight_of_its_first_day_at_the_facility(self, store: Store) -> None:
        more = _consent(provision={"period": {"start": "2026-03-09"}})
        store.take(patient(), more, sending=Sending(facility=EASTERN))
        [(entry, _)] = store.chart.events(ConsentGiven)
        assert entry.occurred_at.isoformat() == "2026-03-09T00:00:00-04:00"

    def test_an_inactive_one_with_its_end_was_given_and_revoked(self, store: Store) -> None:
        store.take(patient(), _consent(status="inactive", provision={"period": {"end": "2026-03-01T10:00:00-05:00"}}))
        assert [entry.type for entry in store.chart.of(ConsentGiven, ConsentRevoked)] == [
            "ConsentGiven",
            "ConsentRevoked",
        ]


ONGOING = stay(status="in-progress", period={"start": "2026-01-05T09:00:00-05:00"})
LATER: Resource = {"start": "2026-01-05T09:00:00-05:00", "end": "2026-01-22T09:00:00-05:00"}


class TestAgain:
    """A resource seen again with other content corrects, retracts or is listed."""

    @pytest.fixture
    def corrected(self, store: Store) -> Store:
        """A stay that went on, then ended, then ended later; a score that was wrong; a new name."""
        store.take(patient(), ONGOING, score())
        assert store.take(patient(), stay(), score()).result.by_type == {"LevelOfCareEnded": 1}
        renamed = patient(name=[{"family": "Newname", "given": ["Pat"]}])
        return store.take(renamed, stay(period=LATER), score(value=7, status="corrected"))

    def test_corrects(self, corrected: Store) -> None:
        assert corrected.result.by_type == {"ClientDetailsUpdated": 1, "EntryCorrected": 2}
        assert [event.score for _, event in corrected.chart.events(InstrumentScored)] == [7]
        [one] = corrected.chart.journey.stays
        assert (one.end or 0) // 10**6 == 1769090400

    def test_the_same_again_is_known(self, corrected: Store) -> None:
        renamed = patient(name=[{"family": "Newname", "given": ["Pat"]}])
        again = corrected.take(renamed, stay(period=LATER), score(value=7, status="corrected")).result
        assert (again.recorded, again.differs, again.known) == (0, 0, 4)

    def test_an_older_file_is_listed(self, corrected: Store) -> None:
        again = corrected.take(patient(), ONGOING, score()).result
        assert (again.recorded, again.differs) == (0, 3)
        assert [event.score for _, event in corrected.chart.events(InstrumentScored)] == [7]

    def test_what_was_entered_in_error_is_retracted(self, corrected: Store) -> None:
        error: Resource = {"status": "entered-in-error"}
        corrected.take(patient(), stay(period=LATER, **error), score(value=7, **error))
        assert corrected.result.by_type == {"EntryRetracted": 3}
        assert (corrected.stays(), corrected.chart.of(InstrumentScored)) == ([], [])
        assert corrected.take(patient(), stay(**error), score(**error)).result.recorded == 0
        assert corrected.take(patient(), ONGOING).result.differs == 2

    def test_nothing_is_known_before_that_says_something_else(self, store: Store) -> None:
        store.take(patient(), score()).take(patient(), score(value=13)).take(patient(), score(value=14))
        assert [event.score for _, event in store.chart.events(InstrumentScored)] == [14]

    def test_another_person_under_a_known_id_is_nobody(self, store: Store) -> None:
        other = patient(name=[{"text": "Somebody Else"}], birthDate="1950-05-05")
        store.take(patient()).take(other)
        assert (store.result.recorded, store.result.differs) == (0, 1)

    def test_the_newer_of_two_versions_counts(self, store: Store) -> None:
        old = score(value=3, meta={"lastUpdated": "2026-01-07T10:00:00Z"})
        new = score(value=4, meta={"lastUpdated": "2026-01-08T10:00:00Z"})
        for entries in ((old, new), (new, old)):
            store.take(patient(), *entries)
            assert [event.score for _, event in store.chart.events(InstrumentScored)] == [4]
        store.take(patient(), score("o2", 1), score("o2", 2))
        assert [event.score for _, event in store.chart.events(InstrumentScored)] == [4]


def test_a_byte_order_mark_is_no_part_of_a_file(store: Store) -> None:
    target = store.folder / "bom.json"
    target.write_bytes(b"\xef\xbb\xbf" + orjson.dumps(bundle(patient(), stay())))
    import_fhir(store.log, [target])
    assert store.stays() == [("residential", False)]
