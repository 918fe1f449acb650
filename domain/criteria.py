"""Admission criteria: what must hold before a level of care may start.

Sources: the provider's IOP guide (the five criteria of intensive outpatient), ASAM Criteria (a level follows
the assessment that recommends it).
"""

from __future__ import annotations

from domain.entries import DAY_SECONDS, SECOND
from domain.events import AssessmentCompleted, LevelOfCareStarted
from domain.journey import Journey
from domain.phrases import Phrase
from domain.refusals import Refusal
from domain.vocabulary import PRIOR_LEVELS_FOR_IOP, title

ASSESSMENT_MAX_AGE_DAYS = 30


def start_refusals(journey: Journey, start: LevelOfCareStarted, at: int) -> list[Refusal]:
    """The unmet criteria of starting a level at ``at`` (µs UTC); empty if it may start."""
    refusals: list[Refusal] = []
    if start.level != "alumni":
        refusals += _no_other_level(journey, start, at)
        refusals += _assessment(journey, start, at)
    if start.level == "intensive_outpatient":
        refusals += _iop(journey, start, at)
    return refusals


def _no_other_level(journey: Journey, start: LevelOfCareStarted, at: int) -> list[Refusal]:
    if start.concurrent:
        return []
    return [
        Refusal(
            "no_other_level_open",
            Phrase("{level} is open since day {days} before", level=title(stay.level), days=_days(at - stay.start)),
            Phrase("End or transfer {level} first, or mark the new level as concurrent.", level=title(stay.level)),
        )
        for stay in journey.stays
        if stay.exclusive and stay.covers(at)
    ]


def _assessment(journey: Journey, start: LevelOfCareStarted, at: int) -> list[Refusal]:
    entry = journey.assessment_before(at)
    if entry is None:
        return [
            Refusal(
                "full_assessment",
                Phrase("no assessment is on the chart"),
                Phrase("Complete a full assessment that recommends {level}.", level=title(start.level)),
            )
        ]
    refusals: list[Refusal] = []
    age = (at - entry.at) / (SECOND * DAY_SECONDS)
    if age > ASSESSMENT_MAX_AGE_DAYS:
        refusals.append(
            Refusal(
                "assessment_within_30_days",
                Phrase("the latest assessment is {days} days old", days=int(age)),
                Phrase("Complete a new assessment: it may be 30 days old at the most."),
            )
        )
    recommended = _latest(entry.event).recommended_level
    if recommended != start.level:
        refusals.append(
            Refusal(
                "assessment_recommends_level",
                Phrase("the latest assessment recommends {level}", level=title(recommended)),
                Phrase(
                    "Start {recommended}, or reassess if {wanted} is right now.",
                    recommended=title(recommended),
                    wanted=title(start.level),
                ),
            )
        )
    return refusals


def _iop(journey: Journey, start: LevelOfCareStarted, at: int) -> list[Refusal]:
    entry = journey.assessment_before(at)
    if entry is None:
        return []  # the missing assessment is refused already: nothing more can be said without it
    found = _latest(entry.event)
    checks = [
        (
            _prior_level(journey, at) or bool(found.completed_prior_level),
            "prior_level_completed",
            Phrase("no detox, residential or PHP stay is completed"),
            Phrase("Complete one of them first, or record in an assessment that a prior level is not needed."),
        ),
        (
            not found.needs_24h_supervision,
            "no_24h_supervision",
            Phrase("the assessment says that 24-hour supervision is needed"),
            Phrase("Start detox or residential care, or reassess."),
        ),
        (
            found.mental_health_severity != "severe",
            "mental_health_none_to_moderate",
            Phrase("mental-health severity is severe"),
            Phrase("Stabilise at a higher level (PHP or residential), or reassess."),
        ),
        (
            _home_is_safe(journey, found, start),
            "supportive_substance_free_home",
            Phrase(
                "home is {home}, substance-free: {free}",
                home=Phrase(found.home),
                free=Phrase("yes") if found.substance_free_home else Phrase("no"),
            ),
            Phrase("Arrange sober living, or start a higher level of care."),
        ),
        (
            found.motivated,
            "motivated",
            Phrase("the assessment says that motivation is lacking"),
            Phrase("Work on readiness at another level, then reassess."),
        ),
    ]
    return [Refusal(name, value, remedy) for met, name, value, remedy in checks if not met]


def _prior_level(journey: Journey, at: int) -> bool:
    return any(
        stay.level in PRIOR_LEVELS_FOR_IOP and stay.reason == "completed" and stay.end is not None and stay.end <= at
        for stay in journey.stays
    )


def _home_is_safe(journey: Journey, found: AssessmentCompleted, start: LevelOfCareStarted) -> bool:
    sober = found.home == "sober_living" or start.living == "sober_living" or journey.sober_living is not None
    return sober or (found.home == "supportive" and found.substance_free_home)


def _latest(event: object) -> AssessmentCompleted:
    assert isinstance(event, AssessmentCompleted)
    return event


def _days(span: int) -> int:
    return span // (SECOND * DAY_SECONDS)
