"""Withdrawal tapers, medication for addiction treatment with its doses, and psychiatric medication."""

from __future__ import annotations

from typing import Any, Final

from infra.simulator.care.attendance import offer
from infra.simulator.chart import Chart, Stay
from infra.simulator.clock import DAY, HOUR, WEEK, workday
from infra.simulator.profile import MAT_CLASS

TAPER: Final[dict[str, tuple[str, str, tuple[float, ...]]]] = {
    "Opioid": ("buprenorphine", "partial_agonist", (8, 12, 12, 8, 6, 4, 2)),
    "Alcohol": ("chlordiazepoxide", "other", (100, 75, 50, 50, 25, 25, 10)),
    "Benzodiazepine": ("diazepam", "other", (40, 30, 30, 20, 20, 10, 10)),
}
PSYCHIATRIC: Final[dict[str, float]] = {
    "sertraline": 50,
    "bupropion": 150,
    "escitalopram": 10,
    "trazodone": 50,
}
MAINTENANCE: Final[dict[str, tuple[float, ...]]] = {
    "buprenorphine": (8, 12, 16, 24),
    "methadone": (40, 60, 80, 100),
    "naltrexone": (380,),
}
ROUTE: Final = {"buprenorphine": "sublingual", "methadone": "oral", "naltrexone": "intramuscular"}
MAT_STARTED: Final = 0.75
DAILY_DOSES: Final = 60  # observed methadone doses before take-home bottles


def taper(chart: Chart, stay: Stay) -> None:
    """Detox: a withdrawal medication from the first evening on, in falling doses."""
    plan = TAPER.get(chart.profile.primary)
    if plan is None:
        return
    drug, drug_class, doses = plan
    start: dict[str, Any] = {"drug": drug, "class": drug_class, "dose_mg": doses[0], "reason": "withdrawal"}
    chart.journal.add("MedicationStarted", stay.start + 40, start, delay=5, actor=stay.clinician)
    for count, day in enumerate(stay.days):
        for hour in (8, 20):
            at = day * DAY + hour * HOUR
            if stay.covers(at) and stay.reached(day):
                data = {"drug": drug, "dose_mg": doses[min(count, len(doses) - 1)] / 2, "route": "oral"}
                chart.journal.add("MedicationGiven", at, data, delay=6, actor=f"sim-{chart.site.code}-nurse-1")
    if not (drug == chart.profile.mat and chart.profile.medicated):
        chart.journal.add("MedicationStopped", stay.end - 20, {"drug": drug, "class": drug_class}, delay=10)


def maintenance(chart: Chart, stay: Stay) -> None:
    """Medication for opioid or alcohol use disorder: started where it fits, then given by its rhythm."""
    profile, rng = chart.profile, chart.rng
    fits = profile.mat and (profile.mat != "methadone" or stay.key == "otp")
    if not fits:
        return
    day = stay.first_day + rng.randint(1, 5)
    if not profile.medicated:
        at = workday(day) * DAY + 11 * HOUR
        if not (stay.covers(at) and stay.reached(at // DAY)) or not chart.chance(MAT_STARTED):
            return
        data: dict[str, Any] = {"drug": profile.mat, "class": MAT_CLASS[profile.mat]}
        data["dose_mg"] = MAINTENANCE[profile.mat][0]
        data["reason"] = "use disorder"
        chart.journal.add("MedicationStarted", at, data, actor=stay.clinician)
        profile.medicated_since = at
    _doses(chart, stay, workday(day))


def _doses(chart: Chart, stay: Stay, first: int) -> None:
    drug = chart.profile.mat
    ladder = MAINTENANCE[drug]
    given = 0
    day = first
    while day <= stay.last_day:
        at = day * DAY + 11 * HOUR + 20
        if stay.covers(at) and stay.reached(day):
            dose = ladder[min(given // 4, len(ladder) - 1)]
            data = {"drug": drug, "dose_mg": dose, "route": ROUTE[drug]}
            chart.journal.add("MedicationGiven", at, data, delay=5, actor=f"sim-{chart.site.code}-nurse-2")
        given += 1
        day += _rhythm(drug, given)


def _rhythm(drug: str, given: int) -> int:
    """Days to the next observed dose."""
    if drug == "naltrexone":
        return 4 * WEEK
    if drug == "methadone":
        return 1 if given < DAILY_DOSES else 3
    return WEEK


def stop_maintenance(chart: Chart, at: int, reason: str) -> None:
    """Write the end of the maintenance medication, if there is one."""
    profile = chart.profile
    if profile.medicated:
        data = {"drug": profile.mat, "class": MAT_CLASS[profile.mat], "reason": reason}
        chart.journal.add("MedicationStopped", at, data, delay=60)
        profile.medicated_since = 0


def psychiatry(chart: Chart, stay: Stay) -> None:
    """An evaluation in the first two weeks of who has a dual diagnosis; medication management after it."""
    profile, rng = chart.profile, chart.rng
    if stay.level in ("medical_detox", "alumni") or not (profile.dual or profile.medicated):
        return
    doctor = f"sim-{chart.site.code}-psychiatry-1"
    at = workday(stay.first_day + rng.randint(2, 11)) * DAY + 13 * HOUR
    if profile.dual and offer(chart, stay, at, "psychiatric_evaluation", 60, clinician=doctor) and chart.chance(0.6):
        drug = rng.choice(tuple(PSYCHIATRIC))
        data = {"drug": drug, "class": "psychiatric", "dose_mg": PSYCHIATRIC[drug]}
        chart.journal.add("MedicationStarted", at + 50, data, actor=doctor)
    for day in range(at // DAY + 21, stay.last_day + 1, 28):
        meeting = workday(day) * DAY + 13 * HOUR
        offer(chart, stay, meeting, "medication_management", 20, clinician=doctor)
