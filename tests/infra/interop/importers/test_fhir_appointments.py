"""Appointments of other systems: made where they say when, and what became of them as far as they say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.appointments import appointments
from domain.events import AppointmentScheduled, SessionAttended, SessionMissed
from infra.eventstore.log import EventLog
from tests.infra.interop.importers.fhir_parts import Resource, Store, about, patient

WHEN, END, MADE = "2026-01-12T10:00:00-05:00", "2026-01-12T11:00:00-05:00", "2026-01-05T09:00:00-05:00"


@pytest.fixture
def here(tmp_path: Path, embedded: EventLog) -> Store:
    """An empty embedded log."""
    return Store(embedded, tmp_path)


def visit(status: str, **more: object) -> Resource:
    actors = [
        {"actor": {"reference": "Patient/p1"}, "status": "accepted"},
        {"actor": {"reference": "Practitioner/7", "display": "A. Meyer"}, "status": "accepted"},
    ]
    usual = {"status": status, "serviceType": [{"text": "group"}], "start": WHEN, "end": END, "participant": actors}
    found = about("Appointment", "a1", **(usual | {"created": MADE} | more))
    return {name: value for name, value in found.items() if name != "subject" and value is not None}


def session(**more: object) -> Resource:
    usual = {"status": "finished", "class": {"code": "AMB"}, "type": [{"text": "group"}]}
    return about("Encounter", "e9", **(usual | {"period": {"start": WHEN, "end": END}} | more))


@pytest.mark.parametrize(("status", "state"), [("booked", "scheduled"), ("noshow", "missed"), ("cancelled", "missed")])
def test_one_that_says_when_it_was_made(here: Store, status: str, state: str) -> None:
    chart = here.take(patient(), visit(status)).chart
    [one] = appointments(chart.entries).by_id.values()
    assert (one.state, one.kind, one.minutes, one.clinician) == (state, "group", 60, "A. Meyer")
    assert [event.excused for _, event in chart.events(SessionMissed)] == [
        True if status == "cancelled" else None for _ in range(state == "missed")
    ]


def test_one_that_was_kept_is_named_by_its_session(here: Store) -> None:
    kept = session(appointment=[{"reference": "Appointment/a1"}])
    chart = here.take(patient(), visit("fulfilled"), kept).chart
    [one] = appointments(chart.entries).by_id.values()
    assert one.state == "kept"
    assert [event.appointment_id for _, event in chart.events(SessionAttended)] == [one.appointment_id]


def test_one_that_was_kept_without_a_session_is_left_over(here: Store) -> None:
    here.take(patient(), visit("fulfilled"), session())
    assert list(here.left) == ["Appointment/a1"]
    assert here.chart.of(AppointmentScheduled) == []


def test_one_that_does_not_say_when_it_was_made(here: Store) -> None:
    here.take(patient(), visit("booked", created=None))
    assert list(here.left) == ["Appointment/a1"]
    assert not appointments(here.take(patient(), visit("noshow", created=None)).chart.entries).by_id
    assert [event.appointment_id for _, event in here.chart.events(SessionMissed)] == [None]


def test_one_that_was_booked_and_then_missed_comes_again(here: Store) -> None:
    here.take(patient(), visit("booked"))
    chart = here.take(patient(), visit("noshow")).chart
    assert [one.state for one in appointments(chart.entries).by_id.values()] == ["missed"]
    assert len(chart.of(AppointmentScheduled)) == 1
