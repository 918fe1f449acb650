"""Entries in words: the kind they are filtered by, a title, and what their fields hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from json import dumps
from typing import Any, cast

from domain import events as e
from domain.events import Event
from domain.instruments import instrument
from domain.levels import LEVELS, title as level_title
from domain.phrases import Phrase, joined, spaced
from domain.vocabulary import USUAL_WORDS
from projections.clinical.substances import CLASSES, plain_name
from projections.params import known_day, known_moment

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
_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?", re.ASCII)
_SUBSTANCES = frozenset({"substance", "positive", "panel", "substances"})
ACRONYMS = {
    "icd10": "ICD-10",
    "tpo": "TPO",
    **{name: name.upper() for name in ("asam", "cbt", "dbt", "emdr", "lsd", "mdma", "pcp", "thc")},
}
"""How codes are written that are short for something."""


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
            if event.valid is False:
                return Phrase("Drug screen invalid")
            return Phrase("Drug screen positive") if event.positive else Phrase("Drug screen negative")
        case e.InstrumentScored():
            return Phrase("{instrument} scored", instrument=instrument_title(event.instrument))
        case e.FollowUpCompleted():
            return Phrase("{days}-day follow-up completed", days=event.milestone_days)
        case e.FollowUpMissed():
            return Phrase("{days}-day follow-up missed", days=event.milestone_days)
        case _:
            return spaced(type(event).__name__)


def plain_words(code: str) -> str:
    """A code in words, its acronyms as they are written: *drug of choice*, *THC*."""
    return " ".join(ACRONYMS.get(part.casefold(), part) for part in code.replace("_", " ").split(" "))


def words(value: str | None) -> str | None:
    """A vocabulary word as people write it."""
    if value is None:
        return None
    text = plain_words(value.lower())
    return Phrase(text[:1].upper() + text[1:])


def in_words(cls: type[Event], name: str, value: str) -> str:
    """A field's word: of a known vocabulary in any language, else as it was written, a code in words."""
    if value in LEVELS and (name == "from" or name in _closed(cls)):
        return level_title(value)
    if name in _closed(cls) or value in USUAL_WORDS.get(name, ()):
        return words(value) or ""
    if name in _SUBSTANCES and plain_name(value) in CLASSES:
        return words(plain_name(value)) or ""
    return _readable(value)


def value_of(type_name: str, name: str, value: Any) -> str:
    """A field's value as people read it: words of known vocabularies can be said in any language."""
    cls = e.CATALOGUE.types.get(type_name)
    if isinstance(value, str) and (at := _time(value)):
        return joined("", [at])
    if cls is not None and isinstance(value, str):
        return in_words(cls, name, value)
    if isinstance(value, list):
        items = cast("list[Any]", value)
        return joined("; ", [in_words(cls, name, i) if cls and isinstance(i, str) else _whole(i) for i in items])
    return _whole(value)


def _facts(values: Mapping[str, Any], type_name: str = "") -> str:
    """Each with its name; those of an entry, as a correction holds one, as that entry says them."""
    parts: list[Phrase] = []
    for name, value in values.items():
        if isinstance(value, dict):
            inner = _facts(cast("dict[str, Any]", value), str(values.get("type", "")))
        elif name == "type" and value in e.CATALOGUE.types:
            inner = spaced(value)
        else:
            inner = value_of(type_name, name, value)
        parts.append(Phrase("{name}: {value}", name=words(name), value=inner))
    return joined(", ", parts)


def _whole(value: Any) -> str:
    """A value with all that is in it."""
    if isinstance(value, bool):
        return Phrase("yes") if value else Phrase("no")
    if isinstance(value, dict):
        return _facts(cast("dict[str, Any]", value))
    if isinstance(value, list):
        return joined("; ", [_whole(inner) for inner in cast("list[Any]", value)])
    at = _time(value) if isinstance(value, str) else None
    return joined("", [at]) if at else "–" if value is None else _readable(value)


def _time(text: str) -> date | None:
    """A day, or a moment with its zone, as entries hold it; nothing of any other text."""
    if not _TIME.fullmatch(text):
        return None
    return known_moment(text) if "T" in text else known_day(text)


def _readable(value: Any) -> str:
    """A value that somebody wrote; one in the form of a code, as other systems send them, as words."""
    text = str(value)
    return plain_words(text) if _CODE.fullmatch(text) or text.casefold() in ACRONYMS else text


@cache
def _closed(cls: type[Event]) -> frozenset[str]:
    """The fields of an event that hold a word of a closed vocabulary."""
    properties: dict[str, Any] = cls.model_json_schema()["properties"]
    return frozenset(name for name, schema in properties.items() if '"enum"' in dumps(schema))
