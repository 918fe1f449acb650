"""What other systems are told of the topic is true, whole, and never changes under a version."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import jsonschema_rs
import pytest
import yaml

from api.http.examples import DEFINITIONS, EXAMPLES
from domain.commands import RECORDING, Draft
from domain.events import (
    CATALOGUE,
    ChartClosed,
    ChartsMerged,
    ClientErased,
    EntryCorrected,
    EntryRetracted,
    EntrySetAside,
    EntryTakenUp,
    ErasureRequested,
    Event,
    MergedChartContinued,
    NotSamePerson,
    OverlapResolved,
    VersionsLeftOver,
)
from domain.events.record import Replacement
from domain.provider import DEFINING
from infra.bootstrap import Services
from infra.eventstore.keyring import Cipher
from infra.eventstore.log import Author, NewEntry, stored_row
from infra.eventstore.rows import LogRow
from infra.kafka.records import record_of
from tools.schemas.asyncapi import document
from tools.schemas.compatibility import breaking
from tools.schemas.files import broken, stale, write
from tools.schemas.values import Schema, schemas
from tools.schemas.yaml import to_yaml

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "docs" / "schemas"
SPEC = ROOT / "tools" / "asyncapi"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ID = UUID(int=7)
MADE = schemas()


def closed(found: Any) -> Any:
    """A schema that takes nothing it does not name: published ones are open for what is added later."""
    if isinstance(found, list):
        return [closed(item) for item in found]
    if not isinstance(found, dict):
        return found
    kept = {key: closed(value) for key, value in found.items() if key != "x-opens-to"}
    is_object = kept.get("type") == "object" and isinstance(kept.get("properties"), dict)
    return {"additionalProperties": False, **kept} if is_object else kept


def event_of(name: str) -> Event:
    """One event of each type."""
    commands = [command for command, event in (RECORDING | DEFINING).items() if event == name]
    if commands:
        return CATALOGUE.parse(name, (EXAMPLES | DEFINITIONS)[commands[0]])
    return {
        "ChartsMerged": ChartsMerged(other_client="SIM-2", other_client_id=ID),
        "ChartClosed": ChartClosed(merged_into=ID),
        "MergedChartContinued": MergedChartContinued(other_client_id=ID),
        "OverlapResolved": OverlapResolved(stays=(ID, UUID(int=1)), counts=ID),
        "NotSamePerson": NotSamePerson(other_client="SIM-2", other_client_id=ID),
        "EntrySetAside": EntrySetAside(target=ID, reason="damaged"),
        "EntryTakenUp": EntryTakenUp(target=ID, reason="known now"),
        "EntryRetracted": EntryRetracted(target=ID, reason="another chart's"),
        "EntryCorrected": EntryCorrected(
            target=ID,
            reason="misheard",
            replacement=Replacement(type="NoteAdded", occurred_at=NOW, data={"text": "sealed", "kind": "progress"}),
        ),
        "ErasureRequested": ErasureRequested(
            requested_by="a", ground="client_request", expires_at=NOW + timedelta(days=3), basis="in words"
        ),
        "ClientErased": ClientErased(requested_by="a", confirmed_by="b"),
        "VersionsLeftOver": VersionsLeftOver(format="fhir", versions={ID.hex: "- 2"}),
    }[name]


def row_of(event: Event) -> LogRow:
    author = Author("a", "clinician", "carejourney", "north", ID, ID)
    entry = NewEntry(Draft(event, NOW - timedelta(hours=1)), author, "ab" * 16)
    return LogRow(1, *stored_row("cd" * 16, 1, entry, NOW, Cipher(bytes(32))))


@pytest.mark.parametrize("name", sorted(CATALOGUE.types))
def test_a_stored_event_is_as_its_schema_says(name: str) -> None:
    row = row_of(event_of(name))
    found: Any = json.loads(row.state)
    jsonschema_rs.validator_for(closed(MADE[row.topic]), validate_formats=True).validate(found)
    opened = MADE[row.topic]["properties"].get("x", {}).get("x-opens-to", {}).get("properties", {})
    assert not [field for field in opened if CATALOGUE.types[name].seals(field, found["d"].get(field))]


def test_simulated_care_is_as_the_schemas_say(programme: Services) -> None:
    checks = {name: jsonschema_rs.validator_for(closed(schema), validate_formats=True) for name, schema in MADE.items()}
    rows = programme.log.recorder.page(0, 5_000)
    assert len({row.topic for row in rows}) > 20
    for row in rows:
        checks[row.topic].validate(json.loads(row.state))


@pytest.fixture(scope="module")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    from infra.simulator.demo import fill
    from tests.infra.conftest import services_at

    services = services_at(tmp_path_factory.mktemp("programme"))
    fill(services.log, 40, 3)
    yield services
    services.close()


@pytest.mark.parametrize("name", sorted(CATALOGUE.types))
def test_headers_are_as_the_document_says(name: str) -> None:
    told = document(MADE)["components"]
    headers = {key: value.decode() for key, value in record_of(row_of(event_of(name))).headers}
    message = told["messages"][f"{name}_v{CATALOGUE.types[name].version}"]
    whole = told["messageTraits"]["cloudEvent"]["headers"]
    assert headers.keys() == whole["properties"].keys() | message["headers"]["properties"].keys()
    for part in (whole, message["headers"]):
        jsonschema_rs.validator_for(part, validate_formats=True).validate(headers)


def test_a_sealed_field_is_never_described_as_readable() -> None:
    for name, cls in CATALOGUE.types.items():
        shown = MADE[f"{name}.{cls.version}"]["properties"]["d"]["properties"]
        told = {field: sorted(shown[field].get("enum", ())) for field in cls.personal if field in shown}
        assert told == {field: sorted(words) for field, words in cls.readable.items()}, name


def test_the_files_are_up_to_date() -> None:
    assert stale(FOLDER, MADE) == [], "run `python -m tools.schemas`"
    assert (ROOT / "docs" / "asyncapi.yaml").read_text() == to_yaml(document(MADE)), "run `python -m tools.schemas`"


def test_no_version_of_an_event_has_changed_its_meaning() -> None:
    assert broken(FOLDER, MADE) == []


def test_the_document_is_asyncapi_3() -> None:
    subprocess.run([ROOT / "tools" / "npm", SPEC], check=True, capture_output=True)
    spec = json.loads((SPEC / "node_modules/@asyncapi/specs/schemas/3.0.0-without-$id.json").read_text())
    found = yaml.safe_load((ROOT / "docs" / "asyncapi.yaml").read_text())
    assert found == document(MADE)
    jsonschema_rs.validator_for(spec).validate(found)


def test_every_reference_of_the_document_leads_somewhere() -> None:
    found = document(MADE)
    for target in references(found):
        if target.startswith("./"):
            assert (ROOT / "docs" / target).exists(), target
        else:
            place: Any = found
            for step in target.removeprefix("#/").split("/"):
                place = place[step]


def references(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        for key, value in found.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(found, list):
        for item in found:
            yield from references(item)


def changed(name: str, change: str) -> Schema:
    """A schema after ``change``, which sees it as ``s`` and its payload as ``d``."""
    schema = deepcopy(MADE[name])
    exec(change, {"s": schema, "d": schema["properties"]["d"]})
    return schema


HARMS = {
    ("SessionAttended.2", "d['properties'].pop('minutes')"): "d.minutes is gone",
    ("SessionAttended.2", "d['properties']['length'] = d['properties'].pop('minutes')"): "d.minutes is gone",
    ("SessionAttended.2", "d['properties']['minutes']['type'] = 'string'"): "d.minutes was integer and is string",
    ("SessionAttended.2", "d['properties']['minutes']['maximum'] = 60"): "d.minutes has maximum 60, it was 1440",
    ("SessionAttended.2", "d['required'].append('topic')"): "d.topic is required now",
    ("SessionAttended.2", "s['required'].append('f')"): "f is required now",
    ("DrugScreenResulted.1", "d['properties']['specimen']['enum'].remove('hair')"): "d.specimen can no longer be 'hair'",
    ("DrugScreenResulted.1", "d['properties']['positive']['items']['maxLength'] = 9"): "d.positive[] has maxLength 9, it was 200",
    ("UseReported.1", "d['properties']['amount'] = {'type': 'number'}"): "d.amount can no longer be string",
    ("UseReported.1", "d['properties']['substance']['enum'] = ['alcohol']"): "d.substance has a list of values now",
    ("UseReported.1", "d['properties']['on']['format'] = 'date-time'"): "d.on has format date-time, it was date",
    ("TreatmentPlanSet.1", "s['$defs']['Goal']['properties'].pop('dimension')"): "x.goals[].dimension is gone",
    ("NoteAdded.1", "d['properties']['text'] = s['properties'].pop('x')['x-opens-to']['properties']['text']"): "x is gone",
}  # fmt: skip


@pytest.mark.parametrize(("name", "change"), HARMS, ids=str)
def test_what_takes_something_away_is_found(name: str, change: str) -> None:
    found = breaking(MADE[name], changed(name, change))
    assert HARMS[name, change] in found


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("SessionAttended.2", "d['properties']['room'] = {'type': 'string'}"),
        ("SessionAttended.2", "d['properties']['minutes']['maximum'] = 100_000"),
        ("SessionAttended.2", "d['properties']['minutes']['type'] = 'number'"),
        ("SessionAttended.2", "s['description'] = 'In other words.'"),
        ("DrugScreenResulted.1", "d['properties']['specimen']['enum'].append('sweat')"),
        ("UseReported.1", "d['properties']['amount']['anyOf'].append({'type': 'boolean'})"),
        ("UseReported.1", "d['required'].remove('on')"),
    ],
    ids=str,
)
def test_what_only_adds_is_let_through(name: str, change: str) -> None:
    assert breaking(MADE[name], changed(name, change)) == []


def test_a_break_is_told_with_its_remedy(tmp_path: Path) -> None:
    write(tmp_path, MADE)
    made = {**MADE, "SessionAttended.2": changed("SessionAttended.2", "d['properties'].pop('minutes')")}
    (problem,) = broken(tmp_path, made)
    assert problem.startswith("SessionAttended.2: d.minutes is gone. ")
    assert "`version = 3`" in problem
    assert "('SessionAttended', 2)" in problem


def test_a_new_version_needs_a_step_from_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, MADE)
    made = {name: schema for name, schema in MADE.items() if name != "SessionAttended.2"}
    made["SessionAttended.3"] = changed("SessionAttended.2", "d['properties'].pop('minutes')")
    assert broken(tmp_path, made) == [
        "SessionAttended.2: no upcaster leads from it to version 3. Add it to the catalogue."
    ]
    monkeypatch.setitem(CATALOGUE.upcasters, ("SessionAttended", 2), lambda data: data)
    assert broken(tmp_path, made) == []
    write(tmp_path, made)
    assert (tmp_path / "SessionAttended.2.json").exists()
    assert [problem.partition(":")[0] for problem in broken(tmp_path, MADE)] == ["SessionAttended.3"]


def test_a_type_that_is_gone_is_told(tmp_path: Path) -> None:
    write(tmp_path, {"PulseTaken.1": MADE["SessionAttended.2"]})
    assert broken(tmp_path, MADE) == ["PulseTaken.1: the type is gone. Its events are stored for good: keep the class."]
