"""State of an admission: what is on record, what is missing, and what a start would be refused for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from api.i18n.language import N_
from domain import events as e
from domain.criteria import Criterion, start_criteria
from domain.decisions import History
from domain.entries import Entry, microseconds
from domain.events import Event, LevelOfCareStarted
from domain.levels import Level

Step = Literal["papers", "assessment", "level"]
STEPS: dict[Step, str] = {
    "papers": N_("Coverage, consent, diagnosis"),
    "assessment": N_("Assessment"),
    "level": N_("Start of a level"),
}
_PARTS: tuple[tuple[str, str, type[Event], Step | None], ...] = (
    ("register-client", N_("Details"), e.ClientRegistered, None),
    ("verify-coverage", N_("Coverage"), e.CoverageVerified, "papers"),
    ("give-consent", N_("Consent"), e.ConsentGiven, "papers"),
    ("record-diagnosis", N_("Diagnosis"), e.DiagnosisRecorded, "papers"),
    ("complete-assessment", N_("Assessment"), e.AssessmentCompleted, "assessment"),
    ("start-level", N_("Start of a level"), e.LevelOfCareStarted, "level"),
)


@dataclass(frozen=True, slots=True)
class Part:
    """One part: the command that records it, its name, where it is filled in, and its entries so far."""

    command: str
    name: str
    step: Step | None
    entries: Sequence[Entry]


def parts_of(history: History) -> list[Part]:
    """Every part of an admission with what is on record of it, in the order in which they are asked for."""
    return [
        Part(command, name, step, [entry for entry in history.counted if isinstance(entry.event, kind)])
        for command, name, kind, step in _PARTS
    ]


def is_open(history: History) -> bool:
    """Whether this client is being admitted: the chart lives, and no level has begun yet."""
    journey = history.journey
    ended = journey.died is not None or journey.closed_into or journey.erased
    return not ended and not journey.stays and not journey.not_counted


def step_now(parts: Sequence[Part]) -> Step:
    """Where somebody who comes back goes on: the first step with a part that is not on record."""
    ahead: list[Step] = [part.step for part in parts if part.step and not part.entries]
    return ahead[0] if ahead else "level"


def recommended(history: History) -> Level | None:
    """The level that the latest assessment recommends."""
    assessments = [
        entry.event for entry in history.journey.assessments if isinstance(entry.event, e.AssessmentCompleted)
    ]
    return assessments[-1].recommended_level if assessments else None


def criteria_of(history: History, at: datetime) -> list[Criterion]:
    """What starting the recommended level at ``at`` (aware) is judged by; without an assessment, that is one."""
    level = recommended(history) or "standard_outpatient"
    return start_criteria(history.journey, LevelOfCareStarted(level=level), microseconds(at))
