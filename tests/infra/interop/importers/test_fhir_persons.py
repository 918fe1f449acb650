"""FHIR in: the wrong person. Every way in which one person's care could land on another, or one could become two."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from domain.events import ClientRegistered, InstrumentScored
from infra.eventstore.log import EventLog
from infra.interop.importers.fhir.patients import Sending
from tests.infra.interop.importers.fhir_parts import (
    MR,
    NORTH,
    SOUTH,
    Resource,
    Store,
    about,
    bundle,
    patient,
    score,
    screen,
    stay,
)
from tests.infra.interop.importers.test_fhir_again import consent

A, B = "https://a.example/fhir", "https://b.example/fhir"
FORTIES = "1945-05-05"
MEMBER = {
    "type": {"coding": [{"system": MR["coding"][0]["system"], "code": "MB"}]},
    "system": "http://insurer.example",
    "value": "555",
}
STAY = [("residential", False)]
WHEN = "2026-01-06T10:00:00-05:00"


@pytest.fixture
def here(tmp_path: Path, embedded: EventLog) -> Store:
    """An empty embedded log."""
    return Store(embedded, tmp_path)


def together(*bundles: Resource) -> Resource:
    """Several Bundles as one file."""
    return {"resourceType": "Bundle", "type": "collection", "entry": [one for each in bundles for one in each["entry"]]}


def without(resource: Resource, *names: str) -> Resource:
    """A resource without some of its elements."""
    return {name: value for name, value in resource.items() if name not in names}


def member(key: str, *numbers: str) -> Resource:
    """A Patient with these chart numbers and a family's member number."""
    charts = [{"type": MR, "system": NORTH, "value": number} for number in numbers]
    return patient(key, identifier=[*charts, MEMBER])


class TestOneNumber:
    """Two people with one number are both left over, however it is written and whenever they come."""

    @pytest.mark.parametrize(
        "other",
        [
            patient("b", "n-1", birthDate=FORTIES),
            patient("b", " N-1 ", SOUTH),
            patient("b", "N-1", SOUTH),
        ],
    )
    def test_in_one_import(self, here: Store, other: Resource) -> None:
        here.take(patient("a"), other, stay("ea", "Patient/a"), stay("eb", "Patient/b"))
        assert (here.charts, len(here.left)) == ({}, 4)

    @pytest.mark.parametrize(
        "other",
        [
            patient("b", "n-1", birthDate=FORTIES),
            without(patient("b"), "birthDate"),
            patient(birthDate=FORTIES, name=[{"text": "Else"}]),
        ],
    )
    def test_in_two_imports(self, here: Store, other: Resource) -> None:
        here.take(patient()).take(other, stay(subject=f"Patient/{other['id']}"))
        assert (here.stays(), here.result.recorded, here.result.differs) == ([], 0, 1)

    def test_the_same_person_of_two_servers_is_one(self, here: Store) -> None:
        here.take_file(together(bundle(patient(), urls=True, base=A), bundle(patient(), stay(), urls=True, base=B)))
        here.take_file(bundle(patient(), stay(), urls=True, base=B))
        assert (list(here.charts), here.stays()) == (["N-1"], STAY)

    def test_ids_are_no_numbers_beyond_their_server(self, here: Store) -> None:
        one = without(patient(), "identifier", "birthDate")
        other = one | {"name": [{"text": "Somebody Else"}]}
        here.take_file(together(bundle(one, urls=True, base=A), bundle(other, stay(), urls=True, base=B)))
        assert here.charts == {}
        here.take_file(bundle(one, urls=True, base=A)).take_file(bundle(other, stay(), urls=True, base=B))
        assert (here.stays("p1"), here.result.differs) == ([], 1)

    def test_contained_ones_that_differ_are_nobody(self, here: Store) -> None:
        inner = [patient("i"), patient("i", birthDate=FORTIES)]
        here.take(*(stay(f"e{n}", "#i", contained=[one]) for n, one in enumerate(inner)))
        assert here.charts == {}

    @pytest.mark.parametrize(
        "identifier",
        [
            {"system": "urn:oid:2.16.840.1.113883.4.1", "value": "999-99-9999"},
            {"type": {"text": "SSN"}, "value": "999-99-9999"},
            {"type": {"coding": [{"system": "http://hl7.org/fhir/v2/0203", "code": "SS"}]}, "value": "999-99-9999"},
            {"system": "urn:oid:2.16.840.1.113883.4.3.25", "value": "S99"},
            {"type": MR, "system": NORTH, "value": "T1", "use": "temp"},
            {"type": MR, "system": NORTH, "value": "O1", "period": {"end": "2020-01-01"}},
        ],
    )
    def test_what_is_no_chart_number(self, here: Store, identifier: Resource) -> None:
        assert here.take(patient(identifier=[identifier]), stay()).charts == {}

    def test_one_that_is_over_stands_in_nobodys_way(self, here: Store) -> None:
        numbers = [{"type": MR, "value": "OLD", "period": {"end": "2020-01-01"}}, {"type": MR, "value": "NEW"}]
        assert list(here.take(patient(identifier=numbers)).charts) == ["NEW"]


class TestWhose:
    """A resource is whose it plainly is."""

    def test_a_relative_reference_stays_on_its_server(self, here: Store) -> None:
        here.take_file(together(bundle(patient(), urls=True, base=A), bundle(stay(), urls=True, base=B)))
        assert here.stays() == []

    @pytest.mark.parametrize(
        "identifier",
        [{"system": SOUTH, "value": "N-1"}, {"value": "N-1"}, MEMBER],
    )
    def test_a_number_of_another_system_is_nobodys(self, here: Store, identifier: Resource) -> None:
        here.take(member("p1", "N-1"), stay(subject={"identifier": identifier}))
        assert here.stays() == []
        assert here.take(stay(subject={"identifier": identifier})).stays() == []

    def test_a_shared_number_leads_to_nobody(self, here: Store) -> None:
        here.take(member("x", "1", "2"), member("y", "Y-1"), stay(subject="Patient/x"))
        assert here.stays("Y-1") == []

    def test_two_people_in_one_resource(self, here: Store) -> None:
        other = patient("p2", "N-2", birthDate=FORTIES)
        specimen = about("Specimen", "sp", "Patient/p2", type={"text": "urine"})
        actors = [{"actor": {"reference": f"Patient/{key}"}, "status": "accepted"} for key in ("p1", "elsewhere")]
        here.take(
            *(patient(), other, stay("e2", "Patient/p2"), specimen),
            stay(subject={"reference": "Patient/p1", "identifier": {"system": NORTH, "value": "N-2"}}),
            score(encounter={"reference": "Encounter/e2"}),
            screen(valueString="Positive", specimen={"reference": "Specimen/sp"}),
            without(about("Appointment", "a", status="noshow", start=WHEN, end=WHEN, participant=actors), "subject")
            | {"serviceType": [{"text": "group"}]},
        )
        assert [entry.type for entry in here.charts["N-1"].entries] == ["ClientRegistered"]
        assert here.stays("N-2") == STAY

    def test_another_servers_patient_is_not_that_of_a_named_source(self, here: Store) -> None:
        named = Sending(name="clinic")
        here.take_file(bundle(patient()), named)
        others = [stay(subject=f"{A}/Patient/p1"), stay("e2", f"{B}/Patient/p9")]
        assert here.take_file(bundle(*others), named).stays() == []

    def test_documents_that_share_an_id(self, here: Store) -> None:
        people = patient("1"), patient("1", "N-2", birthDate=FORTIES)
        entries: list[Resource] = [
            {"fullUrl": f"urn:uuid:00000000-0000-4000-8000-00000000000{n}", "resource": one}
            for n, one in enumerate(people)
        ]
        entries[0]["resource"]["meta"] = {"lastUpdated": "2026-01-01T00:00:00Z"}
        entries[1]["resource"]["meta"] = {"lastUpdated": "2026-02-01T00:00:00Z"}
        value = {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [*entries, {"resource": stay(subject="Patient/1")}],
        }
        assert here.take_file(value).charts == {}


class TestOneResource:
    """A resource is one, wherever and however often it comes."""

    def test_with_its_server_and_without(self, here: Store) -> None:
        here.take_file(bundle(patient(), stay(), urls=True, base=A)).take(stay(subject=f"{A}/Patient/p1"))
        assert (here.stays(), here.result.recorded) == (STAY, 0)

    def test_one_without_a_name_is_known_by_its_content(self, here: Store) -> None:
        first, second = without(score(), "id"), without(score(value=7), "id")
        here.take(patient(), first).take(patient(), second).take(patient(), first)
        assert [event.score for _, event in here.chart.events(InstrumentScored)] == [12, 7]

    def test_one_that_moved_to_another_chart_is_listed(self, here: Store) -> None:
        people = patient(), patient("p2", "N-2", birthDate=FORTIES)
        here.take_file(bundle(*people, stay(), urls=True))
        here.take_file(bundle(*people, stay(subject="Patient/p2"), urls=True))
        assert (here.stays("N-2"), here.stays("N-1"), here.result.differs) == ([], STAY, 2)

    def test_one_that_was_deleted_is_none(self, here: Store) -> None:
        history = bundle(patient(), stay(), urls=True)
        gone = {
            "fullUrl": "https://s.example/fhir/Encounter/e1",
            "request": {"method": "DELETE", "url": "Encounter/e1"},
        }
        assert here.take_file(history | {"type": "history", "entry": [gone, *history["entry"]]}).stays() == []

    def test_a_leap_second_is_a_time(self, here: Store) -> None:
        versions = (
            score(meta={"lastUpdated": "2016-12-31T23:59:60Z"}),
            score(value=3, meta={"lastUpdated": "2015-01-01T00:00:00Z"}),
        )
        here.take(patient(), *versions)
        assert [event.score for _, event in here.chart.events(InstrumentScored)] == [12]


class TestReplaced:
    """Who was replaced by nobody in particular stays apart."""

    @staticmethod
    def linked(key: str, number: str, *others: str) -> Resource:
        """A Patient who was replaced by these."""
        links: list[Any] = [{"other": {"reference": f"Patient/{one}"}, "type": "replaced-by"} for one in others]
        return patient(key, number, link=links) if links else patient(key, number)

    @pytest.mark.parametrize("links", [{"a": "b", "b": "a"}, {"a": "bc"}, {"a": "b", "b": "c", "c": "a"}])
    def test_in_a_circle_or_by_several(self, here: Store, links: dict[str, str]) -> None:
        here.take(*(self.linked(key, f"N-{key}", *links.get(key, "")) for key in "abc"))
        assert len(here.charts) == 3

    def test_a_chain_leads_to_its_end(self, here: Store) -> None:
        here.take(self.linked("a", "N-a", "b"), self.linked("b", "N-b", "c"), self.linked("c", "N-c"))
        assert list(here.charts) == ["N-c"]
        assert len(here.charts["N-c"].of(ClientRegistered)) == 3


class TestNamesakesOfNumbers:
    """What is said of a Patient who is somebody else than the chart's person lands nowhere, in separate imports too."""

    @pytest.mark.parametrize("given", [{}, {"system": SOUTH}])
    @pytest.mark.parametrize("name", [[{"text": "Bob Beta"}], [{"family": "Sample", "given": ["Sam"]}]])
    def test_another_name_with_the_same_birth_date(self, here: Store, given: Resource, name: list[Resource]) -> None:
        here.take(patient()).take(
            patient("b", name=name, **given), stay(subject="Patient/b"), score(subject="Patient/b")
        )
        assert (here.stays(), here.result.recorded, here.result.differs) == ([], 0, 1)
        assert set(here.left) == {"Patient/b", "Encounter/e1", "Observation/o1"}
        assert here.take(stay(subject="Patient/b")).result.recorded == 0

    def test_nor_by_a_contained_one(self, here: Store) -> None:
        inner = patient("inner", name=[{"text": "Bob Beta"}])
        here.take(patient()).take(stay(subject="#inner", contained=[inner]))
        assert (here.stays(), here.result.recorded) == ([], 0)

    @pytest.mark.parametrize("said", ["SAMPLE, PAT", "Pat Q. Sample", "Pat Sample Jr."])
    def test_the_same_name_in_another_spelling_is_the_same_person(self, here: Store, said: str) -> None:
        here.take(patient()).take(patient("b", name=[{"text": said}]), stay(subject="Patient/b"))
        assert here.stays() == STAY


class TestAnotherNumber:
    """A Patient whose number changed is on two charts only when somebody here says so."""

    @pytest.mark.parametrize("lab", [Sending("lab"), None])
    def test_nothing_is_recorded_under_it(self, here: Store, lab: Sending | None) -> None:
        here.take(patient(), stay(), sending=lab).take(patient(number="N-2"), stay(), score(), sending=lab)
        assert (list(here.charts), here.result.recorded, here.stays()) == (["N-1"], 0, STAY)
        assert set(here.left) == {"Patient/p1", "Encounter/e1", "Observation/o1"}
        assert here.left["Patient/p1"].startswith("has another chart number than its source gave before")
        assert here.result.differs == 2  # the Patient, and the stay that is on the chart of then

    def test_it_counts_once_it_is_registered_here(self, here: Store) -> None:
        here.take(patient(), sending=Sending("lab")).take(patient("other", "N-2"), sending=Sending("desk"))
        here.take(patient(number="N-2"), stay(), sending=Sending("lab"))
        assert (here.stays("N-2"), here.stays()) == (STAY, [])

    def test_a_consent_that_was_given_under_the_old_one_is_revoked(self, here: Store) -> None:
        lab = Sending("lab")
        here.take(patient(), consent(), sending=lab).take(patient(number="N-2"), consent(), sending=lab)
        assert here.result.by_type == {"ConsentRevoked": 1}

    def test_two_people_with_one_id_of_unnamed_sources_are_two(self, here: Store) -> None:
        here.take(patient(), stay()).take(patient(number="N-2", birthDate=FORTIES), stay())
        assert (here.stays(), here.stays("N-2")) == (STAY, STAY)
