"""What clients of the quality measures are told to have done, and what a measure says of them."""

from __future__ import annotations

from typing import Any

from domain.events import (
    DiagnosisRecorded,
    MedicationGiven,
    MedicationStarted,
    MedicationStopped,
    SessionAttended,
)
from tests.projections.telling import answers
from tests.spec import Fact, ago, fact

# (numerator, denominator, not yet) of one index event
MET, UNMET, NOT_YET = (1, 1, 0), (0, 1, 0), (0, 0, 1)


def attends(days_ago: float, clinician: str | None = None, kind: Any = "group") -> Fact:
    """A session."""
    return fact(SessionAttended(kind=kind, minutes=60, clinician=clinician), ago(days_ago))


def prescribed(days_ago: float, drug: str = "buprenorphine", kind: str = "partial_agonist") -> Fact:
    """An order."""
    return fact(MedicationStarted.model_validate({"drug": drug, "class": kind}), ago(days_ago))


def stopped(days_ago: float, drug: str = "buprenorphine") -> Fact:
    """Its end."""
    return fact(MedicationStopped(drug=drug), ago(days_ago))


def given_dose(days_ago: float, drug: str = "methadone", route: str | None = None) -> Fact:
    """A dose."""
    return fact(MedicationGiven(drug=drug, route=route), ago(days_ago))


def diagnosed(days_ago: float, category: Any = "substance_use") -> Fact:
    """A diagnosis."""
    return fact(DiagnosisRecorded(icd10="F11.20", category=category), ago(days_ago))


def rate(measure: str, *facts: Fact, **params: Any) -> tuple[int, int, int] | None:
    """(numerator, denominator, not yet) of a measure, or None where nobody is in it."""
    rows = answers("quality", *facts, measure=measure, **params)
    return (rows[0]["numerator"], rows[0]["denominator"], rows[0]["not_yet"]) if rows else None
