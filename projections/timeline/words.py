"""Entries in words: the kind they are filtered by, a title, and one line that says what happened."""

from __future__ import annotations

import re
from functools import cache
from json import dumps
from typing import Any, cast

from domain import events as e
from domain.events import Event
from domain.instruments import instrument
from domain.levels import title as level_title
from domain.phrases import Phrase, joined, spaced
from domain.questionnaires import severity

KINDS = {
    "level": "Levels of care",
    "session": "Sessions",
    "agenda": "Appointments and agenda",
    "screen": "Drug screens",
    "medication": "Medication",
    "use": "Use and abstinence",
    "assessment": "Assessments and scores",
    "plan": "Plans and goals",
    "after": "Follow-up and alumni",
    "admin": "Registration, consent, coverage",
    "incident": "Incidents and notes",
}

_KIND_OF: dict[type[Event], str] = {
    e.LevelOfCareStarted: "level",
    e.LevelOfCareEnded: "level",
    e.LeaveStarted: "level",
    e.LeaveEnded: "level",
    e.SoberLivingEntered: "level",
    e.SoberLivingLeft: "level",
    e.SessionAttended: "session",
    e.SessionMissed: "session",
    e.AppointmentScheduled: "agenda",
    e.AppointmentRescheduled: "agenda",
    e.AppointmentCancelled: "agenda",
    e.GroupJoined: "agenda",
    e.GroupLeft: "agenda",
    e.ArrivalPlanned: "agenda",
    e.HandoffAssigned: "agenda",
    e.HandoffClosed: "agenda",
    e.FlagAssigned: "agenda",
    e.FlagSnoozed: "agenda",
    e.FlagDone: "agenda",
    e.DrugScreenResulted: "screen",
    e.DrugScreenMissed: "screen",
    e.MedicationStarted: "medication",
    e.MedicationStopped: "medication",
    e.MedicationGiven: "medication",
    e.UseReported: "use",
    e.AbstinenceReported: "use",
    e.LapseRecorded: "use",
    e.RelapseRecorded: "use",
    e.AssessmentCompleted: "assessment",
    e.InstrumentScored: "assessment",
    e.DiagnosisRecorded: "assessment",
    e.TreatmentPlanSet: "plan",
    e.GoalProgressed: "plan",
    e.RelapsePreventionPlanSet: "plan",
    e.FollowUpCompleted: "after",
    e.FollowUpMissed: "after",
    e.AlumniEnrolled: "after",
    e.AlumniContacted: "after",
    e.CommunityReferralMade: "after",
    e.IncidentRecorded: "incident",
    e.ClientDied: "incident",
    e.NoteAdded: "incident",
}

_CODE = re.compile("[a-z]+(?:_[a-z]+)+")
_LONGEST = 400  # letters of one value in a line


def instrument_title(name: str) -> str:
    """The instrument as people call it; one that is not known here as it was written."""
    known = instrument(name)
    return known.title if known else name


def kind_of(event: Event) -> str:
    """Which filter an entry belongs to."""
    return _KIND_OF.get(type(event), "admin")


def title_of(event: Event) -> str:
    """The entry's name as people say it."""
    match event:
        case e.LevelOfCareStarted():
            return Phrase("{level} started", level=level_title(event.level))
        case e.LevelOfCareEnded():
            return Phrase("{level} ended", level=level_title(event.level))
        case e.SessionAttended():
            return Phrase("{kind} session attended", kind=words(event.kind))
        case e.SessionMissed():
            return Phrase("{kind} session missed", kind=words(event.kind))
        case e.DrugScreenResulted():
            return Phrase("Drug screen positive") if event.positive else Phrase("Drug screen negative")
        case e.InstrumentScored():
            return Phrase("{instrument} scored", instrument=instrument_title(event.instrument))
        case e.FollowUpCompleted():
            return Phrase("{days}-day follow-up completed", days=event.milestone_days)
        case e.FollowUpMissed():
            return Phrase("{days}-day follow-up missed", days=event.milestone_days)
        case _:
            return spaced(type(event).__name__)


def summary_of(event: Event) -> str:
    """One line of what the entry says beyond its title."""
    match event:
        case e.LevelOfCareStarted():
            return _joined(
                event.program, _word(event.slot), event.site, Phrase("override") if event.overridden else None
            )
        case e.LevelOfCareEnded():
            onward = Phrase("next: {level}", level=level_title(event.next_level)) if event.next_level else None
            return _joined(words(event.reason), onward)
        case e.SessionAttended():
            topic = event.topic and f"{words(event.topic)}"  # recorded by somebody: no phrase
            return _joined(f"{event.minutes} min", topic, _upper(event.modality), _word(event.slot))
        case e.SessionMissed():
            return _joined(Phrase("excused") if event.excused else None, words(event.cause))
        case e.DrugScreenResulted():
            positives = ", ".join(event.positive) if event.positive else None
            return _joined(positives, words(event.specimen), Phrase("unscheduled") if event.unscheduled else None)
        case e.InstrumentScored():
            band = severity(event.instrument, event.score)
            score = Phrase("score {score}", score=f"{event.score:g}")
            return _joined(score, _word(band))
        case e.AssessmentCompleted():
            return _assessed(event)
        case e.FollowUpCompleted() if event.abstinent_past_30_days:
            return Phrase("abstinent in the past 30 days")
        case e.FollowUpCompleted():
            return Phrase("not abstinent in the past 30 days")
        case e.NoteAdded():
            return event.text or Phrase("(sealed)")
        case e.ClientErased():
            return _erased(event)
        case _:
            return _listed(event)


def words(value: str | None) -> str | None:
    """A vocabulary word as people write it."""
    return None if value is None else Phrase(value.replace("_", " ").capitalize())


def value_of(type_name: str, name: str, value: Any) -> str:
    """A field's value as people read it: words of closed vocabularies can be said in any language."""
    cls = e.CATALOGUE.types.get(type_name)
    closed = cls is not None and name in _closed(cls)
    if closed and isinstance(value, str):
        title = level_title(value)
        return title if title != value else words(value) or ""
    if isinstance(value, list):
        return joined("; ", [_whole(item) for item in cast("list[Any]", value)])
    return _whole(value)


def _whole(value: Any) -> str:
    """A value with all that is in it."""
    if isinstance(value, bool):
        return Phrase("yes") if value else Phrase("no")
    if isinstance(value, dict):
        inside = cast("dict[str, Any]", value).items()
        return ", ".join(f"{name.replace('_', ' ')} {_readable(inner)}" for name, inner in inside)
    return "–" if value is None else _readable(value)


def _readable(value: Any) -> str:
    """A value that somebody wrote; one in the form of a code, as other systems send them, as words."""
    text = str(value)
    return text.replace("_", " ") if _CODE.fullmatch(text) else text


def _listed(event: Event) -> str:
    data: dict[str, Any] = event.model_dump(mode="json", by_alias=True, exclude_none=True)
    closed = _closed(type(event))
    plain: list[str] = [
        Phrase("{name}: {value}", name=Phrase(name.replace("_", " ")), value=_plain(value, closed=name in closed))
        for name, value in data.items()
    ]
    return joined("; ", plain)


def _plain(value: Any, *, closed: bool) -> str:
    """A value as people read it; a word of a ``closed`` vocabulary can be said in any language."""
    if isinstance(value, bool):
        return Phrase("yes") if value else Phrase("no")
    if isinstance(value, list):
        items = cast("list[Any]", value)
        if items and isinstance(items[0], dict):
            return Phrase("{count} entries", count=len(items)) if len(items) > 1 else Phrase("one entry")
        return ", ".join(map(_readable, items))[:_LONGEST]
    return words(str(value)) or "" if closed else _readable(value)[:_LONGEST]


@cache
def _closed(cls: type[Event]) -> frozenset[str]:
    """The fields of an event that hold a word of a closed vocabulary."""
    properties: dict[str, Any] = cls.model_json_schema()["properties"]
    return frozenset(name for name, schema in properties.items() if '"enum"' in dumps(schema))


def _assessed(event: e.AssessmentCompleted) -> str:
    if event.unrated:
        return Phrase("what it found is not recorded")
    ratings = "–".join("·" if rating is None else str(rating) for rating in event.asam)
    level = level_title(event.recommended_level)
    return Phrase("recommends {level}; ASAM {ratings}", level=level, ratings=ratings)


def _erased(event: e.ClientErased) -> str:
    people = [name for name in (event.requested_by, event.confirmed_by) if name]
    by = Phrase("by {first} and {second}", first=people[0], second=people[1]) if len(people) > 1 else None
    return _joined(by or Phrase("by {name}", name="".join(people)), words(event.ground))


def _joined(*parts: str | None) -> str:
    return joined(" · ", [part for part in parts if part])


def _word(value: str | None) -> Phrase | None:
    return Phrase(value) if value else None


def _upper(value: str | None) -> str | None:
    if value is None:
        return None
    return value.upper() if value in {"cbt", "dbt", "emdr"} else words(value)
