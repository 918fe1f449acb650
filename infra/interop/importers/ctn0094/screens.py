"""Drug screens: one for each day with a substance found, or with a visit."""

from __future__ import annotations

from typing import Final

from infra.interop.importers.ctn0094.chart import SCREENED, Chart
from infra.interop.importers.ctn0094.tables import Amount, SubstanceDay, Visit
from infra.interop.importers.ctn0094.visits import ATTENDED

_TEMPERATURE_OK: Final = {0: False, 1: True}


def add_screens(chart: Chart, visits: list[Visit], findings: list[SubstanceDay], temperatures: list[Amount]) -> None:
    """``DrugScreenResulted``, one a day.

    A visit's screen counts as given: where nothing was found that day it is negative. What was found on a day
    without a visit is an unscheduled screen.
    """
    visited = {visit.day for visit in visits if visit.day is not None and visit.what in ATTENDED}
    positive = _found_by_day(chart, findings)
    warm = _temperature_by_day(chart, temperatures, visited | positive.keys())
    for day in sorted(visited | positive.keys()):
        substances = positive.get(day)
        data: dict[str, object] = {"specimen": "urine", "positive": sorted(substances or ())}
        if day in warm:
            data["temperature_ok"] = warm[day]
        if day not in visited:
            data["unscheduled"] = True
        chart.add("uds" if substances else "visit", "DrugScreenResulted", day, SCREENED, data)


def _found_by_day(chart: Chart, rows: list[SubstanceDay]) -> dict[int, list[str]]:
    by_day: dict[int, list[str]] = {}
    for row in rows:
        if row.day is None:
            chart.account.leave("uds", row.row, chart.who, "no day")
        elif not row.what:
            chart.account.leave("uds", row.row, chart.who, "no substance")
        elif row.day not in by_day:
            by_day[row.day] = [row.what]
            chart.account.use("uds", row.row)
        else:
            if row.what not in by_day[row.day]:
                by_day[row.day].append(row.what)
            chart.account.merge("uds", row.row)
    return by_day


def _temperature_by_day(chart: Chart, rows: list[Amount], screened: set[int]) -> dict[int, bool]:
    """Whether the temperature was right; with several of a day, only if it never was wrong."""
    right: dict[int, bool] = {}
    for row in rows:
        if row.day is None:
            chart.account.leave("uds_temp", row.row, chart.who, "no day")
            continue
        if row.day not in screened:
            chart.account.leave("uds_temp", row.row, chart.who, "temperature of a day without a screen")
            continue
        chart.account.merge("uds_temp", row.row)
        ok = _TEMPERATURE_OK.get(row.amount if row.amount is not None else -1)
        if ok is None:
            continue
        if row.day in right and right[row.day] != ok:
            chart.account.remark("uds_temp", row.row, chart.who, "two temperatures of a day, one of them wrong")
        right[row.day] = ok and right.get(row.day, True)
    return right
