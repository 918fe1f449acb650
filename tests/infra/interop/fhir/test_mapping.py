"""Charts as FHIR: every resource is valid R4 by HAPI, and other libraries read it as it was written."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import HealthCheck, Phase, given, seed, settings

from domain.events import DrugScreenResulted, LevelOfCareStarted
from infra.access_log.entries import EVERYBODY, Accessed
from infra.bootstrap import Services
from infra.eventstore.unreadable import Unread
from infra.interop.exporters.all_charts import charts
from infra.interop.fhir.audit_events import audit_events
from infra.interop.fhir.bundles import history, outcome, searchset, versions_of
from infra.interop.fhir.capability import capability_statement
from infra.interop.fhir.coding import PROFILES, US_CORE
from infra.interop.fhir.mapping import KINDS, NOT_CARRIED, resources
from infra.interop.fhir.outcomes import left_out, notice_of
from projections.chart import Chart
from tests.depth import cases
from tests.histories import CLINICAL, histories
from tests.infra.interop.fhir.us_core import REQUIRED, missing
from tests.spec import NOW, Fact, ago, entries, fact

VALIDATE = Path(__file__).parents[4] / "tools/fhir-validator/validate"
CLIENTS = cases(3, 150)  # simulated ones that HAPI sees, at least
GENERATED = cases(15, 600)

Made = dict[str, Any]


def of(facts: list[Fact], number: str = "C-1") -> list[Made]:
    """The resources of recorded facts."""
    return list(resources(Chart("c" * 32, len(facts), entries(facts)), number))


@pytest.fixture(scope="module")
def simulated(programme: Services) -> list[Made]:
    """Resources of simulated clients, personal fields opened: the first by chart number until each profile is there."""
    found: list[Made] = []
    opened = {programme.log.reference(chart.client_id) or "": chart for chart in charts(programme.log, opened=True)}
    for place, (number, chart) in enumerate(sorted(opened.items())):
        if place >= CLIENTS and profiles(found) >= set(REQUIRED):
            break
        found += resources(chart, number)
    return found


def profiles(made: Iterable[Made]) -> set[str]:
    """The profiles of US Core that resources claim."""
    return {url.rpartition("us-core-")[2] for one in made for url in one["meta"].get("profile", ())}


@cache
def generated() -> list[Made]:
    """Resources of random histories: any payload a type allows, in any order of clinical times."""
    found: list[Made] = []

    @seed(94)
    @settings(
        max_examples=GENERATED,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )
    @given(histories(kinds=CLINICAL))
    def collect(facts: list[Fact]) -> None:
        found.extend(of([fact for number, fact in enumerate(facts) if fact not in facts[:number]]))

    collect()
    return found


def hapi(made: Iterable[Made]) -> str:
    """What HAPI says: its errors, then a line of sums."""
    lines = b"\n".join(orjson.dumps(resource) for resource in made)
    done = subprocess.run([str(VALIDATE)], input=lines, capture_output=True, check=False)
    assert done.returncode in (0, 1), done.stderr.decode()
    return done.stdout.decode()


def accessed(kind: str, number: int, **more: Any) -> Accessed:
    """An entry of the access log about the client."""
    said: dict[str, Any] = {
        "entry_id": UUID(int=number).hex,
        "at": NOW,
        "name": "a.meyer",
        "role": "clinician",
        "via": "api",
        "doing": "GET /api/v1/clients/{reference}",
        "purpose": "treatment",
        "clients": ("c" * 32,),
        "broken": False,
        "request": UUID(int=7).hex,
        "words": {},
    }
    return Accessed(number, kind, **(said | more))


def served(simulated: list[Made]) -> list[Made]:
    """What the server says beside a chart's resources: AuditEvents, Bundles, its CapabilityStatement, an outcome."""
    disclosed = {"recipient": "County", "what": "FHIR", "purpose": "treatment", "basis": "consent c1"}
    log = [
        accessed("ChartsRead", 1),
        accessed("ChartsRead", 2, clients=("c" * 32, "d" * 32), request="", purpose="their own words", words=None),
        accessed("ChartsRead", 3, clients=(EVERYBODY,), role="system", via="command-line"),
        accessed("ChartRefused", 4),
        accessed("GlassBroken", 5, broken=True, words={"reason": "collapsed in our waiting room"}),
        accessed("RecordsDisclosed", 6, words=disclosed),
        accessed("DisclosureRefused", 7, purpose="audit", words=disclosed),
        accessed("RecordsDisclosed", 8, purpose="emergency", words=None),
    ]
    facts = [fact(LevelOfCareStarted(level="residential"), ago(10), 1)]
    versions = versions_of("c" * 32, "C-1", entries(facts), "Encounter", facts[0].event_id)
    unread = Unread("c" * 32, 4, 17, "Unheard.1", "unknown", "e" * 32, None, None, "")
    events = list(audit_events("c" * 32, log))
    assert len(events) == len(log)
    said = [*left_out([unread] * 12), *notice_of("the notice")]
    return [
        *events,
        searchset(
            [*simulated[:5], *events],
            "https://care.example/fhir",
            said,
            total=9,
            links={"self": "https://care.example/fhir/x"},
        ),
        searchset([], "https://care.example/fhir"),
        history(versions, ("https://care.example/fhir", "Encounter", facts[0].event_id), None, said[0]),
        capability_statement("https://care.example/fhir"),
        outcome("error", "deleted", "The client was erased."),
    ]


def test_hapi_finds_no_error_in_simulated_and_in_generated_charts_and_does_find_errors(simulated: list[Made]) -> None:
    made = [*served(simulated), *simulated, *generated()]
    wrong = [{"resourceType": "Patient", "id": "a", "gender": "unsaid"}, {"resourceType": "Encounter", "id": "b"}]
    *said, sums = hapi([*made, *wrong]).splitlines()
    errors = [line for line in said if line[0].isdigit()]
    assert {int(line.partition("\t")[0]) - len(made) for line in errors} == {1, 2}, "\n".join(errors)[:5000]
    assert sums == f"read {len(made) + 2}, errors {len(errors)}"


def test_the_profiles_of_us_core_have_what_they_require(simulated: list[Made]) -> None:
    of_random = generated()
    assert profiles(simulated) == set(REQUIRED) == {name for names in PROFILES.values() for name in names}
    assert [problem for one in (*simulated, *of_random) for problem in missing(one)] == []
    nobody = {"meta": {"profile": [US_CORE + "patient"]}, "identifier": [{"system": "x"}], "name": [{"text": "y"}]}
    assert missing(nobody) == ["patient: identifier.value", "patient: name.family|given|extension", "patient: gender"]


def test_confirmed_screens_have_codes_of_their_own() -> None:
    found = DrugScreenResulted(specimen="urine", positive=("heroin", "fentanyl"), panel=("opioid", "cocaine"))
    codes = {
        confirmed: [
            one["code"]["coding"][0]["code"]
            for one in of([fact(screen)])
            if "-" in one["id"] and one["resourceType"] == "Observation"
        ]
        for confirmed in (True, None)
        for screen in [found.model_copy(update={"confirmed": confirmed})]
    }
    assert codes == {None: ["19295-5", "58379-9", "14314-9"], True: ["18390-5", "opioid", "14315-6"]}


def test_other_libraries_read_and_write_every_resource_unchanged(simulated: list[Made]) -> None:
    for made in (*simulated, *served(simulated)):
        kind: str = made["resourceType"]
        smart = getattr(import_module(f"fhirclient.models.{kind.lower()}"), kind)(made)
        assert smart.as_json() == made
        get_fhir_model_class(kind).model_validate(made)


def test_every_type_of_entry_is_carried_or_named_as_not_carried(programme: Services) -> None:
    carried: set[str] = set()
    seen: set[str] = set()
    for chart in charts(programme.log, opened=True):
        made = list(resources(chart, "x"))
        targets = {ref for one in made if one["resourceType"] == "Provenance" for ref in (one["id"],)}
        for entry in chart.entries:
            seen.add(entry.type)
            if f"{(entry.amended_by or entry).event_id}-p" in targets:
                carried.add(entry.type)
    assert seen - carried <= NOT_CARRIED.keys()


def test_references_lead_to_resources_of_the_same_chart(simulated: list[Made]) -> None:
    known = {f"{one['resourceType']}/{one['id']}" for one in simulated}
    assert set(_references(simulated)) <= known
    assert len(known) == len(simulated), "two resources with one id"
    assert {one["resourceType"] for one in simulated} <= set(KINDS)


def _references(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        found = value.get("reference")
        if isinstance(found, str) and not found.startswith("#"):
            yield found
        for part in value.values():
            yield from _references(part)
    elif isinstance(value, list):
        for part in value:
            yield from _references(part)


def test_a_stay_is_an_encounter_of_its_episode_and_stays_so_when_asked_for_alone() -> None:
    facts = [fact(LevelOfCareStarted(level="residential", site="North"), ago(10))]
    [encounter] = [one for one in of(facts) if one["resourceType"] == "Encounter"]
    assert encounter["class"]["code"] == "IMP"
    assert encounter["status"] == "in-progress"
    assert encounter["episodeOfCare"][0]["reference"].startswith("EpisodeOfCare/")
    chart = Chart("c" * 32, 1, entries(facts))
    assert list(resources(chart, "C-1", "Encounter")) == [encounter]
