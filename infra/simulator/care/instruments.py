"""Withdrawal scales in detox; PHQ-9, GAD-7 and BAM later. Scores ease with time."""

from __future__ import annotations

import math
from typing import Final

from infra.simulator.chart import Chart, Stay
from infra.simulator.clock import DAY, HOUR, WEEK, workday
from infra.simulator.use import detectable

SEVERITY_POINTS: Final = {"none": 5.0, "mild": 8.0, "moderate": 13.0, "severe": 18.0}
EASES_BY_WEEK: Final = 0.9
EVERY_WEEKS: Final = 3
TOP: Final = {"phq9": 27, "gad7": 21}


def withdrawal(chart: Chart, stay: Stay) -> None:
    """COWS for opioids, CIWA-Ar for alcohol and sedatives: morning and night, falling by the day."""
    name, top = ("cows", 24.0) if chart.profile.primary == "Opioid" else ("ciwa_ar", 28.0)
    if chart.profile.primary in ("Thc", "Amphetamine", "Cocaine"):
        top = 8.0
    for count, day in enumerate(stay.days):
        for hour in (7, 19):
            at = day * DAY + hour * HOUR
            if stay.covers(at) and stay.reached(day):
                score = max(0, round(top * math.exp(-0.35 * count) + chart.rng.gauss(0, 2)))
                _write(chart, at, name, score, delay=8)


def mood(chart: Chart, stay: Stay) -> None:
    """PHQ-9 and GAD-7 in the first week and every third week; they rise with use."""
    for day in range(stay.first_day + 1, stay.last_day + 1, EVERY_WEEKS * WEEK):
        at = workday(day) * DAY + 10 * HOUR + 40
        if not stay.covers(at) or not stay.reached(at // DAY):
            continue
        weeks = (day - chart.stays[0].first_day) / WEEK
        level = SEVERITY_POINTS[chart.profile.mental_health] * max(0.4, EASES_BY_WEEK**weeks)
        level += 3 if detectable(chart.profile, day) else 0
        for name, highest in TOP.items():
            score = round(min(highest, max(0.0, chart.rng.gauss(level * (1 if highest > 21 else 0.85), 2.2))))
            _write(chart, at, name, score)


def addiction_monitor(chart: Chart, stay: Stay) -> None:
    """The Brief Addiction Monitor every 30 days: use days, risk and protection."""
    for day in range(stay.first_day + 3, stay.last_day + 1, 30):
        at = workday(day) * DAY + 10 * HOUR + 50
        if not stay.covers(at) or not stay.reached(at // DAY):
            continue
        rng = chart.rng
        eased = max(0.4, EASES_BY_WEEK ** ((day - stay.first_day) / WEEK))
        use = sum(1 for back in range(30) if day - back in chart.profile.used_on)
        risk = max(0, round(rng.gauss(14 * eased, 2.5)))
        protective = max(0, round(rng.gauss(12 + 6 * (1 - eased), 2.5)))
        data = {
            "instrument": "bam",
            "score": use + risk,
            "items": {"use": use, "risk": risk, "protective": protective},
        }
        chart.journal.add("InstrumentScored", at, data)


def _write(chart: Chart, at: int, name: str, score: int, delay: int = 15) -> None:
    chart.journal.add("InstrumentScored", at, {"instrument": name, "score": score}, delay=delay)
