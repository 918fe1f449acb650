"""Bulk export: what a consent lets leave, recorded for every stream that was read, in folders of their owner's."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import orjson
import pytest

from domain.events import ChartsMerged, ClientRegistered, ConsentGiven, EntryRetracted, LevelOfCareStarted
from infra.access_log.entries import Accessed
from infra.bootstrap import Services
from infra.identity.people import operator
from infra.interop.exporters.flat import export_flat
from infra.interop.exporters.process.ocel import export_ocel
from infra.interop.exporters.process.xes import export_xes
from infra.interop.exporters.teds.run import export_teds
from infra.interop.fhir.bulk import BulkResult, export_fhir
from infra.interop.fhir.disclosure import Recipient
from tests.infra.conftest import services_at
from tests.spec import Fact, ago, fact, record

COUNTY = Recipient("County Health", "treatment")


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """Four charts: one that took over another, all of whose entries were retracted; one consented; one did not."""
    found = services_at(tmp_path)
    agreed = ConsentGiven(consent_id="c1", recipient="County Health", purpose="treatment")
    stay = LevelOfCareStarted(level="residential")
    other = fact(stay, ago(9), client="B-2")
    facts: list[Fact] = [
        fact(stay, ago(10), client="B-1"),
        fact(agreed, ago(9), client="B-1"),
        other,
        fact(EntryRetracted(target=other.id, reason="another client's"), ago(8), client="B-2"),
        fact(ChartsMerged(other_client="B-2"), ago(7), client="B-1"),
        fact(ClientRegistered(name="Simulated One", birth_date=date(1990, 1, 31)), ago(9), client="B-3"),
        fact(agreed, ago(8), client="B-3"),
        fact(stay, ago(9), client="B-4"),
    ]
    for each in facts:
        record(found.log, each)
    found.catch_up()
    yield found
    found.close()


def _export(services: Services, folder: Path) -> BulkResult:
    return export_fhir(services, operator("export fhir"), folder, COUNTY)


def _accessed(services: Services, number: str) -> list[Accessed]:
    return services.people.log.of_client(services.log.client_id(number), opened=True)


def test_every_stream_that_was_read_has_its_own_entry_in_the_access_log(services: Services, tmp_path: Path) -> None:
    result = _export(services, tmp_path / "out")
    assert (result.disclosed.charts, sum(result.disclosed.withheld.values())) == (2, 1)
    kinds = {number: [entry.kind for entry in _accessed(services, number)] for number in ("B-1", "B-2", "B-3", "B-4")}
    left = ["RecordsDisclosed"]
    assert kinds == {"B-1": left, "B-2": left, "B-3": left, "B-4": ["DisclosureRefused"]}
    [merged] = _accessed(services, "B-2")
    assert merged.words == {
        "recipient": "County Health",
        "purpose": "treatment",
        "what": "FHIR",
        "basis": "consent c1",
    }


def test_what_leaves_is_the_charts_with_their_consents(services: Services, tmp_path: Path) -> None:
    result = _export(services, tmp_path / "out")
    patients = [orjson.loads(line) for line in (tmp_path / "out/Patient.ndjson").read_bytes().splitlines()]
    assert {one["identifier"][0]["value"] for one in patients} == {"B-1", "B-3"}
    consents = [orjson.loads(line) for line in (tmp_path / "out/disclosures.ndjson").read_bytes().splitlines()]
    assert [one["consent"] for one in consents] == ["c1", "c1"]
    assert result.written["Patient"] == 2
    assert not (tmp_path / "out.part").exists()


def test_exports_are_for_their_owner_alone(services: Services, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        _export(services, tmp_path / "fhir")
        export_flat(services.log, tmp_path / "csv", "csv")
        export_flat(services.log, tmp_path / "parquet", "parquet")
        export_teds(services.log, tmp_path / "teds")
        export_xes(services.log, tmp_path / "journeys.xes")
        export_ocel(services.log, tmp_path / "journeys.jsonocel")
    finally:
        os.umask(before)
    folders = [tmp_path / name for name in ("fhir", "csv", "parquet", "teds")]
    files = [*tmp_path.glob("journeys.*"), *(file for folder in folders for file in folder.iterdir())]
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert len(files) > 20
