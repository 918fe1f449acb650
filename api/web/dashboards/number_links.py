"""Addresses of drill-downs: what a dashboard's table links to, and what such an address asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from infra.drilldown.catalogue import named, numbers_of
from infra.reporting.kinds import ReportParams
from projections.filters import FilterError
from projections.time_to_event.definition import DAYS

_QUARTILES = ("q1", "median", "q3")
# What is no count opens as the cases that it is made of.
MADE_OF: dict[str, str] = {
    **dict.fromkeys(("completion_rate", "share"), "numerator"),
    "share_reached": "reached",
    "attendance_rate": "attended",
    "no_show_rate": "no_shows",
    "first_share": "first_numerator",
    "second_share": "second_numerator",
    **dict.fromkeys(("median_days", *(f"retained_{day}" for day in (30, 60, 90, 180))), "stays"),
    **dict.fromkeys((f"share_{day}" for day in DAYS), "clients"),
    **dict.fromkeys((f"days_{name}" for name in _QUARTILES), "discharges"),
    **dict.fromkeys((f"days_since_use_{name}" for name in _QUARTILES), "reported_use"),
    **dict.fromkeys((f"longest_run_{name}" for name in _QUARTILES), "clients"),
    **dict.fromkeys(("sessions_per_week", "hours_per_week", "planned_per_week", "received_of_planned"), "weeks"),
    **dict.fromkeys(("mean_first", "mean_last", "mean_change"), "episodes"),
    **dict.fromkeys(("mean", *_QUARTILES, "kappa"), "denominator"),
}
_DEFAULTS = {"cohort": "discharge", "denominator": "completed"}


def link_of(
    report: str, params: ReportParams, row: Mapping[str, Any], number: str, more: Mapping[str, str] | None = None
) -> str:
    """The address of a number of a row; empty where there is none to open."""
    if row.get(number) is None:
        return ""
    name = MADE_OF.get(number, number)
    if name not in _openable(report, params) or not isinstance(row.get(name), int):
        return ""
    return address(report, {**query_of(params), **(more or {})}, name, named(report, params, row))


def address(report: str, query: Mapping[str, str], number: str, at: Mapping[str, str]) -> str:
    """The address of a number."""
    pairs = [*query.items(), ("number", number), *(("at", f"{name}={value}") for name, value in at.items())]
    return f"/dashboards/{report}/number?" + urlencode(pairs, safe="=,:")


def query_of(params: ReportParams) -> dict[str, str]:
    """A question as the address of a dashboard has it, without what goes without saying."""
    question = {
        "by": ",".join(params.by),
        "from": params.start.isoformat() if params.start else "",
        "to": params.end.isoformat() if params.end else "",
        "cohort": params.cohort,
        **params.where,
        "measure": params.measure or "",
        "denominator": params.denominator,
        "show": params.show,
        "compare": params.compare,
        **params.endpoint.as_params(),
        "days": ",".join(map(str, params.days)),
    }
    return {name: value for name, value in question.items() if value and value != _DEFAULTS.get(name)}


def _openable(report: str, params: ReportParams) -> tuple[str, ...]:
    try:
        return numbers_of(report, params)
    except FilterError:
        return ()
