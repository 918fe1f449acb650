"""Individual sessions with their notes, case management, and self-reported use."""

from __future__ import annotations

from typing import Any, Final

from domain.levels import Level
from domain.vocabulary import Modality
from infra.simulator.calibration import USED_BEFORE
from infra.simulator.care.attendance import offer
from infra.simulator.chart import Chart, Stay
from infra.simulator.clock import DAY, HOUR, WEEK, date_text, workday
from infra.simulator.use import last_use_by

EVERY_DAYS: Final[dict[Level, int]] = {
    "medical_detox": 2,
    "residential": 4,
    "partial_hospitalization": 5,
    "intensive_outpatient": 7,
    "standard_outpatient": 7,
    "alumni": 0,
}
CASE_MANAGED_EVERY: Final = 14
REPORTS_USE: Final = 0.6
NOTED: Final = 0.55
NOTES: Final = (
    "Simulated note: reviewed triggers of the week and what helped.",
    "Simulated note: worked on coping skills; homework agreed.",
    "Simulated note: sleep and mood better than last week.",
    "Simulated note: talked about work, money and the weekend ahead.",
    "Simulated note: ambivalent today; went over reasons for change.",
    "Simulated note: family contact went well; boundary held.",
)
MODALITIES: Final[dict[Modality, float]] = {
    "cbt": 38,
    "motivational_interviewing": 24,
    "dbt": 16,
    "trauma_informed": 12,
    "emdr": 6,
    "other": 4,
}


def individual(chart: Chart, stay: Stay) -> None:
    """Individual sessions, weekly in outpatient levels; use since the last one may be told there."""
    every = EVERY_DAYS[stay.level]
    if not every:
        return
    rng = chart.rng
    usual = rng.choices(tuple(MODALITIES), tuple(MODALITIES.values()))[0]
    hour = 10 if stay.slot != "morning" else rng.choice((14, 15, 16))
    told_up_to = stay.first_day
    for day in range(stay.first_day + 1 + rng.randint(0, 2), stay.last_day + 1, every):
        at = workday(day) * DAY + hour * HOUR
        minutes = rng.choice((45, 50, 60))
        if not offer(chart, stay, at, "individual", minutes, modality=usual if rng.random() < 0.8 else "cbt"):
            continue
        _report_use(chart, told_up_to, at + 20)
        told_up_to = at // DAY
        if rng.random() < NOTED:
            data = {"text": rng.choice(NOTES), "kind": "progress"}
            chart.journal.add("NoteAdded", at + minutes, data, delay=rng.randint(5, 400), actor=stay.clinician)


def _report_use(chart: Chart, since: int, at: int) -> None:
    """Timeline follow-back of the days after ``since`` up to yesterday; or days without use."""
    rng, profile = chart.rng, chart.profile
    today = at // DAY
    days = [day for day in range(since, today) if day in profile.used_on]
    if not days:
        last = last_use_by(profile, today - 1)
        if rng.random() < 0.2 and last:
            data = {"through": date_text(today - 1), "days": min(today - 1 - last, 1000)}
            if data["days"]:
                chart.journal.add("AbstinenceReported", at, data)
        return
    if rng.random() >= REPORTS_USE:
        return
    for day in days:
        for substance in profile.used_on[day]:
            data: dict[str, Any] = {"substance": substance, "on": date_text(day)}
            if substance == "Alcohol":
                data["amount"] = f"{rng.randint(1, 12)} drinks"
            chart.journal.add("UseReported", at, data)


def case_management(chart: Chart, stay: Stay) -> None:
    """Case management every other week, for who needs it."""
    needed = chart.profile.home != "supportive" or chart.chance(0.3)
    if not needed or stay.level in ("medical_detox", "alumni"):
        return
    for day in range(stay.first_day + 5, stay.last_day + 1, CASE_MANAGED_EVERY):
        at = workday(day) * DAY + 11 * HOUR + 30
        offer(chart, stay, at, "case_management", 30, clinician=f"sim-{chart.site.code}-case-1")


def before_admission(chart: Chart, key: str, at: int) -> None:
    """Use in the 30 days before an admission, as told on the day of the start (timeline follow-back)."""
    rng, profile = chart.rng, chart.profile
    today = at // DAY
    since = max(today - 30, chart.stays[-1].last_day + 1 if chart.stays else 0)
    low, high = USED_BEFORE.get(key, (0, 8))
    for day in sorted(rng.sample(range(since, today), min(today - since, rng.randint(low, high)))):
        profile.used_on[day] = (profile.primary,)
        chart.journal.add("UseReported", at, {"substance": profile.primary, "on": date_text(day)})
    profile.using = last_use_by(profile, today) > today - WEEK
