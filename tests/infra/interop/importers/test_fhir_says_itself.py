"""FHIR in: what a resource says of itself that makes it nobody's care, no result or nobody's number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from domain.events import ClientDied, ClientRegistered, LevelOfCareEnded
from infra.eventstore.log import EventLog
from infra.interop.importers.events.run import import_file
from infra.interop.importers.fhir.run import import_fhir
from infra.interop.importers.json_text import TWICE
from tests.infra.interop.importers.event_lines import Write, line, texts
from tests.infra.interop.importers.fhir_parts import MR, NORTH, Resource, Store, about, patient, score, stay
from tests.infra.interop.importers.test_fhir_again import consent

V3 = "http://terminology.hl7.org/CodeSystem/v3-"
TEST: Resource = {"meta": {"security": [{"system": f"{V3}ActReason", "code": "HTEST"}]}}
PART: Resource = {"meta": {"tag": [{"system": f"{V3}ObservationValue", "code": "SUBSETTED"}]}}
HIDDEN: Resource = {
    "type": MR,
    "system": NORTH,
    "_value": {"extension": [{"url": "urn:masked", "valueCode": "masked"}]},
}
GIVEN: Resource = {
    "status": "completed",
    "effectiveDateTime": "2026-01-06T10:00:00Z",
    "medicationCodeableConcept": {"text": "methadone"},
}


@pytest.fixture
def here(tmp_path: Path, embedded: EventLog) -> Store:
    """An empty embedded log."""
    return Store(embedded, tmp_path)


@pytest.mark.parametrize("mark", [TEST, PART])
def test_test_data_and_parts_are_nobodys_care(here: Store, mark: Resource) -> None:
    assert here.take(patient(**mark), stay()).charts == {}
    assert set(here.left) == {"Patient/p1", "Encounter/e1"}
    here.take(patient(), stay(**mark), consent(**mark))
    assert [entry.type for entry in here.chart.entries] == ["ClientRegistered"]


@pytest.mark.parametrize(
    "resource",
    [
        score(dataAbsentReason={"coding": [{"code": "error"}]}),
        score(subject={"reference": "Patient/p1", "type": "Group"}),
        about("MedicationAdministration", "a1", **GIVEN, statusReason=[{"text": "refused"}]),
        about("MedicationAdministration", "a1", **GIVEN, dosage={"dose": {"value": 5, "unit": "mL"}}),
    ],
)
def test_what_contradicts_itself_is_left_over(here: Store, resource: Resource) -> None:
    here.take(patient(), resource)
    assert [entry.type for entry in here.chart.entries] == ["ClientRegistered"]
    assert set(here.left) == {f"{resource['resourceType']}/{resource['id']}"}


def test_a_hidden_number_makes_no_id_one(here: Store) -> None:
    assert here.take(patient(identifier=[HIDDEN]), stay()).charts == {}


def test_a_gender_that_is_none_is_listed_and_not_taken(here: Store) -> None:
    here.take(patient(gender="m"))
    assert ([event.sex for _, event in here.chart.events(ClientRegistered)], "Patient/p1" in here.left) == (
        [None],
        True,
    )


@pytest.mark.parametrize(
    "said",
    [{"text": "Expired"}, {"coding": [{"system": "https://www.nubc.org/CodeSystem/PatDischargeStatus", "code": "20"}]}],
)
def test_a_death_among_dispositions_is_one(here: Store, said: Resource) -> None:
    here.take(patient(), stay(hospitalization={"dischargeDisposition": said}))
    assert [event.reason for _, event in here.chart.events(LevelOfCareEnded)] == ["died"]


class TestDeath:
    """A bare day of death is over with its last second: nothing of that day is later."""

    @pytest.mark.parametrize("died", ["2026-01-06", "2026-01-06T23:59:59+00:00"])
    def test_what_was_done_on_its_day_counts(self, here: Store, died: str) -> None:
        here.take(patient(deceasedDateTime=died), score(effectiveDateTime="2026-01-06T21:30:00Z"))
        assert [entry.type for entry in here.chart.entries] == ["ClientRegistered", "InstrumentScored", "ClientDied"]

    def test_so_it_is_by_a_disposition(self, here: Store) -> None:
        exp = {"coding": [{"code": "exp"}]}
        until = {"start": "2026-01-05", "end": "2026-01-06"}
        here.take(patient(), stay(period=until, hospitalization={"dischargeDisposition": exp}))
        assert [entry.occurred_at.hour for entry in here.chart.entries][-2:] == [12, 23]

    def test_so_it_is_in_lines(self, embedded: EventLog, write: Write) -> None:
        from infra.interop.importers.source import Source
        from infra.interop.importers.zones import zone

        given = [line(), line(type="ClientDied", data={}, occurred_at="2026-02-01")]
        import_file(embedded, str(write(*given)), source=Source(zone("America/Chicago")))
        died = [e for e in embedded.stream(embedded.client_id("A-1")) if isinstance(e.event, ClientDied)]
        assert [entry.occurred_at.isoformat() for entry in died] == ["2026-02-01T23:59:59-06:00"]

    @pytest.mark.parametrize(
        ("died", "why"),
        [("2026-06-30", "has died on a day that is not over"), ("1980-01-06", "deceasedDateTime: is before")],
    )
    def test_one_that_cannot_be_is_listed(self, here: Store, died: str, why: str) -> None:
        here.take(patient(deceasedDateTime=died))
        assert here.left["Patient/p1"].startswith(why)
        assert [entry.type for entry in here.chart.entries] == ["ClientRegistered"]


class TestTwice:
    """An object that has a name twice says two things."""

    def test_in_fhir(self, here: Store) -> None:
        raw = orjson.dumps(patient()).replace(b'"birthDate"', b'"birthDate":"1991-01-01", "birthDate"')
        for name, content in (("a.json", raw), ("b.ndjson", raw + b"\n" + orjson.dumps(patient("p2", "N-2")))):
            (here.folder / name).write_bytes(content)
            result = import_fhir(here.log, [here.folder / name])
            assert [one.reason for one in result.left] == [TWICE]
        assert set(here.charts) == {"N-2"}

    @pytest.mark.parametrize("more", [{}, {"text": 'said "yes": "no"'}])
    def test_in_lines(self, embedded: EventLog, write: Write, more: dict[str, Any]) -> None:
        good = orjson.dumps(line(**more)) if not more else orjson.dumps(line(more["text"]))
        bad = good.replace(b'"client"', b'"client" : "B-1","client"')
        assert (import_file(embedded, str(write(good, bad))).rejected, len(texts(embedded))) == (1, 1)
