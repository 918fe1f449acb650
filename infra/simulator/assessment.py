"""The ASAM assessment that leads to a level: ratings, home and readiness that fit the level it recommends."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any, Final

from domain.levels import Level
from infra.simulator.calibration import OVERRIDDEN, PROGRAMMES
from infra.simulator.chart import Chart
from infra.simulator.clock import DAY, HOUR, workday_before

FOURTH_EDITION: Final = date(2025, 7, 1).toordinal()
# Lowest and highest rating of each of the six dimensions, by recommended level.
RATINGS: Final[dict[Level, tuple[tuple[int, int], ...]]] = {
    "medical_detox": ((3, 4), (1, 3), (1, 2), (1, 3), (3, 4), (2, 3)),
    "residential": ((0, 1), (0, 2), (2, 3), (2, 4), (3, 4), (2, 4)),
    "partial_hospitalization": ((0, 1), (0, 1), (2, 3), (1, 3), (2, 3), (1, 3)),
    "intensive_outpatient": ((0, 1), (0, 1), (1, 2), (1, 2), (2, 3), (0, 2)),
    "standard_outpatient": ((0, 0), (0, 1), (0, 1), (0, 1), (0, 2), (0, 1)),
    "alumni": ((0, 0), (0, 0), (0, 1), (0, 0), (0, 1), (0, 1)),
}
UNSAFE_HOME: Final = "Sober living has no free bed; daily check-ins until one opens (simulated)."
SEVERE: Final = "Symptoms severe but stable on medication, seen twice a week by psychiatry (simulated)."
UNMOTIVATED: Final = "Ambivalent, but asked for a trial of two weeks (simulated)."


def override_for(chart: Chart, level: Level) -> str:
    """Why to start in spite of an unmet criterion: for a few starts of intensive outpatient, else nothing."""
    if level != "intensive_outpatient" or not chart.chance(OVERRIDDEN):
        return ""
    home_is_safe = chart.profile.substance_free_home or chart.profile.house
    return chart.rng.choice((SEVERE, UNMOTIVATED) if home_is_safe else (UNSAFE_HOME, SEVERE, UNMOTIVATED))


def assess(chart: Chart, key: str, start: int, override: str) -> None:
    """Write the assessment that leads to a start at the local minute, one to four days before it."""
    rng, profile = chart.rng, chart.profile
    level = PROGRAMMES[key].level
    wanted = workday_before(start // DAY - rng.randint(1, 4)) * DAY + rng.randint(9, 15) * HOUR
    # Later than the start before it, or this assessment would speak for that one.
    before = (chart.stays[-1].start if chart.stays else chart.registered) + HOUR
    at = min(max(wanted, before), start - 2 * HOUR)
    edition = 4 if at // DAY >= FOURTH_EDITION else 3
    severity = profile.mental_health
    if level == "intensive_outpatient" and severity == "severe":
        severity = "moderate"
    data: dict[str, Any] = {
        "assessor": chart.staff("assessor", 3),
        "edition": edition,
        "asam": _ratings(rng, level, edition),
        "recommended_level": level,
        "needs_24h_supervision": level in ("medical_detox", "residential"),
        "mental_health_severity": "severe" if override == SEVERE else severity,
        "home": _home(chart, override),
        "substance_free_home": bool(profile.house or profile.substance_free_home) and override != UNSAFE_HOME,
        "motivated": override != UNMOTIVATED and (level != "standard_outpatient" or chart.chance(0.85)),
    }
    if level == "intensive_outpatient":
        data["completed_prior_level"] = True
    chart.journal.add("AssessmentCompleted", at, data, delay=25, actor=data["assessor"], role="intake")


def _home(chart: Chart, override: str) -> str:
    if override == UNSAFE_HOME:
        return "unsupportive"
    return "sober_living" if chart.profile.house else chart.profile.home


def _ratings(rng: Random, level: Level, edition: int) -> list[int | None]:
    ratings: list[int | None] = [rng.randint(low, high) for low, high in RATINGS[level]]
    if edition == 4:
        ratings[5] = None
    return ratings
