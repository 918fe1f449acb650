"""Import lines that take the provider for a client, or a client for the provider, are refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from domain.events import SiteDefined
from infra.bootstrap import Services
from infra.eventstore.log import Author
from infra.interop.importers.events.run import ImportResult, import_file
from infra.provider.define import define
from tests.projections.telling import opened
from tests.spec import NOW, ago

NORTH = SiteDefined(site="North", name="North house", zone="America/Chicago")
TARGET = "00000000-0000-4000-8000-000000000001"
SITE = {"type": "SiteDefined", "occurred_at": "2026-01-01T00:00:00Z", "data": NORTH.model_dump(exclude_none=True)}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Services]:
    with opened(tmp_path, NOW.date()) as services:
        yield services


def take_in(here: Services, folder: Path, *lines: dict[str, Any]) -> ImportResult:
    file = folder / "lines.ndjson"
    file.write_bytes(b"\n".join(orjson.dumps({"occurred_at": "2026-01-01T00:00:00Z"} | line) for line in lines))
    return import_file(here.log, str(file))


def types(here: Services, stream: str) -> list[str]:
    return [entry.type for entry in here.log.stream(stream)]


@pytest.mark.parametrize(
    ("kind", "field", "reason"),
    [
        ("ChartClosed", "merged_into", "type"),
        ("MergedChartContinued", "other_client_id", "type"),
        ("ChartsMerged", "other_client_id", "data.other_client_id"),
        ("NotSamePerson", "other_client_id", "data.other_client_id"),
    ],
)
@pytest.mark.parametrize("whose", ["the provider's", "a client's"])
def test_no_chart_is_joined_to_another_by_its_stream(
    here: Services, tmp_path: Path, kind: str, field: str, reason: str, whose: str
) -> None:
    site = define(here.log, NORTH, author=Author("an admin", "admin"), now=NOW, since=ago(20)).client_id
    take_in(here, tmp_path, {"client": "C-9", "type": "NoteAdded", "data": {"text": "of another"}})
    other = site if whose == "the provider's" else here.log.client_id("C-9")
    client = "erased:nobody" if reason != "type" else "C-1"  # an erased chart's line need name no number
    result = take_in(
        here,
        tmp_path,
        {"client": client, "type": kind, "data": {field: other}},
        {"client": client, "type": "NoteAdded", "data": {"text": "late"}},
    )
    assert (result.recorded, dict(result.reasons)) == (1, {reason: 1})
    assert types(here, site) == ["SiteDefined"]
    assert types(here, here.log.client_id("C-9")) == ["NoteAdded"]
    assert types(here, here.log.client_id(client)) == ["NoteAdded"]


def test_no_chart_is_opened_again_by_an_entry_of_the_provider(here: Services, tmp_path: Path) -> None:
    take_in(
        here,
        tmp_path,
        {"client": "C-1", "type": "NoteAdded", "data": {"text": "a"}},
        {"client": "C-2", "type": "NoteAdded", "data": {"text": "b"}},
        {"client": "C-1", "type": "ChartsMerged", "data": {"other_client": "C-2"}, "event_id": TARGET},
    )
    said = {"kind": "provider", "client": "provider:site:North", "type": "EntryRetracted"}
    result = take_in(here, tmp_path, SITE, said | {"data": {"target": TARGET, "reason": "x"}})
    assert (result.recorded, result.derived) == (2, 0)
    assert types(here, here.log.client_id("C-2")) == ["NoteAdded", "ChartClosed"]


def test_no_correction_makes_an_entry_of_a_chart_the_providers(here: Services, tmp_path: Path) -> None:
    data = {"target": TARGET, "reason": "x", "replacement": SITE}
    result = take_in(here, tmp_path, {"client": "C-1", "type": "EntryCorrected", "data": data})
    assert (result.recorded, dict(result.reasons)) == (0, {"kind": 1})


def test_what_takes_back_a_definition_names_a_thing_of_a_kind(here: Services, tmp_path: Path) -> None:
    said = {"kind": "provider", "type": "EntryRetracted", "data": {"target": TARGET, "reason": "x"}}
    labels = ["provider:anything", "provider:site:", "provider:client:C-1", "provider:group:IOP"]
    result = take_in(here, tmp_path, *(said | {"client": label} for label in labels))
    assert (result.recorded, dict(result.reasons)) == (1, {"client": 3})
