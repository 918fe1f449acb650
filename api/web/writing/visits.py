"""Appointments of a chart as choices of a form: those that a session, a move or a cancelling can name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from api.i18n.formats import moment as in_words, words
from api.i18n.language import N_
from api.web.writing.command_forms import NOTED
from api.web.writing.fields import Field
from domain.appointments import Appointment
from domain.decisions import History
from domain.entries import microseconds, moment
from projections.clinical.agenda import appointments_by_start

_FIELD: Final = "appointment_id"
_OPEN: Final = ("scheduled",)
_NAMED: Final[dict[str, tuple[str, ...]]] = {
    "attend-session": _OPEN,
    "miss-session": _OPEN,
    "cancel-appointment": _OPEN,
    "reschedule-appointment": ("scheduled", "missed"),
}
"""By command, the states of the appointments that it can name."""
_HELP = N_("The appointment that it is about: what is chosen here is settled by it")


def with_visits(fields: Iterable[Field], command: str, history: History, zone: ZoneInfo) -> list[Field]:
    """The fields, with the chart's appointments to choose from; without any, none is asked for where none is needed."""
    listed = list(fields)
    if command not in _NAMED:
        return listed
    choices = tuple((visit.appointment_id, _words(visit, zone)) for visit in _visits(command, history))
    return [
        replace(field, kind="choice", choices=choices, help=_HELP) if field.name == _FIELD and choices else field
        for field in listed
        if field.name != _FIELD or choices or field.required or field.value
    ]


def visit_of(command: str, history: History, appointment_id: str) -> Appointment | None:
    """The appointment of an id that a session can be; None for any other command."""
    if command not in NOTED or not appointment_id:
        return None
    return next((visit for visit in _visits(command, history) if visit.appointment_id == appointment_id), None)


def said_of(visit: Appointment | None) -> dict[str, Any]:
    """What a session holds by its appointment, by field."""
    if visit is None:
        return {}
    known = {"kind": visit.kind, "minutes": visit.minutes, "clinician": visit.clinician, "site": visit.site}
    return {name: value for name, value in known.items() if value}


def begins(visit: Appointment | None, now: datetime) -> datetime:
    """When a form begins: with its appointment, where that is over or under way, else now."""
    return moment(visit.starts) if visit and visit.starts <= microseconds(now) else now


def _visits(command: str, history: History) -> list[Appointment]:
    states = _NAMED[command]
    return [visit for visit in appointments_by_start(history.care, history.journey) if visit.state in states]


def _words(visit: Appointment, zone: ZoneInfo) -> str:
    about = (in_words(moment(visit.starts), zone), words(visit.kind) if visit.kind else "", visit.clinician)
    return " · ".join(part for part in about if part)
