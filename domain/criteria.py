"""Admission criteria: what must hold before a level of care may start.

Sources: the provider's IOP guide (the five criteria of intensive outpatient), ASAM Criteria (a level follows
the assessment that recommends it).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from domain.days import DAY_US
from domain.events import AssessmentCompleted, LeaveEnded, LeaveStarted, LevelOfCareStarted
from domain.journey import Journey
from domain.levels import LEVELS_OF_CARE, Level, title
from domain.phrases import Phrase, lasting
from domain.refusals import Refusal

ASSESSMENT_MAX_AGE_DAYS = 30
NO_OTHER_LEVEL = "no_other_level_open"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion as a chart meets it or not: its name, the value that was found, and the remedy if it is unmet.

    ``source`` is the id of the entry that the value is read from; empty where the chart has none.
    """

    name: str
    met: bool
    value: str
    remedy: str
    source: str = ""

    def as_refusal(self) -> Refusal:
        """What a command is told that does not meet it."""
        return Refusal(self.name, self.value, self.remedy)


def start_refusals(journey: Journey, start: LevelOfCareStarted, at: int) -> list[Refusal]:
    """The unmet criteria of starting a level at ``at`` (µs UTC); empty if it may start."""
    return [criterion.as_refusal() for criterion in start_criteria(journey, start, at) if not criterion.met]


def start_criteria(journey: Journey, start: LevelOfCareStarted, at: int) -> list[Criterion]:
    """Every criterion of starting a level at ``at`` (µs UTC), met or not.

    Without an assessment, those that an assessment would answer are left out: nothing can be said of them.
    """
    if start.level == "alumni":
        return []
    criteria = _no_other_level(journey, start, at) + _assessment(journey, start, at)
    return criteria + assessed_criteria(journey, start, at)


def assessed_criteria(journey: Journey, start: LevelOfCareStarted, at: int) -> list[Criterion]:
    """The five criteria of intensive outpatient, by the assessment in force at ``at`` (µs UTC); none for others."""
    entry = journey.assessment_before(at)
    if not LEVELS_OF_CARE[start.level].follows or entry is None:
        return []
    assessment = _latest(entry.event)
    checks = [
        _prior_level(journey, assessment, start.level, at),
        _supervision(assessment),
        _mental_health(assessment),
        _home(journey, assessment, start),
        _motivation(assessment),
    ]
    return [replace(check, source=check.source or entry.event_id) for check in checks]


def _no_other_level(journey: Journey, start: LevelOfCareStarted, at: int) -> list[Criterion]:
    if start.concurrent:
        return []
    unmet: list[Criterion] = []
    for stay in journey.stays:
        if stay.exclusive and stay.covers(at):
            level, days = title(stay.level), (at - stay.start) // DAY_US
            value = Phrase("{level} has been open for {time}", level=level, time=lasting(days))
            remedy = Phrase("End or transfer {level} first, or mark the new level as concurrent.", level=level)
            unmet.append(Criterion(NO_OTHER_LEVEL, met=False, value=value, remedy=remedy, source=stay.event_id))
    return unmet or [Criterion(NO_OTHER_LEVEL, met=True, value=Phrase("no other level is open"), remedy="")]


def _assessment(journey: Journey, start: LevelOfCareStarted, at: int) -> list[Criterion]:
    entry = journey.assessment_before(at)
    if entry is None:
        return [
            Criterion(
                "full_assessment",
                met=False,
                value=Phrase("no assessment is on the chart"),
                remedy=Phrase("Complete a full assessment that recommends {level}.", level=title(start.level)),
            )
        ]
    age = (at - entry.at) / DAY_US
    recommended = _latest(entry.event).recommended_level
    return [
        Criterion(
            "assessment_within_30_days",
            met=age <= ASSESSMENT_MAX_AGE_DAYS,
            value=Phrase("the latest assessment is {time} old", time=lasting(int(age))),
            remedy=Phrase("Complete a new assessment: it may be 30 days old at the most."),
            source=entry.event_id,
        ),
        Criterion(
            "assessment_recommends_level",
            met=recommended == start.level,
            value=Phrase("the latest assessment recommends {level}", level=title(recommended)),
            remedy=Phrase(
                "Start {recommended}, or reassess if {wanted} is right now.",
                recommended=title(recommended),
                wanted=title(start.level),
            ),
            source=entry.event_id,
        ),
    ]


def _prior_level(journey: Journey, assessment: AssessmentCompleted, level: Level, at: int) -> Criterion:
    prior = LEVELS_OF_CARE[level].follows
    completed = [
        stay
        for stay in journey.stays
        if stay.level in prior and stay.reason == "completed" and stay.end is not None and stay.end <= at
    ]
    if completed:
        value = Phrase("{level} was completed", level=title(completed[-1].level))
    elif assessment.completed_prior_level:
        value = Phrase("the assessment says that a prior level was completed, or is not needed")
    else:
        value = Phrase("no detox, residential or PHP stay is completed")
    return Criterion(
        "prior_level_completed",
        met=bool(completed) or bool(assessment.completed_prior_level),
        value=value,
        remedy=Phrase("Complete one of them first, or record in an assessment that a prior level is not needed."),
        source=completed[-1].event_id if completed else "",
    )


def _supervision(assessment: AssessmentCompleted) -> Criterion:
    needed = assessment.needs_24h_supervision
    return Criterion(
        "no_24h_supervision",
        met=not needed,
        value=Phrase("the assessment says that 24-hour supervision is needed")
        if needed
        else Phrase("24-hour supervision is not needed"),
        remedy=Phrase("Start detox or residential care, or reassess."),
    )


def _mental_health(assessment: AssessmentCompleted) -> Criterion:
    severity = assessment.mental_health_severity
    return Criterion(
        "mental_health_none_to_moderate",
        met=severity != "severe",
        value=Phrase("mental-health severity is severe")
        if severity == "severe"
        else Phrase("mental-health severity is {severity}", severity=Phrase(severity)),
        remedy=Phrase("Stabilise at a higher level (PHP or residential), or reassess."),
    )


def _home(journey: Journey, assessment: AssessmentCompleted, start: LevelOfCareStarted) -> Criterion:
    house = journey.sober_living
    sober = assessment.home == "sober_living" or start.living == "sober_living" or house is not None
    home = Phrase(
        "home is {home}, substance-free: {free}",
        home=Phrase(assessment.home),
        free=Phrase("yes") if assessment.substance_free_home else Phrase("no"),
    )
    return Criterion(
        "supportive_substance_free_home",
        met=sober or (assessment.home == "supportive" and assessment.substance_free_home),
        value=Phrase("the client lives, or would live, in sober living") if sober else home,
        remedy=Phrase("Arrange sober living, or start a higher level of care."),
        source=house.event_id if house is not None and assessment.home != "sober_living" else "",
    )


def _motivation(assessment: AssessmentCompleted) -> Criterion:
    return Criterion(
        "motivated",
        met=assessment.motivated,
        value=Phrase("the assessment says that the client is motivated")
        if assessment.motivated
        else Phrase("the assessment says that motivation is lacking"),
        remedy=Phrase("Work on readiness at another level, then reassess."),
    )


def _latest(event: object) -> AssessmentCompleted:
    assert isinstance(event, AssessmentCompleted)
    return event


def leave_refusals(then: Journey, journey: Journey, event: LeaveStarted | LeaveEnded, at: int) -> list[Refusal]:
    """Whether a leave can begin or end at a moment (µs UTC), judged by what had happened until ``then``, so that one
    can be charted late; ``journey`` has the stays as they are known now.
    """
    if isinstance(event, LeaveEnded):
        return (
            []
            if then.leave
            else [Refusal("on_leave", Phrase("no leave is open then"), Phrase("Start the leave first."))]
        )
    if then.leave is not None:
        return [Refusal("not_on_leave", Phrase("a leave is open then"), Phrase("End it before another starts."))]
    if not any(stay.covers(at) for stay in journey.stays):
        return [Refusal("level_is_open", Phrase("no level of care is open then"), Phrase("Start a level first."))]
    return []
