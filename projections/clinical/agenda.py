"""What is agreed with a client: appointments, groups, planned arrivals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain.appointments import Appointment, appointments
from domain.arrivals import Arrival, arrivals
from domain.entries import Entry
from domain.groups import Membership, memberships
from domain.journey import Journey
from projections.chart import Chart


def appointments_of(chart: Chart) -> list[Appointment]:
    """Every appointment by its start: scheduled (ahead, or not settled yet), kept, missed, cancelled.

    Whoever died has none ahead: what was scheduled then is cancelled.
    """
    return appointments_by_start(chart.entries, chart.journey)


def upcoming(chart: Chart, at: int) -> list[Appointment]:
    """Those that are scheduled and start at ``at`` (µs UTC) or later."""
    return [appointment for appointment in open_appointments(chart.entries, chart.journey) if appointment.starts >= at]


def next_appointment(entries: Sequence[Entry], journey: Journey, at: int) -> Appointment | None:
    """The first of those ahead at ``at`` (µs UTC); ``entries`` count and stand in clinical order."""
    return next((appointment for appointment in open_appointments(entries, journey) if appointment.starts >= at), None)


def open_appointments(entries: Sequence[Entry], journey: Journey) -> list[Appointment]:
    """Those that are scheduled, by their start: ahead, or not settled yet; ``entries`` as above."""
    return [appointment for appointment in appointments_by_start(entries, journey) if appointment.state == "scheduled"]


def groups_of(chart: Chart) -> list[Membership]:
    """Every time in a group, in the order in which they began."""
    return memberships(chart.entries, chart.journey).all


def arrivals_of(chart: Chart) -> list[Arrival]:
    """Every planned arrival, in the order in which they were planned."""
    return arrivals(chart.entries, chart.journey)


def appointments_by_start(entries: Sequence[Entry], journey: Journey) -> list[Appointment]:
    """The same as ``appointments_of``, of entries that count and stand in clinical order."""
    listed = sorted(
        appointments(entries).by_id.values(), key=lambda appointment: (appointment.starts, appointment.appointment_id)
    )
    if journey.died is None:
        return listed
    return [
        replace(appointment, state="cancelled") if appointment.state == "scheduled" else appointment
        for appointment in listed
    ]
