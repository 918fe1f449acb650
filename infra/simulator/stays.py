"""Starts and ends of stays, with what leads to them and what follows."""

from __future__ import annotations

from typing import Any

from domain.levels import Level
from domain.vocabulary import Living
from infra.simulator import outcome
from infra.simulator.assessment import UNSAFE_HOME, assess, override_for
from infra.simulator.calibration import DIRT, PROGRAMMES
from infra.simulator.care.medication import stop_maintenance
from infra.simulator.chart import Chart, Stay
from infra.simulator.clock import DAY, HOUR, date_text, workday
from infra.simulator.intake import coverage
from infra.simulator.schedule import WEEKDAYS

AROUND_THE_CLOCK: tuple[Level, ...] = ("medical_detox", "residential")
LINGERING = {"left_against_advice": (3, 14), "incarcerated": (2, 7), "terminated_by_facility": (0, 6)}


def admit(chart: Chart, key: str, start: int) -> Stay:
    """Assess, verify coverage and start a stay; its outcome is drawn here."""
    level = PROGRAMMES[key].level
    if level == "alumni":
        stay = _stay(chart, key, start, "home")
        _started(chart, stay, "")
        return stay
    override = override_for(chart, level)
    living = _living(chart, level, start, override)
    coverage(chart, key, max(chart.registered + 2 * HOUR, start - 26 * HOUR))
    assess(chart, key, start, override)
    stay = _stay(chart, key, start, living)
    _started(chart, stay, override)
    return stay


def finish(chart: Chart, stay: Stay) -> None:
    """End a stay; a discharge nobody waits for may be entered days later."""
    rng, journal = chart.rng, chart.journal
    data: dict[str, Any] = {"level": stay.level, "reason": stay.reason}
    if stay.following:
        data["next_level"] = PROGRAMMES[stay.following].level
    if rng.random() < 0.5:
        data["summary"] = f"Simulated summary: {PROGRAMMES[stay.key].name}, {stay.reason.replace('_', ' ')}."
    entered_late = not stay.following and stay.reason != "died" and rng.random() < 0.12
    delay = rng.randint(1, 3) * DAY if entered_late else 15
    journal.add("LevelOfCareEnded", stay.end, data, delay=delay, actor=stay.clinician)
    if stay.reason == "died":
        journal.add("ClientDied", stay.end, {"cause": rng.choice(("overdose", "illness", "unknown"))}, delay=15)
        chart.died = stay.end
    if not stay.following and stay.reason != "died" and stay.level != "alumni":
        _left_care(chart, stay)


def concurrent_otp(chart: Chart, beside: Stay) -> Stay:
    """A methadone programme beside an open stay; it is over, moved on, when that stay ends."""
    start = workday(beside.first_day + 1) * DAY + 14 * HOUR
    assess(chart, "otp", start, "")
    stay = _stay(chart, "otp", start, beside.living)
    stay.end, stay.reason, stay.following, stay.concurrent = (beside.end, "transferred", "", True)
    stay.last_contact, stay.leaves = beside.last_contact, beside.leaves
    _started(chart, stay, "")
    return stay


def finish_concurrent(chart: Chart, stay: Stay, beside: Stay) -> None:
    """End the methadone programme as its partner ends."""
    data = {"level": stay.level, "reason": "died" if beside.reason == "died" else stay.reason}
    chart.journal.add("LevelOfCareEnded", stay.end, data, delay=14, actor=stay.clinician)


def _stay(chart: Chart, key: str, start: int, living: Living) -> Stay:
    rng, profile, level = chart.rng, chart.profile, PROGRAMMES[key].level
    drawn = outcome.draw(rng, profile, key)
    last_day = start // DAY + drawn.days
    follow_on_weekday = drawn.following and PROGRAMMES[drawn.following].level not in AROUND_THE_CLOCK
    if level not in AROUND_THE_CLOCK or follow_on_weekday:
        last_day = workday(last_day)
    early = LINGERING.get(drawn.reason, (0, 0)) if level not in AROUND_THE_CLOCK else (0, 0)
    return Stay(
        key=key,
        start=start,
        end=last_day * DAY + 14 * HOUR + rng.randint(0, 2 * HOUR),
        reason=drawn.reason,
        following=drawn.following,
        wait=drawn.wait,
        planned_end=start // DAY + drawn.planned_days,
        slot=profile.slot,
        weekdays=WEEKDAYS[_days_a_week(chart, level)],
        clinician=chart.staff("clinician", 8),
        living=living,
        last_contact=max(start // DAY + 1, last_day - rng.randint(*early)),
        attendance=_attendance(chart, level),
    )


def _days_a_week(chart: Chart, level: Level) -> int:
    match level:
        case "medical_detox" | "residential":
            return 6
        case "partial_hospitalization":
            return 5
        case "intensive_outpatient":
            return chart.profile.days_a_week
        case _:
            return 1 if chart.chance(0.7) else 2


def _attendance(chart: Chart, level: Level) -> float:
    if level in AROUND_THE_CLOCK:
        return 0.95
    base = 0.9 if level == "partial_hospitalization" else 0.85 if level != "alumni" else 0.45
    return min(0.98, max(0.35, base + 0.06 * chart.profile.resilience + chart.rng.gauss(0, 0.03)))


def _living(chart: Chart, level: Level, start: int, override: str) -> Living:
    """Where the client lives in the stay; an unsafe home is left for a sober-living house."""
    if level in AROUND_THE_CLOCK:
        return "facility"
    profile = chart.profile
    needed = level == "intensive_outpatient" and override != UNSAFE_HOME
    if not profile.substance_free_home and not profile.house and (needed or chart.chance(0.25)):
        profile.house = f"Simulated House {chart.site.code}-{chart.rng.randint(1, 5)}"
        chart.journal.add("SoberLivingEntered", start - HOUR, {"house": profile.house}, delay=20)
    return "sober_living" if profile.house else "home"


def _started(chart: Chart, stay: Stay, override: str) -> None:
    data: dict[str, Any] = {
        "level": stay.level,
        "program": stay.programme.name,
        "site": chart.site.name,
        "clinician": stay.clinician,
        "living": stay.living,
        "planned_end_on": date_text(stay.planned_end),
    }
    if stay.level in ("partial_hospitalization", "intensive_outpatient", "standard_outpatient"):
        data["planned_sessions_per_week"] = len(stay.weekdays)
    if stay.level in ("intensive_outpatient", "standard_outpatient"):
        data["slot"] = stay.slot
    if stay.concurrent:
        data["concurrent"] = True
    if override:
        data["override_reason"] = override
    chart.journal.add("LevelOfCareStarted", stay.start, data, actor=stay.clinician)
    chart.stays.append(stay)


def _left_care(chart: Chart, stay: Stay) -> None:
    """Out of our care: sober living and medication come to an end, and charting goes wrong now and then."""
    profile, rng = chart.profile, chart.rng
    if profile.house and rng.random() < 0.6:
        left = stay.end + rng.randint(1, 40) * DAY
        chart.journal.add("SoberLivingLeft", left, {"house": profile.house}, delay=DAY)
        profile.house = ""
    if rng.random() < 0.7:
        stop_maintenance(chart, stay.end, "left care" if stay.reason != "completed" else "continues elsewhere")
    if rng.random() < DIRT["session_after_end"]:
        at = workday(stay.last_day + 1) * DAY + 10 * HOUR
        data = {"kind": "individual", "minutes": 50, "clinician": stay.clinician}
        chart.journal.add("SessionAttended", at, data, delay=HOUR, actor=stay.clinician)
