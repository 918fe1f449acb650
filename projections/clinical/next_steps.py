"""What follows from an entry that was just recorded: the next steps of care, and the entries that rested on it.

Sources: the next steps of the flags; PHQ-9 item 9 and the 988 Lifeline; NIDA, Principles of Drug Addiction Treatment:
a lapse means that treatment is to be reviewed; the provider's guide: every level ends with a summary, a plan against
relapse, and the next level or aftercare.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain import events as e
from domain.criteria import ASSESSMENT_MAX_AGE_DAYS
from domain.days import DAY_US
from domain.decisions import History
from domain.entries import Entry
from domain.events import Event
from domain.levels import LEVELS_OF_CARE
from domain.phrases import Phrase
from domain.questionnaires import says_self_harm
from domain.ways import Way
from projections.clinical.amended import lapses_left_alone
from projections.clinical.course import MISSED_IN_A_ROW, missed_in_a_row
from projections.clinical.medication import Medications
from projections.clinical.screens import unexplained


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it is, the ways to it, and whether somebody may be in danger until it is taken."""

    text: str
    ways: tuple[Way, ...]
    urgent: bool = False


_AGREED: Final = Way(Phrase("Write what was agreed"), "add-note")
_VISIT: Final = Way(Phrase("Make an appointment"), "schedule-appointment")
_PLAN: Final = Way(Phrase("Review the treatment plan"), "set-treatment-plan")
_PREVENTION: Final = Way(Phrase("Write the relapse-prevention plan"), "set-relapse-prevention-plan")
_SUMMARY: Final = Way(Phrase("Discharge summary (PDF)"))
_SAFETY: Final = Step(
    Phrase(
        "Item 9 is above 0: thoughts of death or self-harm. Ask about the risk of suicide before the client leaves, "
        "agree on a safety plan and tell the supervisor. The 988 Suicide & Crisis Lifeline answers calls and texts."
    ),
    (_AGREED,),
    urgent=True,
)


def next_steps(history: History, event_id: str) -> list[Step]:
    """The steps after the entry of an id (32 hex digits); of a correction also those after what it corrected."""
    entry = next((entry for entry in history.entries if entry.event_id == event_id), None)
    if entry is not None and isinstance(entry.event, e.EntryCorrected | e.EntryRetracted):
        target, lapses = lapses_left_alone(history, entry)
        return [*_resting(lapses), *_after(history, target)]
    return _after(history, event_id)


def _resting(lapses: Sequence[Entry]) -> list[Step]:
    if not lapses:
        return []
    text = Phrase(
        "The screen no longer shows what was recorded as a lapse or relapse after it. Look whether it stands."
    )
    return [Step(text, tuple(Way(_look_at(entry.event), entry=entry.event_id) for entry in lapses))]


def _look_at(event: Event) -> str:
    kind = Phrase("Lapse") if isinstance(event, e.LapseRecorded) else Phrase("Relapse")
    return Phrase("{kind}, {substance}: correct or take back", kind=kind, substance=getattr(event, "substance", ""))


def _after(history: History, event_id: str) -> list[Step]:
    entry = next((entry for entry in history.counted if entry.event_id == event_id), None)
    if entry is None or history.journey.died is not None:  # charted late: nobody is left to be called or treated
        return []
    match entry.event:
        case e.InstrumentScored() as scored if says_self_harm(scored):
            return [_SAFETY]
        case e.DrugScreenResulted() if substances := unexplained(entry, Medications.of(history.counted)):
            return [_screen(substances)]
        case e.UseReported() as used:
            text = Phrase("Use was reported: judge whether it is a lapse or a relapse, and review the plan.")
            return [Step(text, (*_lapse(used.substance), _PLAN))]
        case (e.LapseRecorded() | e.RelapseRecorded()) as lapse:
            return _lapsed(lapse)
        case e.SessionMissed():
            return _missed(history)
        case e.AssessmentCompleted() as assessment if _opens(history, entry):
            return _assessed(history, assessment)
        case e.LevelOfCareEnded() as ended if ended.reason != "died":
            return [_ended(history, ended)]
        case e.LevelOfCareStarted():
            return _started(history, event_id)
        case _:
            return []


def _lapse(substance: str) -> tuple[Way, Way]:
    known = {"substance": substance}
    return Way(Phrase("Record a lapse"), "record-lapse", known), Way(
        Phrase("Record a relapse"), "record-relapse", known
    )


def _screen(substances: Sequence[str]) -> Step:
    text = Phrase(
        "Positive screen: {substances}. Talk about it in the next session. Where it is use, and not what is "
        "prescribed, record the lapse and review the plan.",
        substances=", ".join(substances),
    )
    return Step(text, (_lapse(substances[0])[0], _PLAN))


def _lapsed(lapse: e.LapseRecorded | e.RelapseRecorded) -> list[Step]:
    again = (Way(Phrase("Assess again"), "complete-assessment"),) if isinstance(lapse, e.RelapseRecorded) else ()
    if lapse.plan_reviewed:
        return [Step(Phrase("After a relapse the level of care is judged anew."), again)] if again else []
    return [
        Step(
            Phrase("Review the plans with the client: what led to it, and what helps next time."),
            (_PREVENTION, _PLAN, *again),
        )
    ]


def _missed(history: History) -> list[Step]:
    count = len(missed_in_a_row(history.counted, history.journey))
    if count < MISSED_IN_A_ROW:
        return []
    text = Phrase("{count} sessions missed in a row: call the client today, and agree on the next visit.", count=count)
    return [Step(text, (_AGREED, _VISIT), urgent=True)]


def _opens(history: History, assessment: Entry) -> bool:
    """Whether a level could start by an assessment: it is the latest, and was not charted too late for that."""
    latest = history.journey.assessments[-1:]
    is_latest = [entry.event_id for entry in latest] == [assessment.event_id]
    return is_latest and assessment.recorded - assessment.at <= ASSESSMENT_MAX_AGE_DAYS * DAY_US


def _assessed(history: History, assessment: e.AssessmentCompleted) -> list[Step]:
    here = next((stay.level for stay in history.journey.open_stays() if stay.exclusive), None)
    if assessment.unrated or assessment.recommended_level == here:
        return []
    name = LEVELS_OF_CARE[assessment.recommended_level].short
    words = Phrase("Step down or up to {level}", level=name) if here else Phrase("Start {level}", level=name)
    way = Way(words, "transfer" if here else "start-level", {"level": assessment.recommended_level})
    return [Step(Phrase("The assessment recommends {level}, where the client is not yet.", level=name), (way,))]


def _ended(history: History, ended: e.LevelOfCareEnded) -> Step:
    ways = [_SUMMARY, _PREVENTION]
    if not history.journey.open_stays():
        ways += _onward(ended)
    return Step(
        Phrase("A level ended: write the summary and the plan against relapse, and see who takes over."), tuple(ways)
    )


def _onward(ended: e.LevelOfCareEnded) -> list[Way]:
    if ended.next_level is not None:
        name = LEVELS_OF_CARE[ended.next_level].short
        known = {"level": ended.next_level}
        return [
            Way(Phrase("Start {level}", level=name), "start-level", known),
            Way(Phrase("Plan the arrival at {level}", level=name), "plan-arrival", known),
        ]
    if ended.reason == "completed":
        return [Way(Phrase("Start aftercare"), "start-level", {"level": "alumni"}), _VISIT]
    return [_VISIT, Way(Phrase("Refer to the community"), "refer-to-community")]


def _started(history: History, event_id: str) -> list[Step]:
    """The plan of the new level; after a step down or up also the summary of the level that ended for it."""
    stay = next((stay for stay in history.journey.stays if stay.event_id == event_id), None)
    if stay is None or not stay.open or stay.level == "alumni":
        return []
    stepped = any(other.end == stay.start for other in history.journey.stays if other.event_id != event_id)
    planned = any(isinstance(entry.event, e.TreatmentPlanSet) and entry.at >= stay.start for entry in history.counted)
    ways = (
        *(() if planned else (Way(Phrase("Set the treatment plan"), "set-treatment-plan"),)),
        *((_SUMMARY,) if stepped else ()),
    )
    return [Step(Phrase("A level began: agree on its plan, and make the first appointment."), (*ways, _VISIT))]
