"""Facts wanted at every look: medication, risks, consents in force.

Entries count and stand in clinical order; those of other types do not matter. Days are proleptic ordinals.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.entries import Entry
from domain.events import (
    AssessmentCompleted,
    ConsentGiven,
    IncidentRecorded,
    InstrumentScored,
    MedicationGiven,
    MedicationStarted,
)
from domain.journey import Journey
from domain.questionnaires import asks_self_harm, says_self_harm
from projections.clinical.medication import Medications, drug_key


@dataclass(frozen=True, slots=True)
class Taken:
    """A drug that was begun and not stopped: its dose (mg) as ordered last, the day it was last given, if ever, and the
    dose (mg) of that day.
    """

    drug: str
    dose_mg: float | None
    last_given: int | None
    given_mg: float | None


@dataclass(frozen=True, slots=True)
class HighestRisk:
    """The highest rating (0 to 4) of the latest assessment, the places (from 0) of the dimensions that have it, the
    edition of the ASAM Criteria that names them, and the day of the assessment. Without a risk there are no places.
    """

    rating: int
    places: tuple[int, ...]
    edition: int
    day: int


def taken(entries: Iterable[Entry]) -> list[Taken]:
    """The drugs that run, in the order in which they began."""
    known = list(entries)
    given = {drug_key(entry.event.drug): entry for entry in known if isinstance(entry.event, MedicationGiven)}
    return [_taken(order.event, given.get(drug_key(order.event.drug))) for order in Medications.of(known).running]


def _taken(ordered: MedicationStarted, given: Entry | None) -> Taken:
    dose = given.event.dose_mg if given is not None and isinstance(given.event, MedicationGiven) else None
    return Taken(ordered.drug, _mg(ordered.dose_mg), given.day if given else None, _mg(dose))


def _mg(dose: float | None) -> float | None:
    return None if dose is None else float(dose)


def highest_risk(journey: Journey) -> HighestRisk | None:
    """What the latest assessment rates highest; None without an assessment."""
    if not journey.assessments:
        return None
    entry = journey.assessments[-1]
    assessment = entry.event
    assert isinstance(assessment, AssessmentCompleted)
    highest = max((rating for rating in assessment.asam if rating is not None), default=0)
    places = tuple(place for place, rating in enumerate(assessment.asam) if highest and rating == highest)
    return HighestRisk(highest, places, assessment.edition, entry.day)


def self_harm(entries: Iterable[Entry]) -> Entry | None:
    """The latest PHQ-9 that has its ninth item, where it says thoughts of death or self-harm; a later one that denies
    them ends that.
    """
    scored = [e for e in entries if isinstance(e.event, InstrumentScored) and asks_self_harm(e.event)]
    last = scored[-1] if scored else None
    return last if last and isinstance(last.event, InstrumentScored) and says_self_harm(last.event) else None


def incidents(entries: Iterable[Entry]) -> list[tuple[IncidentRecorded, int]]:
    """The incidents with their days, the latest first."""
    return [(entry.event, entry.day) for entry in entries if isinstance(entry.event, IncidentRecorded)][::-1]


def consents_in_force(journey: Journey, today: int) -> list[ConsentGiven]:
    """The consents that nobody revoked and whose last day has not passed, in the order given."""
    given = journey.consents.values()
    return [consent for consent in given if consent.expires_on is None or consent.expires_on.toordinal() >= today]
