"""Medication, drug screens, use, instruments, lapses and incidents."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from domain.events.base import Count, Day, DaysSupply, Dose, Event, Personal, PersonalWord, Text, Word
from domain.vocabulary import SEVERITIES, DrugClass, IncidentKind, MissedCause, Severity, Specimen


class MedicationStarted(Event):
    """A medication was prescribed."""

    version = 2
    drug: Word
    class_: Annotated[DrugClass, Field(alias="class")]
    dose_mg: Dose | None = None
    reason: PersonalWord = None


class MedicationStopped(Event):
    """A prescription ended."""

    version = 2
    drug: Word
    class_: Annotated[DrugClass | None, Field(alias="class")] = None
    dose_mg: Dose | None = None
    reason: PersonalWord = None


class MedicationGiven(Event):
    """A dose was given on site, or so many days of supply were dispensed to take home.

    A dose taken on site and bottles for the days after it are two entries.
    """

    drug: Word
    dose_mg: Dose | None = None
    route: Word | None = None
    days_supply: DaysSupply | None = None


class DrugScreenResulted(Event):
    """A drug screen and what it found; an empty ``positive`` is a negative screen."""

    specimen: Specimen
    positive: tuple[Word, ...]
    panel: Word | tuple[Word, ...] | None = None
    temperature_ok: bool | None = None
    valid: bool | None = None
    unscheduled: bool | None = None
    confirmed: bool | None = None
    lab: Word | None = None


class DrugScreenMissed(Event):
    """A scheduled drug screen was not given."""

    cause: MissedCause | None = None


class UseReported(Event):
    """The client reports use on a day (timeline follow-back)."""

    substance: Word
    on: Day
    amount: Word | float | None = None
    route: Word | None = None


class AbstinenceReported(Event):
    """The client reports ``days`` days without use, up to and including ``through``."""

    through: Day
    days: Count
    substances: tuple[Word, ...] | None = None


class InstrumentScored(Event):
    """A questionnaire's total score (phq9, gad7, bam, cows, ciwa_ar, sows, …)."""

    instrument: Word
    score: Annotated[float, Field(ge=-1000, le=10_000)]
    items: dict[Word, float | Word | None] | tuple[float | None, ...] | None = None


class LapseRecorded(Event):
    """A clinician judges that the client lapsed; kept apart from computed measures."""

    substance: Word
    plan_reviewed: bool | None = None


class RelapseRecorded(Event):
    """A clinician judges that the client relapsed; kept apart from computed measures."""

    substance: Word
    plan_reviewed: bool | None = None


class IncidentRecorded(Event):
    """Something happened that a provider must report."""

    version = 2
    kind: IncidentKind
    severity: Annotated[Severity | Text | None, Personal(unless=SEVERITIES)] = None


class ClientDied(Event):
    """The client died."""

    version = 2
    cause: PersonalWord = None
