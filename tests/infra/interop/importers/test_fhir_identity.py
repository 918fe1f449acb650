"""FHIR in: whose chart a resource is; every form of reference, numbers by system, names, the dead."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.events import (
    ClientDied,
    ClientRegistered,
    SessionMissed,
)
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
    stay,
)

EASTERN = ZoneInfo("America/New_York")
COMMITTED = "2026-01-06T10:00:00-05:00"


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


class TestNumbersAsTheyAreCompared:
    """A number is one however it is spelt, and only in its own system."""

    def test_two_people_with_one_number_spelt_twice_are_left_over(self, store: Store) -> None:
        people = patient("a", " n-8 "), patient("b", "N-8", birthDate="1955-01-01")
        store.take(*people, stay("e1", "Patient/a"), stay("e2", "Patient/b"))
        reason = "its chart number is that of another Patient, in another system or with another birth date"
        assert set(store.left.values()) == {reason}
        assert len(store.left) == 4

    @pytest.mark.parametrize(
        ("identifier", "named"),
        [
            ({"value": "n-1"}, False),
            ({"value": "N-1", "system": NORTH}, True),
            ({"value": "N-1", "system": SOUTH}, False),
        ],
    )
    def test_the_number_of_another_system_names_nobody(self, store: Store, identifier: Resource, named: bool) -> None:
        store.take(patient(), stay(subject={"identifier": identifier}))
        assert (store.stays("N-1") != []) is named
        assert (store.left == {}) is named

    def test_a_social_security_number_is_none_whether_its_kind_names_a_system_or_not(self, store: Store) -> None:
        given = [{"type": {"coding": [{"code": "SS"}]}, "value": "000-00-0000"}]
        store.take(patient(identifier=given))
        assert [reason.partition(":")[0] for reason in store.left.values()] == ["identifier"]


def test_a_name_that_begins_later_is_not_in_force(store: Store) -> None:
    future = {"use": "official", "family": "Later", "period": {"start": "2030-01-01"}}
    store.take(patient(name=[future, {"family": "Now", "given": ["Pat"], "period": {"start": "2020-01"}}]))
    [event] = [event for _, event in store.chart.events(ClientRegistered)]
    assert event.name == "Pat Now"


def test_a_long_name_is_no_reason_to_have_none(store: Store) -> None:
    store.take(patient(name=[{"family": "X" * 600, "given": ["Y" * 600]}]), stay())
    [event] = [event for _, event in store.chart.events(ClientRegistered)]
    assert event.name == "Y" * 600 + " " + "X" * 399
    assert list(store.left.values()) == ["its name is longer than 1000 characters: its beginning was taken"]


def test_what_does_not_count_does_not_say_since_when_a_client_is_known(store: Store) -> None:
    store.take(patient(), stay("e0", status="cancelled", period={"start": "2020-01-01"}), stay())
    [entry] = [entry for entry, _ in store.chart.events(ClientRegistered)]
    assert entry.occurred_at.date().isoformat() == "2026-01-05"
