"""Remedies: commands that would meet a criterion that a refusal names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from domain.decisions import History
from domain.eligibility import eligibility
from domain.entries import microseconds
from domain.events import AssessmentCompleted
from domain.levels import LEVELS_OF_CARE, Level
from domain.phrases import Phrase
from domain.refusals import Refusal
from domain.ways import Way

_ASSESS: Final = Way(Phrase("Assess again"), "complete-assessment")
_PLAIN: Final[dict[str, tuple[Way, ...]]] = {
    "full_assessment": (Way(Phrase("Record an assessment"), "complete-assessment"),),
    "assessment_within_30_days": (_ASSESS,),
    "prior_level_completed": (_ASSESS,),
    "motivated": (_ASSESS,),
    "supportive_substance_free_home": (Way(Phrase("Record sober living"), "enter-sober-living"),),
    "level_is_open": (Way(Phrase("Start the level"), "start-level"),),
    "on_leave": (Way(Phrase("Record that the leave began"), "start-leave"),),
    "not_on_leave": (Way(Phrase("Record that the leave ended"), "end-leave"),),
    "registered_once": (Way(Phrase("Change the details"), "update-details"),),
}
"""By the name of the criterion."""


def remedies(history: History, refusals: Sequence[Refusal], wanted: Level | None, at: datetime) -> list[Way]:
    """What would help, each way once; ``wanted`` is the level that was to start at ``at`` (aware), if one was.

    Nothing that would be refused in its turn as the chart stands: nothing after a death or a merge, no start beside an
    open level, no leave where none is open.
    """
    journey = history.journey
    if journey.died is not None or journey.closed_into or journey.erased:
        return []
    ways = [way for refusal in refusals for way in _ways(history, refusal.criterion, wanted, at)]
    return [way for place, way in enumerate(ways) if way not in ways[:place] and _fits(history, way)]


def _fits(history: History, way: Way) -> bool:
    stays = history.journey.open_stays()
    if way.command == "start-level":
        return not any(stay.exclusive for stay in stays)
    return way.command != "start-leave" or bool(stays)


def _ways(history: History, criterion: str, wanted: Level | None, at: datetime) -> list[Way]:
    ways = list(_PLAIN.get(criterion, ()))
    if wanted is None:
        return ways
    if criterion == "no_other_level_open":
        name = LEVELS_OF_CARE[wanted].short
        return [Way(Phrase("Step down or up to {level} instead", level=name), "transfer", {"level": wanted})]
    other = _instead(history, criterion, wanted, at)
    return [*ways, *([other] if other else [])]


def _instead(history: History, criterion: str, wanted: Level, at: datetime) -> Way | None:
    """Another level that would meet the criterion: its start where it is open, else an assessment that opens it."""
    level = _other_level(history, criterion, wanted, at)
    if level is None:
        return None
    admission = next((admission for admission in eligibility(history, at) if admission.level == level), None)
    if admission is None or admission.state != "open":
        return _ASSESS
    words = Phrase("Start {level} instead", level=LEVELS_OF_CARE[level].short)
    return Way(words, "transfer" if admission.steps_from else "start-level", {"level": level})


def _other_level(history: History, criterion: str, wanted: Level, at: datetime) -> Level | None:
    """The level that a criterion's remedy names: what the assessment recommends, or a higher one than was wanted."""
    if criterion == "assessment_recommends_level":
        entry = history.journey.assessment_before(microseconds(at))
        return entry.event.recommended_level if entry and isinstance(entry.event, AssessmentCompleted) else None
    higher: tuple[Level, ...] = LEVELS_OF_CARE[wanted].follows
    if criterion == "no_24h_supervision":
        higher = tuple(level for level in higher if LEVELS_OF_CARE[level].around_the_clock)
    elif criterion not in {"supportive_substance_free_home", "mental_health_none_to_moderate"}:
        return None
    return higher[-1] if higher else None
