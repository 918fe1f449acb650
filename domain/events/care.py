"""Assessment, levels of care, leaves, plans and sessions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from domain.events.base import (
    Count,
    Day,
    Event,
    Minutes,
    Personal,
    PersonalText,
    RequiredText,
    RequiredWord,
    Text,
    Word,
)
from domain.levels import Level
from domain.phrases import Phrase
from domain.vocabulary import (
    TOPICS,
    GoalStatus,
    Home,
    LeaveKind,
    Living,
    MissedCause,
    Modality,
    Reason,
    SessionKind,
    Severity,
    Slot,
)

Risk = Annotated[int, Field(ge=0, le=4)]
Topic = Annotated[Word | None, Personal(unless=TOPICS)]


def _six(value: Any) -> Any:
    """Six ratings in order; a mapping keyed 1–6 (``1``, ``d1``, ``dimension_1``) is put in that order."""
    if not isinstance(value, Mapping):
        return value
    given = cast("Mapping[Any, Any]", value)
    by_number: dict[int, Any] = {}
    for key, rating in given.items():
        number = re.search(r"[1-6]$", str(key))
        if not number:
            msg = f"dimension {key!r} is not one of the six ASAM dimensions: name them 1 to 6"
            raise ValueError(msg)
        by_number[int(number.group())] = rating
    return [by_number.get(dimension) for dimension in range(1, 7)]


_Rating = Risk | None
_Ratings = tuple[_Rating, _Rating, _Rating, _Rating, _Rating, _Rating]
AsamRatings = Annotated[
    _Ratings,
    BeforeValidator(_six, json_schema_input_type=_Ratings | dict[str, _Rating]),
]


class AssessmentCompleted(Event):
    """A full ASAM assessment: six dimensions rated 0–4, and the level it recommends.

    ``unrated``: all that is known is that it took place (history from elsewhere). Its other fields are no
    findings, its ratings may be missing, and it opens no level.
    """

    assessor: Word
    edition: Literal[3, 4]
    asam: AsamRatings
    recommended_level: Level
    needs_24h_supervision: bool
    mental_health_severity: Severity
    home: Home
    substance_free_home: bool
    motivated: bool
    completed_prior_level: bool | None = None
    unrated: bool | None = None

    @model_validator(mode="after")
    def _all_rated(self) -> AssessmentCompleted:
        if self.unrated:
            return self
        if None in self.asam[:5]:
            msg = Phrase("dimensions 1 to 5 each need a rating of 0–4")
            raise ValueError(msg)
        if self.edition == 3 and self.asam[5] is None:
            msg = Phrase("dimension 6 (recovery environment) needs a rating of 0–4 in the 3rd edition")
            raise ValueError(msg)
        return self


class LevelOfCareStarted(Event):
    """A stay at a level of care began; ``randomized`` where a trial assigned its program by lot on that day."""

    level: Level
    program: Word | None = None
    site: Word | None = None
    clinician: Word | None = None
    living: Living | None = None
    planned_end_on: Day | None = None
    planned_sessions_per_week: Annotated[int, Field(ge=0, le=50)] | None = None
    slot: Slot | None = None
    concurrent: bool | None = None
    randomized: bool | None = None
    override_reason: PersonalText = None
    overridden: bool | None = None

    @model_validator(mode="before")
    @classmethod
    def _say_that_it_was_overridden(cls, given: Any) -> Any:
        """Keep the fact that rules were overridden readable where the reason itself is sealed."""
        if not isinstance(given, Mapping):
            return given
        data = cast("Mapping[str, Any]", given)
        return {**data, "overridden": True} if data.get("override_reason") else data


class LevelOfCareEnded(Event):
    """A stay at a level of care ended, with its TEDS reason."""

    level: Level
    reason: Reason
    next_level: Level | None = None
    summary: PersonalText = None


class LeaveStarted(Event):
    """The client is away from an open level for a while."""

    kind: LeaveKind


class LeaveEnded(Event):
    """The client is back from a leave."""

    kind: LeaveKind


class Goal(BaseModel):
    """One goal of a treatment plan; ``dimension`` is the ASAM dimension it belongs to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    goal_id: Word
    text: Text | None = None
    dimension: Annotated[int, Field(ge=1, le=6)] | None = None


class TreatmentPlanSet(Event):
    """A treatment plan; the latest by clinical time is in force."""

    goals: Annotated[tuple[Goal, ...] | None, Personal()] = None
    planned_end_on: Day | None = None
    planned_sessions_per_week: Annotated[int, Field(ge=0, le=50)] | None = None
    review_due_on: Day | None = None


class GoalProgressed(Event):
    """A goal's status changed."""

    goal_id: Word
    status: GoalStatus


class RelapsePreventionPlanSet(Event):
    """The client's own relapse-prevention plan, in their words."""

    triggers: RequiredText = None
    coping_strategies: RequiredText = None
    boundaries: RequiredText = None
    supports: RequiredText = None


class SessionAttended(Event):
    """The client took part in a session."""

    version = 2
    kind: SessionKind
    minutes: Minutes
    topic: Topic = None
    modality: Modality | None = None
    slot: Slot | None = None
    clinician: Word | None = None
    group_id: Word | None = None
    appointment_id: Word | None = None


class SessionMissed(Event):
    """A session was offered and the client was not there."""

    kind: SessionKind
    excused: bool | None = None
    cause: MissedCause | None = None
    slot: Slot | None = None
    appointment_id: Word | None = None


class CommunityReferralMade(Event):
    """The client was pointed to a service in the community."""

    version = 2
    partner: RequiredWord = None
    service: RequiredWord = None


class FollowUpCompleted(Event):
    """A follow-up interview after the last stay: ``milestone_days`` after its end."""

    milestone_days: Literal[30, 90, 180, 365]
    abstinent_past_30_days: bool
    employed: bool | None = None
    housed: bool | None = None
    arrests: Count | None = None
    method: Word | None = None


class FollowUpMissed(Event):
    """A follow-up interview that could not be held, after ``attempts`` attempts."""

    milestone_days: Literal[30, 90, 180, 365]
    attempts: Count


class SoberLivingEntered(Event):
    """The client moved into a sober-living house."""

    version = 2
    house: RequiredWord = None


class SoberLivingLeft(Event):
    """The client left a sober-living house."""

    version = 2
    house: RequiredWord = None


class AlumniEnrolled(Event):
    """The client joined the alumni programme."""

    version = 2
    channel: Word | None = None
    topic: Topic = None


class AlumniContacted(Event):
    """The alumni programme and the client were in touch."""

    version = 2
    channel: Word | None = None
    topic: Topic = None
