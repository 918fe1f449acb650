"""Offers: the commands that fit the moment, and so come first when something is recorded for a client.

First what follows from the entry that was recorded last, then what is due, then what is usual where the client is in
care; never what the rules would refuse as the chart stands (a start beside an open level, a dose of what is not taken).
Sources: the next steps of the flags (docs/definitions), the provider's guide for what a level is made of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from domain import events as e
from domain.events import Event
from domain.levels import LEVELS_OF_CARE, Level

State = Literal["not_admitted", "in_treatment", "alumni", "discharged", "died"]
OFFERED: Final = 5
_FOLLOWING: Final = 2  # so many by what came last, and so many by what is due: the usual keeps its place
FRESH_DAYS: Final = 1
"""How many days the latest entry decides what is offered."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A client as somebody begins to record.

    ``last`` is the event that was recorded last, None where it is older than ``FRESH_DAYS``; ``due`` are the flags that
    are up, the most pressing first; ``taken`` says that a drug runs, ``visited`` that an appointment is today or was
    not settled, ``assessed`` that an assessment may open a level.
    """

    state: State
    level: Level | None = None
    last: Event | None = None
    due: Sequence[str] = ()
    taken: bool = False
    on_leave: bool = False
    visited: bool = False
    assessed: bool = False


_DUE: Final[dict[str, tuple[str, ...]]] = {
    "missed_in_a_row": ("schedule-appointment", "add-note"),
    "positive_screen": ("record-lapse", "set-treatment-plan"),
    "no_contact": ("add-note", "schedule-appointment"),
    "on_leave": ("end-leave",),
    "follow_up_due": ("complete-follow-up", "miss-follow-up"),
    "plan_review_due": ("set-treatment-plan",),
    "plan_ended": ("transfer", "set-treatment-plan"),
    "authorization_ends": ("verify-coverage",),
    "assessment_outdated": ("complete-assessment",),
    "consent_expiring": ("give-consent",),
}
"""What settles a flag (``domain.vocabulary.FLAGS``)."""
_BEFORE: Final = ("give-consent", "verify-coverage", "record-diagnosis", "schedule-appointment", "add-note")
_AFTER: Final = {
    "alumni": ("contact-alumni", "complete-follow-up", "add-note", "report-abstinence", "refer-to-community"),
    "discharged": ("complete-follow-up", "add-note", "enroll-alumni", "refer-to-community", "schedule-appointment"),
    "died": ("add-note", "record-incident", "update-details", "give-consent"),
}
_CARE: Final = ("attend-session", "add-note", "result-screen", "miss-session", "complete-assessment", "transfer")
_AROUND_THE_CLOCK: Final = ("attend-session", "add-note", "give-medication", "result-screen", "transfer")
_WITHDRAWAL: Final = ("score-instrument", "give-medication", "add-note", "complete-assessment", "transfer")
_SPARE: Final = ("add-note", "record-incident", "score-instrument", "update-details", "schedule-appointment")


def offers(moment: Moment, allowed: Callable[[str], bool] = lambda _: True, most: int = OFFERED) -> list[str]:
    """The names of the commands to offer first, at most ``most``, of those that are ``allowed``."""
    offered: list[str] = []
    for commands, limit in (
        (_following(moment.last), _FOLLOWING),
        (_settling(moment.due), _FOLLOWING),
        (_usual(moment), most),
        (_SPARE if moment.state != "died" else (), most),
    ):
        fresh = [name for name in dict.fromkeys(commands) if name not in offered and _possible(name, moment)]
        offered += [name for name in fresh if allowed(name)][:limit]
    return offered[:most]


def _following(last: Event | None) -> tuple[str, ...]:
    """What is recorded after an entry of its kind."""
    match last:
        case e.DrugScreenResulted() if last.positive and last.valid is not False:
            return ("record-lapse", "set-treatment-plan")
        case e.UseReported():
            return ("record-lapse", "set-relapse-prevention-plan")
        case e.LapseRecorded() | e.RelapseRecorded():
            return ("set-relapse-prevention-plan", "complete-assessment")
        case e.SessionMissed() if not last.excused:
            return ("schedule-appointment", "add-note")
        case e.SessionAttended():
            return ("add-note", "result-screen")
        case e.ReferralReceived():
            return ("complete-assessment", "schedule-appointment")
        case e.AssessmentCompleted():
            return ("start-level", "transfer", "set-treatment-plan")
        case e.LevelOfCareStarted():
            return ("set-treatment-plan", "join-group")
        case e.LevelOfCareEnded():
            return ("set-relapse-prevention-plan", "enroll-alumni")
        case e.MedicationStarted():
            return ("give-medication", "add-note")
        case _:
            return ()


def _settling(due: Sequence[str]) -> Iterator[str]:
    """What settles the flags that are up."""
    return (name for flag in due for name in _DUE.get(flag, ()))


def _usual(moment: Moment) -> tuple[str, ...]:
    """What is recorded day by day where the client is."""
    visit = ("attend-session", "miss-session") if moment.visited else ()
    if moment.state == "not_admitted":
        first = ("start-level",) if moment.assessed else ("complete-assessment",)
        return (*first, *visit, *_BEFORE)
    if moment.state != "in_treatment" or moment.level is None:
        return (*visit, *_AFTER.get(moment.state, ()))
    care = LEVELS_OF_CARE[moment.level]
    if not care.around_the_clock:
        return (*visit, *_CARE)
    return _AROUND_THE_CLOCK if care.weekly_pattern else _WITHDRAWAL


def _possible(name: str, moment: Moment) -> bool:
    """Whether the rules could take it, as the chart stands."""
    if moment.state == "died":
        return name in _AFTER["died"]
    here = moment.state == "in_treatment"
    refused = {
        "start-level": here,
        "transfer": not here,
        "end-leave": not moment.on_leave,
        "give-medication": not moment.taken,
        "enroll-alumni": here or moment.state == "alumni",
        "complete-follow-up": here,
        "miss-follow-up": here,
    }
    return not refused.get(name, False)
