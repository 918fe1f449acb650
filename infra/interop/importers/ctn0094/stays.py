"""Levels of care: detox stays, the outpatient stay that randomisation starts, its plan and its end."""

from __future__ import annotations

from typing import Final, NamedTuple

from infra.interop.importers.ctn0094.chart import (
    DETOX_ENDED,
    DETOX_STARTED,
    MEDICATION_STARTED,
    PLAN_SET,
    STAY_ENDED,
    STAY_STARTED,
    Chart,
)
from infra.interop.importers.ctn0094.tables import Arm, DetoxDay, Visit

TWO_PHASES: Final = "30"
"""The study with a second phase, for those who did not do well in the first."""

_FIRST_PHASE_DAYS: Final = 98
_TREATMENT_DAYS: Final = 168


class Drug(NamedTuple):
    """The study drug of a treatment arm, with its class."""

    name: str
    drug_class: str


class Stay(NamedTuple):
    """A level of care from its first to its last day, both included; no last day: still open."""

    first: int
    last: int | None

    def holds(self, day: int) -> bool:
        """Whether the level was open on that day."""
        return self.first <= day and (self.last is None or day <= self.last)


def drug_of(arm: str) -> Drug:
    """The study drug of an arm: buprenorphine (BUP), methadone, or extended-release naltrexone (NR-NTX)."""
    if "BUP" in arm:
        return Drug("buprenorphine", "partial_agonist")
    if "Methadone" in arm:
        return Drug("methadone", "agonist")
    return Drug("naltrexone", "antagonist")


def planned_end(project: str, start: int) -> int:
    """The last day of the first plan: 24 weeks from consent; in project 30, 14 weeks from randomisation."""
    return start + _FIRST_PHASE_DAYS if project == TWO_PHASES else _TREATMENT_DAYS


def add_detox(chart: Chart, rows: list[DetoxDay]) -> list[Stay]:
    """A completed ``medical_detox`` stay for each admission with its discharge."""
    admissions, discharges = _placed(chart, rows, "admission"), _placed(chart, rows, "discharge")
    stays: list[Stay] = []
    for place, (day, row) in enumerate(admissions):
        following = admissions[place + 1][0] if place + 1 < len(admissions) else None
        chart.account.use("detox", row)
        chart.add("detox", "LevelOfCareStarted", day, DETOX_STARTED, {"level": "medical_detox"})
        ends = [d for d in discharges if d[0] >= day and (following is None or d[0] < following)]
        if not ends:
            chart.account.remark("detox", row, chart.who, "admission without a discharge: the stay stays open")
            stays.append(Stay(day, None))
            continue
        discharges.remove(ends[0])
        last, end_row = ends[0]
        chart.account.use("detox", end_row)
        data: dict[str, object] = {"level": "medical_detox", "reason": "completed"}
        chart.add("detox", "LevelOfCareEnded", last, DETOX_ENDED, data)
        stays.append(Stay(day, last))
    for _, row in discharges:
        chart.account.leave("detox", row, chart.who, "discharge without an admission")
    return stays


def _placed(chart: Chart, rows: list[DetoxDay], what: str) -> list[tuple[int, int]]:
    """(day, row) of one kind, first day first; rows without a day are left over."""
    placed: list[tuple[int, int]] = []
    for row in rows:
        if row.what != what:
            continue
        if row.day is None:
            chart.account.leave("detox", row.row, chart.who, "no day")
        else:
            placed.append((row.day, row.row))
    return sorted(placed)


def add_arm(chart: Chart, project: str, rows: list[Arm], detox: list[Stay]) -> Arm | None:
    """The stay that the first randomisation starts, and the second phase's plan; answers the first arm."""
    placed: list[Arm] = []
    for row in rows:
        if row.day is None:
            chart.account.leave("randomization", row.row, chart.who, "no day")
        else:
            placed.append(row)
    first = next((row for row in placed if row.which == "1"), None)
    for row in placed:
        day = row.day or 0
        if row is first:
            chart.account.use("randomization", row.row)
            _start(chart, project, row.treatment, day, detox)
        elif row.which == "2" and project == TWO_PHASES and first is not None:
            chart.account.use("randomization", row.row)
            plan: dict[str, object] = {"planned_end_on": chart.iso(day + _TREATMENT_DAYS)}
            chart.add("randomization", "TreatmentPlanSet", day, PLAN_SET, plan)
        else:
            chart.account.leave("randomization", row.row, chart.who, _why_not(row, project, first))
    return first


def _why_not(row: Arm, project: str, first: Arm | None) -> str:
    if first is None:
        return "second randomisation without a first"
    if row.which == "1":
        return "first randomisation given twice"
    return f"second randomisation of project {project}: it has one phase"


def _start(chart: Chart, project: str, arm: str, day: int, detox: list[Stay]) -> None:
    data: dict[str, object] = {
        "level": "standard_outpatient",
        "program": arm,
        "planned_end_on": chart.iso(planned_end(project, day)),
        "randomized": True,
    }
    if any(stay.first <= day and (stay.last is None or day < stay.last) for stay in detox):
        data["concurrent"] = True
    chart.add("randomization", "LevelOfCareStarted", day, STAY_STARTED, data)
    drug = drug_of(arm)
    medication: dict[str, object] = {"drug": drug.name, "class": drug.drug_class}
    chart.add("randomization", "MedicationStarted", day, MEDICATION_STARTED, medication)


def add_end(chart: Chart, start: int, visits: list[Visit]) -> Stay:
    """End the outpatient stay on the first day that a visit says jail or left; both on one day: jail."""
    ends = [
        (visit.day, reason)
        for visit in visits
        if visit.what and visit.day is not None and visit.day >= start and (reason := _end_reason(visit))
    ]
    if not ends:
        return Stay(start, None)
    last, reason = min(ends)
    data: dict[str, object] = {"level": "standard_outpatient", "reason": reason}
    chart.add("visit", "LevelOfCareEnded", last, STAY_ENDED, data)
    return Stay(start, last)


def _end_reason(visit: Visit) -> str:
    if "is_in_jail" in visit.flags:
        return "incarcerated"
    return "left_against_advice" if "is_left_study" in visit.flags else ""
