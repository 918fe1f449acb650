"""Corrected starts of a level: admitted to another level means admitted under that level's criteria."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from domain.criteria import NO_OTHER_LEVEL, start_refusals
from domain.entries import Entry
from domain.events import LevelOfCareStarted
from domain.events.catalogue import CATALOGUE
from domain.journey import Journey
from domain.phrases import Phrase
from domain.refusals import Refusal

OVERRIDE_BY_CLINICIAN = "override_by_clinician"


def override_by_clinician(role: str) -> Refusal:
    """Why nobody else than a clinician starts a level against its criteria."""
    return Refusal(
        OVERRIDE_BY_CLINICIAN,
        Phrase("the role is {role}", role=Phrase(role)),
        Phrase("Ask a clinician to override with a reason."),
    )


def corrected_start_refusals(
    journey: Journey, was: Entry | None, becomes: Mapping[str, Any], at: int, role: str
) -> list[Refusal]:
    """The admission criteria that a start would not meet as corrected, at ``at`` (µs UTC).

    ``was`` is the entry as it counts now. Of the same level only what it meets now can be lost; another level is
    admitted anew, and a clinician overrides its criteria with a reason. That no two levels overlap is a rule of all
    histories (``domain.invariants``).
    """
    start = CATALOGUE.parse(LevelOfCareStarted.__name__, becomes)
    if was is None or not isinstance(was.event, LevelOfCareStarted) or not isinstance(start, LevelOfCareStarted):
        return []
    others = replace(journey, stays=tuple(stay for stay in journey.stays if stay.event_id != was.event_id))
    unmet = [refusal for refusal in start_refusals(others, start, at) if refusal.criterion != NO_OTHER_LEVEL]
    if start.level == was.event.level:
        before = {refusal.criterion for refusal in start_refusals(others, was.event, was.at)}
        unmet = [refusal for refusal in unmet if refusal.criterion not in before]
    if not unmet or not start.override_reason:
        return unmet
    return [] if role == "clinician" else [*unmet, override_by_clinician(role)]
