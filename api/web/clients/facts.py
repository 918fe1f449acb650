"""The facts of a chart that are wanted at every look: medication, what is due, use, screens, risk, safety."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from api.i18n.asam import RISKS, dimensions_of
from api.i18n.formats import NOTHING, day, number, words
from api.i18n.language import N_, _, ngettext, said
from domain.decisions import History
from domain.entries import Entry
from domain.events import (
    AssessmentCompleted,
    IncidentRecorded,
    MedicationGiven,
)
from domain.journey import Journey
from projections.clinical.details import details_of
from projections.clinical.due import follow_ups_now, open_follow_up
from projections.clinical.medication import Medications, drug_key

INCIDENTS = 2  # the latest of them; the list has them all
Lines = list[str]


def at_hand(status: dict[str, Any], history: History, today: date) -> list[tuple[str, Lines]]:
    """What is wanted at every look, known or not: a title and its lines."""
    pairs = [
        (N_("Medication"), medication(history.counted)),
        (N_("Due next"), due(status, history, today)),
        (N_("Last known use"), _use(status)),
        (N_("Last screen"), _screen(status)),
        (N_("Highest risk"), risk(history.journey)),
        (N_("Incidents"), _incidents(history.counted)),
        (N_("Emergency contact"), [details_of(history.counted).get("emergency_contact", "")]),
    ]
    return [(title, [line for line in lines if line] or [NOTHING]) for title, lines in pairs]


def medication(entries: Sequence[Entry]) -> Lines:
    """The drugs that are taken, each with its dose and when it was last given."""
    given = {drug_key(e.event.drug): date.fromordinal(e.day) for e in entries if isinstance(e.event, MedicationGiven)}
    lines: Lines = []
    for order in Medications.of(entries).running:
        drug, dose = order.event.drug, order.event.dose_mg
        amount = f"{drug} {number(float(dose))} mg" if dose is not None else drug
        last = given.get(drug_key(drug))
        lines.append(", ".join([amount, _("last given {day}").format(day=day(last))] if last else [amount]))
    return lines


def due(status: dict[str, Any], history: History, today: date) -> Lines:
    """What has a date, the first one first: review, authorisation, consent, planned end, interview after discharge."""
    named = [
        (_("plan review"), status["review_due"]),
        (_("planned end"), status["planned_end"]),
        (_("authorisation ends"), status["authorized_to"] if status["state"] == "in_treatment" else None),
        (_("consent expires"), status["consent_expires"] if status["state"] in ("in_treatment", "alumni") else None),
    ]
    dated = [(date.fromisoformat(iso), what) for what, iso in named if iso]
    if interview := _interview(history, today):
        dated.append(interview)
    overdue, ahead = _("{day}, overdue: {what}"), "{day}: {what}"
    lines = [(overdue if when < today else ahead).format(day=day(when), what=what) for when, what in sorted(dated)]
    return [*lines, _authorised(status)]


def _authorised(status: dict[str, Any]) -> str:
    """What is left of the authorised sessions, or how far they are exceeded; nothing where none are counted."""
    left = status["authorized_left"]
    if left is None or status["state"] != "in_treatment":
        return ""
    if left < 0:
        return ngettext("{count} session more than authorised", "{count} sessions more than authorised", -left).format(
            count=number(-left)
        )
    return ngettext("{count} authorised session left", "{count} authorised sessions left", left).format(
        count=number(left)
    )


def _interview(history: History, today: date) -> tuple[date, str] | None:
    """The interview after discharge that is due or comes next; None where each was held or missed."""
    one = open_follow_up(follow_ups_now(history.counted, history.journey), today.toordinal())
    if one is None:
        return None
    return date.fromordinal(one.due_day), _("{days}-day interview").format(days=one.milestone_days)


def risk(journey: Journey) -> Lines:
    """The highest rating of the latest assessment, with the dimensions that have it, and the assessment's day."""
    if not journey.assessments:
        return []
    entry = journey.assessments[-1]
    found = entry.event
    assert isinstance(found, AssessmentCompleted)
    assessed = _("assessed {day}").format(day=day(date.fromordinal(entry.day)))
    highest = max((rating for rating in found.asam if rating is not None), default=0)
    if not highest:
        return [said(RISKS[0]), assessed]
    names = dimensions_of(found.edition)
    which = [said(names[place]) for place, rating in enumerate(found.asam) if rating == highest]
    return [f"{highest} {said(RISKS[highest])}: {'; '.join(which)}", assessed]


def _use(status: dict[str, Any]) -> Lines:
    use = status["days_since_last_use"]
    return [_("{days} days ago").format(days=number(use)), day(status["last_use"])] if use is not None else []


def _screen(status: dict[str, Any]) -> Lines:
    if not status["last_screen"]:
        return []
    found = _("positive") if status["last_screen"] == status["last_positive"] else _("negative")
    return [found, day(status["last_screen"])]


def _incidents(entries: Sequence[Entry]) -> Lines:
    found = [
        f"{words(entry.event.kind)}, {day(date.fromordinal(entry.day))}"
        for entry in entries
        if isinstance(entry.event, IncidentRecorded)
    ]
    return found[-INCIDENTS:][::-1] or [_("none recorded")]
