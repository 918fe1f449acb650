"""The words of these tests: assessments, stays and sessions with what is usual filled in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.commands import Transfer
from domain.events import (
    AssessmentCompleted,
    LevelOfCareEnded,
    LevelOfCareStarted,
    SessionAttended,
)
from domain.levels import Level
from domain.vocabulary import Reason
from tests.spec import Fact, ago, fact

IOP: Level = "intensive_outpatient"


def assessed(level: Level = IOP, days_ago: float = 20, **findings: Any) -> Fact:
    """An assessment that recommends a level and finds nothing in its way."""
    usual = {
        "assessor": "clinician-1",
        "edition": 3,
        "asam": [1, 1, 2, 2, 2, 2],
        "recommended_level": level,
        "needs_24h_supervision": False,
        "mental_health_severity": "moderate",
        "home": "supportive",
        "substance_free_home": True,
        "motivated": True,
        "completed_prior_level": True,
    }
    return fact(AssessmentCompleted.model_validate(usual | findings), ago(days_ago))


def starts(level: Level = IOP, days_ago: float = 1, **more: Any) -> Fact:
    """A stay begins."""
    return fact(LevelOfCareStarted(level=level, **more), ago(days_ago))


def ends(level: Level = IOP, days_ago: float = 1, reason: Reason = "completed", **more: Any) -> Fact:
    """A stay ends."""
    return fact(LevelOfCareEnded(level=level, reason=reason, **more), ago(days_ago))


def attends(days_ago: float = 1, **more: Any) -> Fact:
    """A group of three hours."""
    return fact(SessionAttended.model_validate({"kind": "group", "minutes": 180} | more), ago(days_ago))


def steps(level: Level, at: datetime, **more: Any) -> Transfer:
    """A step down or up to a level."""
    override = more.pop("override_reason", None)
    return Transfer(LevelOfCareStarted(level=level, override_reason=override), at, **more)
