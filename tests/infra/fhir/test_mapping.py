"""Charts as FHIR: every resource is valid R4 by HAPI, and other libraries read it as it was written."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson
import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import HealthCheck, Phase, given, seed, settings

from domain.events import LevelOfCareStarted
from infra.exporting.charts import charts
from infra.fhir.mapping import KINDS, NOT_CARRIED, resources
from infra.services import Services
from projections.chart import Chart
from tests.histories import CLINICAL, histories
from tests.spec import Fact, ago, entries, fact

VALIDATE = Path(__file__).parents[3] / "tools/fhir-validator/validate"
# How many simulated clients HAPI sees; the suite takes a few, `CAREJOURNEY_FHIR_CLIENTS=2000` takes a release's.
CLIENTS = int(os.environ.get("CAREJOURNEY_FHIR_CLIENTS", "15"))
GENERATED = int(os.environ.get("CAREJOURNEY_FHIR_HISTORIES", "150"))

Made = dict[str, Any]


def of(facts: list[Fact], number: str = "C-1") -> list[Made]:
    """The resources of recorded facts."""
    return list(resources(Chart("c" * 32, len(facts), entries(facts)), number))


@pytest.fixture(scope="module")
def simulated(programme: Services) -> list[Made]:
    """Resources of simulated clients, personal fields opened."""
    found: list[Made] = []
    for number, chart in enumerate(charts(programme.log, opened=True)):
        if number >= CLIENTS:
            break
        found += resources(chart, programme.log.reference(chart.client_id) or "")
    return found


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


def test_hapi_finds_no_error_in_simulated_and_in_generated_charts(simulated: list[Made]) -> None:
    made = [*simulated, *generated()]
    said = hapi(made)
    assert said.splitlines()[-1].startswith(f"read {len(made)}, errors 0"), said[:5000]


def test_hapi_does_find_errors() -> None:
    wrong = [{"resourceType": "Patient", "id": "a", "gender": "unsaid"}, {"resourceType": "Encounter", "id": "b"}]
    assert "errors" in hapi(wrong)
    assert "errors 0" not in hapi(wrong)


def test_other_libraries_read_and_write_every_resource_unchanged(simulated: list[Made]) -> None:
    for made in simulated:
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
