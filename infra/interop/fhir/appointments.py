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
from infra.interop.fhir.coding import EXTENSION, Resource, named, own, valued, when
from infra.interop.fhir.context import Charting

_STATUS = {"scheduled": "booked", "kept": "fulfilled", "missed": "noshow", "cancelled": "cancelled"}


def appointments(charting: Charting) -> Iterator[Resource]:
    """An Appointment for each that was made, with all that was said of it, and for each other session missed."""
    for one in charting.appointments.by_id.values():
        yield _appointment(charting, one)
    named_there = {entry.event_id for one in charting.appointments.by_id.values() for entry in one.entries}
    for entry, event in charting.chart.events(SessionMissed):
        if entry.event_id not in named_there:
            yield charting.resource("Appointment", [entry], _missed(charting, entry, event))


def _appointment(charting: Charting, one: Appointment) -> Resource:
    told = [entry for entry in one.entries if not isinstance(entry.event, SessionAttended)]
    made, last = one.entries[0], one.entries[-1].event
    placed = next(
        entry.event
        for entry in reversed(told)
        if isinstance(entry.event, AppointmentScheduled | AppointmentRescheduled)
    )
    excused = isinstance(last, SessionMissed) and last.excused
    status = "cancelled" if excused else _STATUS[one.state]
    cause = (
        last.cause if isinstance(last, AppointmentCancelled) or (excused and isinstance(last, SessionMissed)) else None
    )
    body: Resource = {
        "extension": [_said(entry) for entry in told],
        "identifier": [{"system": "urn:carejourney:appointment", "value": one.appointment_id}],
        "status": status,
        "cancelationReason": own("missed" if excused else "cancelled", cause) if cause else None,
        "serviceType": [own("session", one.kind)] if one.kind else [],
        "start": when(placed.starts_at),
        "end": when(placed.starts_at + timedelta(minutes=one.minutes or 0)),
        "minutesDuration": one.minutes,
        "created": when(made.occurred_at),
        "participant": [
            {"actor": charting.patient, "status": "declined" if status == "cancelled" else "accepted"},
            *([{"actor": named(one.clinician), "status": "accepted"}] if one.clinician else []),
        ],
    }
    return charting.resource("Appointment", told, body)


def _said(entry: Entry) -> Resource:
    """One entry about an appointment, whole: an Appointment itself has place for what it came to alone."""
    data: dict[str, Any] = {name: value for name, value in entry.event if value is not None}
    parts = [{"url": "type", "valueCode": entry.type}, {"url": "at", "valueDateTime": when(entry.occurred_at)}]
    parts += [{"url": name.replace("_", "-"), **valued(value)} for name, value in data.items()]
    return {"url": EXTENSION + "appointment-entry", "extension": parts}


def _missed(charting: Charting, entry: Entry, event: SessionMissed) -> Resource:
    return {
        "status": "cancelled" if event.excused else "noshow",
        "cancelationReason": own("missed", event.cause) if event.cause and event.excused else None,
        "serviceType": [own("session", event.kind)],
        "start": when(entry.occurred_at),
        "end": when(entry.occurred_at),
        # rule app-4 of R4 forbids a reason for a no-show by a slip of spelling
        "comment": f"cause: {event.cause}" if event.cause and not event.excused else None,
        "participant": [{"actor": charting.patient, "status": "declined" if event.excused else "needs-action"}],
    }
