"""Appointments of a chart: what each of them came to, and the entries that fit none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, cast, get_args

from domain.entries import Entry, microseconds
from domain.events import (
    AppointmentCancelled,
    AppointmentRescheduled,
    AppointmentScheduled,
    SessionAttended,
    SessionMissed,
)
from domain.phrases import Phrase
from domain.refusals import Refusal
from domain.vocabulary import SessionKind

State = Literal["scheduled", "kept", "missed", "cancelled"]
AppointmentEvent = (
    AppointmentScheduled | AppointmentRescheduled | AppointmentCancelled | SessionAttended | SessionMissed
)
_TELLING = frozenset(get_args(AppointmentEvent))


@dataclass(frozen=True, slots=True)
class Appointment:
    """One appointment as its latest entry left it: ``starts`` is µs UTC, ``moved`` how often it was rescheduled.

    ``entries`` are all that tell of it, the one that made it first; ``site`` is the one that it names, else that of
    the entry that made it.
    """

    appointment_id: str
    starts: int
    kind: SessionKind | None
    minutes: int | None
    clinician: str
    site: str
    entries: tuple[Entry, ...]
    state: State = "scheduled"
    moved: int = 0


@dataclass(frozen=True, slots=True)
class Appointments:
    """Those of a chart by id, in the order in which they were made, and the entries that a live command is refused."""

    by_id: dict[str, Appointment] = field(default_factory=dict[str, Appointment])
    refused: list[tuple[Entry, Refusal]] = field(default_factory=list[tuple[Entry, Refusal]])


def appointments(entries: Sequence[Entry]) -> Appointments:
    """What effective entries in clinical order say of appointments.

    A missed one may be moved: it is ahead again, and another session may name it.
    """
    state = Appointments()
    for entry in entries:
        event = entry.event
        if type(event) not in _TELLING:
            continue
        event = cast("AppointmentEvent", event)  # to ask models by isinstance is slow, and most entries are sessions
        if event.appointment_id is None:
            continue
        before = state.by_id.get(event.appointment_id)
        refusal = _refusal(event, before)
        if refusal is not None:
            state.refused.append((entry, refusal))
        else:
            state.by_id[event.appointment_id] = _after(before, entry, event)
    return state


def _refusal(event: AppointmentEvent, before: Appointment | None) -> Refusal | None:
    if isinstance(event, AppointmentScheduled):
        return _TAKEN if before is not None else None
    if before is None:
        return _UNKNOWN
    if before.state == "scheduled" or (before.state == "missed" and isinstance(event, AppointmentRescheduled)):
        return None
    return _NAMED_ONCE if isinstance(event, SessionAttended | SessionMissed) else _OVER[before.state]


def _after(before: Appointment | None, entry: Entry, event: AppointmentEvent) -> Appointment:
    match event:
        case AppointmentScheduled():
            starts, site = microseconds(event.starts_at), event.site or entry.site
            clinician = event.clinician or ""
            return Appointment(
                event.appointment_id, starts, event.kind, event.minutes, clinician, site, entries=(entry,)
            )
        case AppointmentRescheduled():
            assert before is not None
            return replace(
                before,
                starts=microseconds(event.starts_at),
                kind=event.kind or before.kind,
                minutes=event.minutes or before.minutes,
                clinician=event.clinician or before.clinician,
                site=event.site or before.site,
                entries=(*before.entries, entry),
                state="scheduled",
                moved=before.moved + 1,
            )
        case _:
            assert before is not None
            return replace(before, entries=(*before.entries, entry), state=_CAME_TO[type(event)])


_CAME_TO: dict[type[object], State] = {
    AppointmentCancelled: "cancelled",
    SessionAttended: "kept",
    SessionMissed: "missed",
}
_TAKEN = Refusal(
    "appointment_id_is_free",
    Phrase("appointment_id: an appointment of this chart has it already"),
    Phrase("Give another id, or move the appointment that has it."),
)
_UNKNOWN = Refusal(
    "appointment_is_on_this_chart",
    Phrase("appointment_id: no appointment of this chart had this id by then"),
    Phrase("Name one that was made before, or make it first."),
)
_OVER: dict[State, Refusal] = {
    "cancelled": Refusal(
        "appointment_is_scheduled", Phrase("the appointment is cancelled"), Phrase("Make a new one under another id.")
    ),
    "kept": Refusal(
        "appointment_is_scheduled", Phrase("the appointment was kept"), Phrase("Make a new one under another id.")
    ),
    "missed": Refusal(
        "appointment_is_scheduled",
        Phrase("the appointment was missed"),
        Phrase("Move it to another time, or make a new one."),
    ),
}
_NAMED_ONCE = Refusal(
    "appointment_is_scheduled",
    Phrase("appointment_id: the appointment is cancelled, or another session has named it"),
    Phrase("Name the appointment that this session was, or leave it out."),
)
