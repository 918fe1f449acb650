"""Visits: sessions attended and missed, and death."""

from __future__ import annotations

from typing import Final

from infra.interop.importers.ctn0094.chart import DIED, VISITED, Chart
from infra.interop.importers.ctn0094.stays import Stay
from infra.interop.importers.ctn0094.tables import Visit

ATTENDED: Final = frozenset({"visit", "final"})
VISIT_MINUTES: Final = 30
"""Nominal length of a study visit; the tables do not say it."""

_KIND: Final = "medication_management"
_CAUSES: Final = (
    ("is_in_jail", "jail"),
    ("is_in_hospital", "hospital"),
    ("is_illness", "illness"),
    ("is_on_vacation", "vacation"),
    ("is_forgot", "no_show"),
    ("is_no_show", "no_show"),
    ("is_left_study", "other"),
    ("is_moved", "other"),
    ("is_no_funding", "other"),
    ("is_missing_14_consecutive", "other"),
    ("is_unable", "other"),
    ("is_window", "other"),
    ("is_other", "other"),
)


def add_visits(chart: Chart, visits: list[Visit], stays: list[Stay]) -> None:
    """``SessionAttended``, ``SessionMissed`` or ``ClientDied`` for each row with a day and an outcome.

    A session outside every open level is recorded as it was, with a remark.
    """
    died: int | None = None
    for visit in sorted(visits, key=_by_day):
        reason = _unusable(visit)
        if visit.day is None or reason:
            chart.account.leave("visit", visit.row, chart.who, reason)
            continue
        chart.account.use("visit", visit.row)
        if "is_dead" in visit.flags and died is None:
            died = visit.day
            chart.add("visit", "ClientDied", died, DIED, {})
            continue
        remark = "after the client's death" if died is not None else _outside(visit.day, stays)
        if remark:
            chart.account.remark("visit", visit.row, chart.who, remark)
        _add_session(chart, visit, visit.day)


def _by_day(visit: Visit) -> tuple[int, int]:
    return (visit.day or 0, visit.row)


def _unusable(visit: Visit) -> str:
    if visit.day is None:
        return "no day"
    return "" if visit.what or "is_dead" in visit.flags else "visit without an outcome"


def _outside(day: int, stays: list[Stay]) -> str:
    """Why a live command would have refused a session of that day; empty if it would not."""
    if any(stay.holds(day) for stay in stays):
        return ""
    if not stays or day < min(stay.first for stay in stays):
        return "before any stay" if stays else "no stay"
    return "after the stay ended" if all(stay.first <= day for stay in stays) else "between two stays"


def _add_session(chart: Chart, visit: Visit, day: int) -> None:
    what = f"{visit.label}|{visit.what}"
    if visit.what in ATTENDED:
        data: dict[str, object] = {"kind": _KIND, "minutes": VISIT_MINUTES, "topic": visit.label}
        chart.add("visit", "SessionAttended", day, VISITED, data, what)
        return
    missed: dict[str, object] = {"kind": _KIND}
    cause = next((cause for flag, cause in _CAUSES if flag in visit.flags), None)
    if cause:
        missed["cause"] = cause
    chart.add("visit", "SessionMissed", day, VISITED, missed, what)
