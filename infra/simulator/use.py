"""The latent course of use: what really happens, of which screens and self-reports see a part."""

from __future__ import annotations

import math

from infra.simulator.chart import Chart, Stay
from infra.simulator.clock import WEEK
from infra.simulator.profile import Profile

# Weekly chance of a lapse in the first week of a stay, of a client of middling resilience.
LAPSE = {
    "medical_detox": 0.03,
    "residential": 0.02,
    "partial_hospitalization": 0.13,
    "intensive_outpatient": 0.2,
    "standard_outpatient": 0.16,
    "alumni": 0.03,
}
PERSISTS = 0.55  # weekly chance that use goes on
EASES = 0.94  # of the chance, a week
BEFORE_LEAVING = 2.5  # times the chance in the last three weeks of a stay that is not completed
DETECTED_DAYS = {"Alcohol": 2, "Thc": 8, "Benzodiazepine": 4}


def simulate_use(chart: Chart, stay: Stay) -> None:
    """Draw the days of use of a stay into the profile, week by week."""
    profile, rng = chart.profile, chart.rng
    if stay.level in ("medical_detox", "residential"):
        profile.using = False
    base = LAPSE[stay.level] * math.exp(-0.45 * profile.resilience) * (0.6 if profile.medicated else 1.0)
    for week, first in enumerate(range(stay.first_day + 1, stay.last_day + 1, WEEK)):
        leaving = stay.reason != "completed" and stay.last_day - first < 3 * WEEK
        risk = min(0.85, base * EASES**week * (BEFORE_LEAVING if leaving else 1.0))
        if profile.using:
            risk = min(0.9, PERSISTS + (0.25 if leaving else -0.1 * profile.resilience))
        profile.using = rng.random() < risk
        if profile.using:
            _use_week(chart, first, min(first + WEEK, stay.last_day + 1))


def _use_week(chart: Chart, first: int, end: int) -> None:
    profile, rng = chart.profile, chart.rng
    many = min(end - first, rng.choices((1, 2, 3, 5), (40, 30, 20, 10))[0])
    for day in sorted(rng.sample(range(first, end), many)):
        both = profile.secondary and rng.random() < 0.3
        profile.used_on[day] = (profile.primary, profile.secondary) if both else (profile.primary,)


def detectable(profile: Profile, day: int) -> list[str]:
    """What a perfect screen of the day would find of the use before it."""
    seen: list[str] = []
    for back in range(9):
        for substance in profile.used_on.get(day - back, ()):
            if back <= DETECTED_DAYS.get(substance, 3) and substance not in seen:
                seen.append(substance)
    return seen


def last_use_by(profile: Profile, day: int) -> int:
    """The latest day of use up to and including ``day``; 0 if none is known."""
    return max((used for used in profile.used_on if used <= day), default=0)
