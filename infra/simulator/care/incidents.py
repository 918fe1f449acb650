"""Incidents, rare, by level of care."""

from __future__ import annotations

from typing import Final

from domain.levels import Level
from domain.vocabulary import IncidentKind
from infra.simulator.chart import Chart, Stay
from infra.simulator.clock import HOUR

PER_STAY: Final[dict[Level, float]] = {
    "medical_detox": 0.04,
    "residential": 0.06,
    "partial_hospitalization": 0.02,
    "intensive_outpatient": 0.015,
    "standard_outpatient": 0.01,
    "alumni": 0.0,
}
INSIDE: Final[dict[IncidentKind, float]] = {
    "fall": 34,
    "elopement": 24,
    "aggression": 20,
    "medication_error": 14,
    "other": 8,
}
OUTSIDE: Final[dict[IncidentKind, float]] = {"overdose": 55, "aggression": 15, "other": 30}


def incidents(chart: Chart, stay: Stay) -> None:
    """At most one a stay."""
    if not chart.chance(PER_STAY[stay.level]):
        return
    rng = chart.rng
    at = rng.randint(stay.start + HOUR, max(stay.start + HOUR, stay.end - HOUR))
    kinds = INSIDE if stay.level in ("medical_detox", "residential") else OUTSIDE
    kind = rng.choices(tuple(kinds), tuple(kinds.values()))[0]
    severity = rng.choices(("mild", "moderate", "severe"), (6, 3, 1))[0] if kind != "overdose" else "severe"
    chart.journal.add("IncidentRecorded", at, {"kind": kind, "severity": severity}, delay=rng.randint(20, 600))
