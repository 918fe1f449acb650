"""Entries in words: the kind they are filtered by, a title, and one line that says what happened."""

from __future__ import annotations

from typing import Any, cast

from domain import events as e
from domain.events import Event
from domain.vocabulary import title as level_title

KINDS = {
    "level": "Levels of care",
    "session": "Sessions",
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

INSTRUMENTS = {
    "phq9": "PHQ-9",
    "gad7": "GAD-7",
    "bam": "BAM",
    "cows": "COWS",
    "ciwa_ar": "CIWA-Ar",
    "sows": "SOWS",
}


def kind_of(event: Event) -> str:
    """Which filter an entry belongs to."""
    return _KIND_OF.get(type(event), "admin")


def title_of(event: Event) -> str:
    """The entry's name as people say it."""
    match event:
        case e.LevelOfCareStarted():
            return f"{level_title(event.level)} started"
        case e.LevelOfCareEnded():
            return f"{level_title(event.level)} ended"
        case e.SessionAttended():
            return f"{words(event.kind)} session attended"
        case e.SessionMissed():
            return f"{words(event.kind)} session missed"
        case e.DrugScreenResulted():
            return "Drug screen positive" if event.positive else "Drug screen negative"
        case e.InstrumentScored():
            return f"{INSTRUMENTS.get(event.instrument, event.instrument)} scored"
        case e.FollowUpCompleted() | e.FollowUpMissed():
            done = "completed" if isinstance(event, e.FollowUpCompleted) else "missed"
            return f"{event.milestone_days}-day follow-up {done}"
        case _:
            return spaced(type(event).__name__)


def summary_of(event: Event) -> str:
    """One line of what the entry says beyond its title."""
    match event:
        case e.LevelOfCareStarted():
            return _joined(event.program, event.slot, event.site, "override" if event.overridden else None)
        case e.LevelOfCareEnded():
            onward = f"next: {level_title(event.next_level)}" if event.next_level else None
            return _joined(words(event.reason), onward)
        case e.SessionAttended():
            return _joined(f"{event.minutes} min", words(event.topic), _upper(event.modality), event.slot)
        case e.SessionMissed():
            return _joined("excused" if event.excused else None, words(event.cause))
        case e.DrugScreenResulted():
            found = ", ".join(event.positive) if event.positive else None
            return _joined(found, words(event.specimen), "unscheduled" if event.unscheduled else None)
        case e.InstrumentScored():
            return f"score {event.score:g}"
        case e.AssessmentCompleted() if event.unrated:
            return "what it found is not recorded"
        case e.AssessmentCompleted():
            ratings = "–".join("·" if rating is None else str(rating) for rating in event.asam)
            return f"recommends {level_title(event.recommended_level)}; ASAM {ratings}"
        case e.FollowUpCompleted():
            return ("" if event.abstinent_past_30_days else "not ") + "abstinent in the past 30 days"
        case e.NoteAdded():
            return event.text or "(sealed)"
        case e.ClientErased():
            people = " and ".join(name for name in (event.requested_by, event.confirmed_by) if name)
            return _joined(f"by {people}", words(event.ground))
        case _:
            return _listed(event)


def words(value: str | None) -> str | None:
    """A vocabulary word as people write it."""
    return None if value is None else value.replace("_", " ").capitalize()


def spaced(name: str) -> str:
    """A CamelCase name as words."""
    out = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    return out.strip().capitalize()


def _listed(event: Event) -> str:
    data: dict[str, Any] = event.model_dump(mode="json", by_alias=True, exclude_none=True)
    plain = [f"{name.replace('_', ' ')}: {_plain(value)}" for name, value in data.items()]
    return "; ".join(plain)[:400]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        items = cast("list[Any]", value)
        return f"{len(items)} entries" if items and isinstance(items[0], dict) else ", ".join(map(str, items))
    return str(value)


def _joined(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)


def _upper(value: str | None) -> str | None:
    if value is None:
        return None
    return value.upper() if value in {"cbt", "dbt", "emdr"} else words(value)
