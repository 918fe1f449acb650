"""Appointments as Appointment: those of the record, and sessions missed that name none of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from domain.appointments import Appointment
from domain.entries import Entry
from domain.events import (
    AppointmentCancelled,
    AppointmentRescheduled,
    AppointmentScheduled,
    SessionAttended,
    SessionMissed,
)
from infra.interop.fhir.coding import EXTENSION, Resource, local, named, valued, when
from infra.interop.fhir.context import Charting

_STATUS = {"scheduled": "booked", "kept": "fulfilled", "missed": "noshow", "cancelled": "cancelled"}


def appointments(charting: Charting) -> Iterator[Resource]:
    """An Appointment for each that was made, with all that was said of it, and for each other session missed."""
    for appointment in charting.appointments.by_id.values():
        yield _appointment(charting, appointment)
    named_there = {
        entry.event_id for appointment in charting.appointments.by_id.values() for entry in appointment.entries
    }
    for entry, event in charting.chart.events(SessionMissed):
        if entry.event_id not in named_there:
            yield charting.resource("Appointment", [entry], _missed(charting, entry, event))


def _appointment(charting: Charting, appointment: Appointment) -> Resource:
    planned = [entry for entry in appointment.entries if not isinstance(entry.event, SessionAttended)]
    made, last = appointment.entries[0], appointment.entries[-1].event
    placed = next(
        entry.event
        for entry in reversed(planned)
        if isinstance(entry.event, AppointmentScheduled | AppointmentRescheduled)
    )
    excused = isinstance(last, SessionMissed) and last.excused
    status = "cancelled" if excused else _STATUS[appointment.state]
    cause = (
        last.cause if isinstance(last, AppointmentCancelled) or (excused and isinstance(last, SessionMissed)) else None
    )
    body: Resource = {
        "extension": [_said(entry) for entry in planned],
        "identifier": [{"system": "urn:carejourney:appointment", "value": appointment.appointment_id}],
        "status": status,
        "cancelationReason": local("missed" if excused else "cancelled", cause) if cause else None,
        "serviceType": [local("session", appointment.kind)] if appointment.kind else [],
        "start": when(placed.starts_at),
        "end": when(placed.starts_at + timedelta(minutes=appointment.minutes or 0)),
        "minutesDuration": appointment.minutes,
        "created": when(made.occurred_at),
        "participant": [
            {"actor": charting.patient, "status": "declined" if status == "cancelled" else "accepted"},
            *([{"actor": named(appointment.clinician), "status": "accepted"}] if appointment.clinician else []),
        ],
    }
    return charting.resource("Appointment", planned, body)


def _said(entry: Entry) -> Resource:
    """One entry about an appointment, whole: an Appointment itself has place for what it came to alone."""
    data: dict[str, Any] = {name: value for name, value in entry.event if value is not None}
    parts = [{"url": "type", "valueCode": entry.type}, {"url": "at", "valueDateTime": when(entry.occurred_at)}]
    parts += [{"url": name.replace("_", "-"), **valued(value)} for name, value in data.items()]
    return {"url": EXTENSION + "appointment-entry", "extension": parts}


def _missed(charting: Charting, entry: Entry, event: SessionMissed) -> Resource:
    return {
        "status": "cancelled" if event.excused else "noshow",
        "cancelationReason": local("missed", event.cause) if event.cause and event.excused else None,
        "serviceType": [local("session", event.kind)],
        "start": when(entry.occurred_at),
        "end": when(entry.occurred_at),
        # rule app-4 of R4 forbids a reason for a no-show by a slip of spelling
        "comment": f"cause: {event.cause}" if event.cause and not event.excused else None,
        "participant": [{"actor": charting.patient, "status": "declined" if event.excused else "needs-action"}],
    }
