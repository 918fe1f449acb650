"""FHIR in: our own exports give the same journeys, other systems' resources what can be understood of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from domain.events import LevelOfCareStarted
from domain.journey import Stay
from infra.bootstrap import Services
from infra.interop.exporters.all_charts import charts
from infra.interop.fhir.mapping import resources
from infra.interop.importers.events.origin import Origin
from infra.interop.importers.events.trial import Trial
from infra.interop.importers.fhir.run import import_fhir
from infra.reporting.reports import ReportParams, run_report
from infra.simulator.demo import fill
from projections.chart import Chart
from tests.depth import cases
from tests.infra.conftest import services_at


@pytest.fixture(scope="module")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A part of the programme that other rooms share: each of its resources is read by a library three times."""
    services = services_at(tmp_path_factory.mktemp("programme"))
    fill(services.log, cases(14, 50), 11)
    services.catch_up()
    yield services
    services.close()


@pytest.fixture(scope="module")
def exported(programme: Services, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every simulated client as FHIR, one NDJSON file."""
    target = tmp_path_factory.mktemp("fhir") / "all.ndjson"
    with target.open("wb") as file:
        for chart in charts(programme.log, opened=True):
            for resource in resources(chart, programme.log.reference(chart.client_id) or ""):
                file.write(orjson.dumps(resource) + b"\n")
    return target


@pytest.fixture(scope="module")
def again(exported: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A new store with what came back."""
    services = services_at(tmp_path_factory.mktemp("again"))
    import_fhir(services.log, [exported], keep_recorded_at=True)
    services.catch_up()
    yield services
    services.close()


def _charts(services: Services) -> dict[str, Chart]:
    return {str(services.log.reference(chart.client_id)): chart for chart in charts(services.log)}


def _stay(stay: Stay) -> tuple[object, ...]:
    return stay.level, stay.start // 10**6, (stay.end or 0) // 10**6, stay.reason, stay.program, stay.site


def test_our_own_export_comes_back_as_the_same_journeys(programme: Services, again: Services) -> None:
    before, after = _charts(programme), _charts(again)
    assert before.keys() == after.keys()
    for number, chart in before.items():
        assert [_stay(stay) for stay in after[number].journey.stays] == [_stay(stay) for stay in chart.journey.stays]


@pytest.mark.parametrize("name", ["completion", "abstinence", "retention"])
def test_the_same_numbers_come_of_it(programme: Services, again: Services, name: str) -> None:
    assert run_report(name, again, ReportParams()) == run_report(name, programme, ReportParams())


def test_a_second_import_records_nothing(again: Services, exported: Path) -> None:
    head = again.log.head()
    result = import_fhir(again.log, [exported], keep_recorded_at=True)
    assert (result.recorded, again.log.head()) == (0, head)
    assert result.known > 0


def test_importing_into_the_log_that_it_came_from_records_nothing(programme: Services, exported: Path) -> None:
    assert import_fhir(programme.log, [exported]).recorded == 0


def _bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}


FOREIGN = _bundle(
    {
        "resourceType": "Patient",
        "id": "p1",
        "identifier": [{"system": "urn:oid:1.2.3", "value": "MRN-7"}],
        "name": [{"given": ["Simulated"], "family": "Person"}],
        "birthDate": "1988-02-03",
        "gender": "female",
    },
    {
        "resourceType": "Encounter",
        "id": "stay",
        "status": "finished",
        "class": {"code": "AMB"},
        "type": [{"text": "Intensive Outpatient Program (IOP)"}],
        "subject": {"reference": "Patient/p1"},
        "period": {"start": "2026-01-05T09:00:00-05:00", "end": "2026-03-05T09:00:00-05:00"},
        "hospitalization": {"dischargeDisposition": {"coding": [{"code": "aadvice"}]}},
    },
    {
        "resourceType": "Encounter",
        "id": "group",
        "status": "finished",
        "class": {"code": "AMB"},
        "type": [{"text": "Group psychotherapy"}],
        "subject": {"reference": "Patient/p1"},
        "period": {"start": "2026-01-06T09:00:00-05:00", "end": "2026-01-06T12:00:00-05:00"},
    },
    {
        "resourceType": "Observation",
        "id": "screen",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "19295-5"}]},
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2026-01-07",
        "valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": "10828004"}]},
    },
    {
        "resourceType": "Condition",
        "id": "diagnosis",
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "verificationStatus": {"coding": [{"code": "confirmed"}]},
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F11.20"}]},
        "subject": {"reference": "Patient/p1"},
        "recordedDate": "2026-01-04",
    },
    {
        "resourceType": "MedicationRequest",
        "id": "drug",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": "Buprenorphine 8 mg"},
        "subject": {"reference": "Patient/p1"},
        "authoredOn": "2026-01-06T09:00:00-05:00",
    },
    {
        "resourceType": "Observation",
        "id": "pressure",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "85354-9"}]},
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2026-01-07",
    },
    {"resourceType": "Device", "id": "d", "patient": {"reference": "Patient/p1"}},
    {"resourceType": "Observation", "id": "nobody", "status": "final", "code": {"text": "x"}},
)


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """Another system's bundle."""
    target = tmp_path / "bundle.json"
    target.write_bytes(orjson.dumps(FOREIGN))
    return target


def test_another_systems_bundle_is_understood_where_it_can_be(tmp_path: Path, foreign: Path) -> None:
    services = services_at(tmp_path)
    result = import_fhir(services.log, [foreign])
    assert result.by_type == {
        "ClientRegistered": 1,
        "LevelOfCareStarted": 1,
        "LevelOfCareEnded": 1,
        "SessionAttended": 1,
        "DrugScreenResulted": 1,
        "DiagnosisRecorded": 1,
        "MedicationStarted": 1,
    }
    [chart] = _charts(services).values()
    [stay] = chart.journey.stays
    assert (stay.level, stay.reason) == ("intensive_outpatient", "left_against_advice")
    left = {one.place: one.reason for one in result.left}
    assert left.keys() == {"Observation/pressure", "Device/d", "Observation/nobody"}
    assert left["Observation/nobody"] == "is about no patient"
    assert services.log.reference(chart.client_id) == "MRN-7"
    services.close()


def test_a_dry_run_says_the_same_and_records_nothing(tmp_path: Path, foreign: Path) -> None:
    services = services_at(tmp_path)
    tried = import_fhir(services.log, [foreign], origin=Origin(trial=Trial()))
    assert services.log.head() == 0
    done = import_fhir(services.log, [foreign])
    assert (tried.by_type, tried.left) == (done.by_type, done.left)
    assert import_fhir(services.log, [foreign]).recorded == 0
    services.close()


@pytest.mark.parametrize(
    "content", [b"", b"[1]", b"{}", b'{"resourceType": 7}', b"not json\n{}", b'{"resourceType":"Bundle","entry":[3]}']
)
def test_what_is_no_fhir_is_left_over_and_breaks_nothing(tmp_path: Path, content: bytes) -> None:
    services = services_at(tmp_path)
    target = tmp_path / "odd.json"
    target.write_bytes(content)
    assert import_fhir(services.log, [target]).recorded == 0
    services.close()


def test_random_resources_never_break_the_import(tmp_path: Path) -> None:
    """Any field of our resources replaced by something else is left over or read as nothing."""
    import random

    rng = random.Random(7)
    services = services_at(tmp_path)
    odd: list[Any] = [None, 5, "x", [], {}, [1], {"coding": 3}, True, [{"code": None}]]
    broken: list[dict[str, Any]] = []
    for entry in FOREIGN["entry"] * 60:
        resource = dict(entry["resource"])
        for name in rng.sample(sorted(set(resource) - {"resourceType"}), 1):
            resource[name] = rng.choice(odd)
        broken.append(resource)
    target = tmp_path / "broken.json"
    target.write_bytes(orjson.dumps(_bundle(*broken)))
    import_fhir(services.log, [target])
    services.close()


def test_stays_are_found_by_asam_code_too(tmp_path: Path) -> None:
    services = services_at(tmp_path)
    patient = {"resourceType": "Patient", "id": "p", "identifier": [{"value": "M"}]}
    names = {"ASAM 2.5": "partial_hospitalization", "Level 3.7-WM": "medical_detox", "ASAM Level 3.5": "residential"}
    stays = [
        {
            "resourceType": "Encounter",
            "id": f"e{number}",
            "status": "in-progress",
            "class": {"code": "IMP"},
            "type": [{"text": name}],
            "subject": {"reference": "Patient/p"},
            "period": {"start": f"2026-01-0{number + 1}T09:00:00Z"},
        }
        for number, name in enumerate(names)
    ]
    target = tmp_path / "stays.json"
    target.write_bytes(orjson.dumps(_bundle(patient, *stays)))
    import_fhir(services.log, [target])
    [chart] = _charts(services).values()
    assert [event.level for _, event in chart.events(LevelOfCareStarted)] == list(names.values())
    services.close()
