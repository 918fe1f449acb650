"""Drug screens on scheduled and unscheduled days, what they find, and what the clinician makes of it."""

from __future__ import annotations

from typing import Any, Final

from domain.levels import Level
from infra.simulator.care.attendance import absent
from infra.simulator.chart import Chart, Stay
from infra.simulator.clock import DAY, HOUR, workday
from infra.simulator.use import detectable

EVERY_DAYS: Final[dict[Level, int]] = {
    "medical_detox": 0,
    "residential": 7,
    "partial_hospitalization": 4,
    "intensive_outpatient": 4,
    "standard_outpatient": 7,
    "alumni": 0,
}
MISSED_BY_TEST: Final = 0.05
FALSE_POSITIVE: Final = 0.004
INVALID: Final = 0.008
UNSCHEDULED_A_DAY: Final = 0.008
PRESCRIBED: Final = {"buprenorphine": "Buprenorphine", "methadone": "Methadone"}


def screens(chart: Chart, stay: Stay) -> None:
    """One at admission, then by the level's rhythm; a few unannounced ones between."""
    _collect(chart, stay, stay.start + 45)
    every = EVERY_DAYS[stay.level]
    if not every:
        return
    rng = chart.rng
    positives = 0
    for day in range(stay.first_day + 2 + rng.randint(0, 2), stay.last_day + 1, every):
        at = workday(day) * DAY + (17 if stay.slot == "evening" else 9) * HOUR - 20
        if not stay.covers(at):
            continue
        cause = absent(chart, stay, at // DAY)
        if cause is not None:
            chart.journal.add("DrugScreenMissed", at, {"cause": cause}, delay=8 * HOUR)
            continue
        positives = _judge(chart, stay, at, positives, _collect(chart, stay, at))
        if rng.random() < UNSCHEDULED_A_DAY * every:
            _collect(chart, stay, at + rng.randint(1, 2) * DAY, unscheduled=True)


def _collect(chart: Chart, stay: Stay, at: int, *, unscheduled: bool = False) -> list[str]:
    """Write one screen; results from a laboratory come one to five days later."""
    rng, profile = chart.rng, chart.profile
    if not stay.covers(at) or not stay.reached(at // DAY):
        return []
    use = [name for name in detectable(profile, at // DAY) if rng.random() >= MISSED_BY_TEST]
    if rng.random() < FALSE_POSITIVE:
        use = sorted({*use, "Amphetamine"})
    expected = PRESCRIBED.get(profile.mat) if 0 < profile.medicated_since < at else None
    positive = [*use, expected] if expected and rng.random() < 0.96 else use
    kind = rng.random()
    specimen = "urine" if kind < 0.86 else "oral_fluid" if kind < 0.95 else "breath"
    if specimen == "breath":
        positive = use = [name for name in use if name == "Alcohol"]
    data: dict[str, Any] = {"specimen": specimen, "positive": positive}
    data["panel"] = "breathalyser" if specimen == "breath" else "10-panel"
    if specimen == "urine":
        data["temperature_ok"] = rng.random() >= 0.01
    if rng.random() < INVALID:
        data["valid"] = False
    if unscheduled:
        data["unscheduled"] = True
    lab = specimen != "breath" and rng.random() < 0.65
    if lab:
        data["lab"] = "Simulated Reference Laboratory"
        data["confirmed"] = bool(use)
    recorded = chart.journal.office_time(at // DAY + rng.randint(1, 5)) if lab else at + rng.randint(10, 60)
    chart.journal.add("DrugScreenResulted", at, data, recorded=recorded, actor="sim-lab" if lab else stay.clinician)
    return use


def _judge(chart: Chart, stay: Stay, at: int, positives: int, use: list[str]) -> int:
    """After a positive screen the clinician may call it a lapse, or with several in a row a relapse."""
    if not use:
        return 0
    rng = chart.rng
    seen = workday(at // DAY + rng.randint(2, 6)) * DAY + 15 * HOUR
    name = "RelapseRecorded" if positives >= 2 else "LapseRecorded"
    if seen < stay.end and positives in (0, 2) and rng.random() < 0.6:
        data = {"substance": use[0], "plan_reviewed": rng.random() < 0.7}
        chart.journal.add(name, seen, data, delay=30, actor=stay.clinician)
    return positives + 1
