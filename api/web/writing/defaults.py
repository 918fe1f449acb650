"""Defaults of a form: what the chart says already, and what fits the level."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from api.web.writing.assessments import last_assessment
from api.web.writing.lengths import usual_minutes
from domain.appointments import appointments
from domain.entries import Entry, effective
from domain.events import ClientDetailsUpdated, Event, TreatmentPlanSet
from domain.journey import Journey, journey_of
from domain.levels import LEVELS, LEVELS_OF_CARE, Level
from domain.vocabulary import MILESTONES, Slot
from projections.clinical.details import details_of
from projections.clinical.medication import Medications

_SLOTS: tuple[str, ...] = get_args(Slot)


def defaults(  # noqa: C901 - one match over commands
    command: str, entries: list[Entry], who: str, wanted: str | None = None
) -> dict[str, Any]:
    """Values by field, for one command on this chart; ``wanted`` is the level that a start is to be of, if one is."""
    journey = journey_of(entries)
    counted = effective(entries)
    values: dict[str, Any] = {}
    stays = journey.open_stays()
    if stays:
        stay = stays[-1]
        values |= {"level": stay.level, "site": stay.site, "program": stay.program, "slot": stay.slot}
        values |= {"clinician": stay.clinician or who, "living": stay.living}
    match command:
        case "attend-session":
            values |= {"kind": "group", "minutes": usual_minutes(values.get("level", ""))["group"]}
        case "schedule-appointment":
            values |= {"appointment_id": f"visit-{len(appointments(counted).by_id) + 1}"}
        case "start-level" | "transfer":
            values |= _next_level(journey, values, wanted)
        case "complete-assessment":
            last = last_assessment(entries)
            values = (_said(last.event) if last else {"edition": 3}) | {"assessor": who}
        case "result-screen":
            values = {"specimen": "urine"}
        case "set-treatment-plan":
            values = _latest(counted, TreatmentPlanSet)
        case "update-details":
            values = _said(ClientDetailsUpdated.model_validate(details_of(counted)))
        case "give-medication" | "stop-medication":
            values = _running(counted)
        case "revoke-consent":
            values = _only_consent(journey)
        case "complete-follow-up" | "miss-follow-up":
            values = {"milestone_days": MILESTONES[0], "attempts": 1}
        case "reschedule-appointment" | "cancel-appointment":
            values = _next_appointment(counted)
        case _:
            pass
    return values


def _next_appointment(counted: list[Entry]) -> dict[str, Any]:
    """The first of those that are still ahead."""
    ahead = [appointment for appointment in appointments(counted).by_id.values() if appointment.state == "scheduled"]
    return {"appointment_id": min(ahead, key=lambda appointment: appointment.starts).appointment_id} if ahead else {}


def _next_level(journey: Journey, values: Mapping[str, Any], wanted: str | None) -> dict[str, Any]:
    """The level that is wanted or was recommended last, else the next one down; sessions as that level plans them."""
    rated = [entry.event for entry in journey.assessments]
    recommended: Any = getattr(rated[-1], "recommended_level", None) if rated else None
    here = values.get("level")
    below: Level | None = LEVELS[min(LEVELS.index(here) + 1, len(LEVELS) - 1)] if here in LEVELS else None
    level: Any = (
        wanted if wanted in LEVELS else recommended if recommended and recommended != here else below or recommended
    )
    bounds = LEVELS_OF_CARE.get(level)
    return {
        "level": level,
        "program": bounds.title if bounds else None,
        "planned_sessions_per_week": bounds.sessions_min if bounds else None,
        "reason": "completed",
    }


def _latest(counted: list[Entry], kind: type[Any]) -> dict[str, Any]:
    events = [entry.event for entry in counted if isinstance(entry.event, kind)]
    return _said(events[-1]) if events else {}


def _only_consent(journey: Journey) -> dict[str, Any]:
    """The consent to take back where there is but one: of several it is for the person to say which."""
    return {"consent_id": next(iter(journey.consents))} if len(journey.consents) == 1 else {}


def _running(counted: list[Entry]) -> dict[str, Any]:
    """The latest order of what runs: what was stopped is neither given nor stopped again."""
    orders = [order for order in Medications.of(counted).orders if order.ended is None]
    return _said(orders[-1].event) if orders else {}


def _said(event: Event) -> dict[str, Any]:
    return event.model_dump(mode="json", by_alias=True, exclude_none=True)
