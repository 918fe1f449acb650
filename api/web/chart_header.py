"""The head of a client's page: who it is, the facts that are wanted at hand, and those that are looked up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from api.web.formats import NOTHING
from api.web.language import N_, _, said
from api.web.rendering import day, number
from api.web.writing.fields import RISKS, dimensions_of
from domain.entries import Entry
from domain.events import AssessmentCompleted, ClientDetailsUpdated, ClientRegistered
from domain.journey import Journey
from domain.vocabulary import MILESTONES, title
from infra.erasure.notice import Notice
from projections.timeline.words import words

Facts = list[tuple[str, str]]
_BANDS = {"below": N_("below the level's band"), "above": N_("above the level's band")}


def erased_name(erased: Notice) -> str:
    """What stands in place of the name of an erased chart."""
    people = ", ".join(name for name in (erased.requested_by, erased.confirmed_by) if name)
    return _("Erased on {day} by {people}").format(day=day(erased.erased_at.date()), people=people)


def name_of(entries: Sequence[Entry]) -> str:
    """The client's latest known name, or nothing."""
    names = [
        entry.event.name
        for entry in sorted(entries, key=lambda entry: entry.at)
        if isinstance(entry.event, ClientRegistered | ClientDetailsUpdated) and entry.event.name
    ]
    return names[-1] if names else ""


def at_hand(status: dict[str, Any], journey: Journey, today: date) -> Facts:
    """What is wanted at every look, known or not."""
    use = status["days_since_last_use"]
    return [
        (N_("Medication"), status["drug"] or NOTHING),
        (N_("Coverage until"), _coverage(status)),
        (N_("Next planned"), _next_planned(status, today)),
        (N_("Last known use"), _("{days} days ago").format(days=number(use)) if use is not None else NOTHING),
        (N_("Last screen"), _screen(status)),
        (N_("Highest risk"), risk(journey)),
    ]


def facts(status: dict[str, Any]) -> Facts:
    """The other facts, those that are known."""
    sessions = number(status["sessions_this_week"])
    if status["planned_sessions"]:
        sessions = _("{done} of {planned} planned").format(done=sessions, planned=status["planned_sessions"])
    pairs = [
        (N_("Since"), day(status["since"]) if status["since"] else None),
        (N_("Program"), status["program"]),
        (N_("Site"), status["site"]),
        (N_("Clinician"), status["clinician"]),
        (N_("Living"), words(status["living"])),
        (N_("Beside it"), ", ".join(said(title(level)) for level in status["concurrent_levels"].split(",") if level)),
        (N_("Sessions this week"), sessions if status["level"] else None),
        (N_("Hours last week"), _(_BANDS.get(status["hours_outside_band"], ""))),
        (N_("Planned end"), day(status["planned_end"]) if status["planned_end"] else None),
        (N_("Last contact"), day(status["last_contact"]) if status["last_contact"] else None),
    ]
    return [(name, value) for name, value in pairs if value]


def risk(journey: Journey) -> str:
    """The highest rating of the latest assessment, with the dimensions that have it."""
    if not journey.assessments:
        return NOTHING
    found = journey.assessments[-1].event
    assert isinstance(found, AssessmentCompleted)
    highest = max((rating for rating in found.asam if rating is not None), default=0)
    if not highest:
        return said(RISKS[0])
    names = dimensions_of(found.edition)
    which = [said(names[place]) for place, rating in enumerate(found.asam) if rating == highest]
    more = f" +{len(which) - 1}" if len(which) > 1 else ""
    return f"{highest} {said(RISKS[highest])}: {which[0]}{more}"


def _coverage(status: dict[str, Any]) -> str:
    left = status["authorized_left"]
    sessions = _("{count} sessions left").format(count=number(left)) if left is not None else ""
    until = day(status["authorized_to"]) if status["authorized_to"] else ""
    return ", ".join(part for part in (until, sessions) if part) or NOTHING


def _screen(status: dict[str, Any]) -> str:
    if not status["last_screen"]:
        return NOTHING
    found = _("positive") if status["last_screen"] == status["last_positive"] else _("negative")
    return f"{day(status['last_screen'])}, {found}"


def _next_planned(status: dict[str, Any], today: date) -> str:
    """The first thing with a date from today on: a review, the planned end, an interview after discharge."""
    planned = [(_("plan review"), status["review_due"]), (_("planned end"), status["planned_end"])]
    dated = [(date.fromisoformat(iso), what) for what, iso in planned if iso]
    if status["discharged"]:
        discharged = date.fromisoformat(status["discharged"])
        interview = _("{days}-day interview")
        dated += [(discharged + timedelta(days=days), interview.format(days=days)) for days in MILESTONES]
    coming = sorted((when, what) for when, what in dated if when >= today)
    return f"{day(coming[0][0])}, {coming[0][1]}" if coming else NOTHING
