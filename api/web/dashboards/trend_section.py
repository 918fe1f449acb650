"""The trend of a report: its rate of each month with its interval, and where a program was defined anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from api.i18n.formats import month_of
from api.i18n.language import N_, _
from api.web.dashboards.figures import GREY, PALETTE, Figure, framed
from api.web.dashboards.sections import Column, Section, count, interval, share
from api.web.frame.rendering import Pages
from domain.entries import moment
from infra.reporting.headlines import FOLLOWED_DAYS, RETAINED_DAYS
from infra.reporting.periods import period_days
from infra.reporting.reports import ReportParams, Rows, run_report
from projections.provider.queries import defined_between

MONTHS_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Trend:
    """What is followed of a report: a share, its interval, the counts behind it, and of which rows."""

    title: str
    share: str
    low: str
    high: str
    counts: tuple[tuple[str, str], ...]
    only: Mapping[str, Any]


_COUNTS = ((N_("Counted"), "numerator"), (N_("Of"), "denominator"))
_KEPT = f"retained_{RETAINED_DAYS}"
TRENDS: dict[str, Trend] = {
    "completion": Trend(N_("Completion by month"), "completion_rate", "ci_low", "ci_high", _COUNTS, {}),
    "retention": Trend(
        N_("Still in their stay after 90 days, by month of admission"),
        _KEPT,
        f"{_KEPT}_low",
        f"{_KEPT}_high",
        ((N_("Stays"), "stays"),),
        {},
    ),
    "prevalence": Trend(
        N_("Abstinent 30 days after the last stay, by month"),
        "share",
        "ci_low",
        "ci_high",
        _COUNTS,
        {"milestone": FOLLOWED_DAYS},
    ),
}


def trend_of(pages: Pages, report: str, params: ReportParams) -> list[Section]:
    """The trend over the months of the period, the last twelve whole ones where none is asked; of no group apart."""
    trend = TRENDS.get(report)
    if trend is None or params.compare:
        return []
    usual = period_days("last_12_months", pages.services.today())
    start, end = params.start or usual[0], params.end or max(usual[1], params.start or usual[1])
    start = max(start, end - timedelta(days=31 * MONTHS_SHOWN))
    asked = replace(params, by=("month",), start=start, end=end)
    found = run_report(report, pages.services, asked)
    rows = sorted((row for row in found if _fits(row, trend)), key=lambda row: row["month"])
    marks = _defined(pages, start, end)
    for row in rows:
        row["defined"] = ", ".join(marks.get(row["month"], ()))
    columns = [
        Column(N_("Month"), "month", lambda row: month_of(date.fromisoformat(f"{row['month']}-01")), numeric=False),
        share(N_("Rate"), trend.share),
        interval(trend.low, trend.high),
        *(count(title, name) for title, name in trend.counts),
    ]
    if marks:
        columns.append(Column(N_("Program defined anew"), "defined", lambda row: row["defined"] or "–", numeric=False))
    note = N_("Each month with its 95 % interval; a dashed line where a program was defined anew.")
    return [Section(trend.title, note, columns, rows, _figure(rows, trend, marks), asked=(report, asked))]


def _fits(row: Mapping[str, Any], trend: Trend) -> bool:
    return all(row[name] == value for name, value in trend.only.items())


def _defined(pages: Pages, start: date, end: date) -> dict[str, list[str]]:
    """The programs that were defined or changed in each month (YYYY-MM), by the facility's calendar."""
    services = pages.services
    first, last = (datetime(day.year, day.month, day.day, tzinfo=services.zone) for day in (start, end))
    with services.reads.reading() as connection:
        every = defined_between(connection, "program", first, last + timedelta(days=1))
    found: dict[str, list[str]] = {}
    for one in every:
        day = services.day_of(moment(one.since))
        if start <= day <= end:
            found.setdefault(f"{day:%Y-%m}", []).append(one.name)
    return found


def _figure(rows: Rows, trend: Trend, marks: Mapping[str, Sequence[str]]) -> Figure:
    banded = [row for row in rows if row[trend.low] is not None]
    months = [f"{row['month']}-01" for row in banded]
    edge: dict[str, Any] = {"type": "scatter", "mode": "lines", "x": months, "line": {"width": 0}, "hoverinfo": "skip"}
    edge["showlegend"] = False
    traces = [
        {**edge, "y": [row[trend.high] for row in banded]},
        {**edge, "y": [row[trend.low] for row in banded], "fill": "tonexty", "fillcolor": f"{PALETTE[0]}2a"},
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": [f"{row['month']}-01" for row in rows],
            "y": [row[trend.share] for row in rows],
            "line": {"color": PALETTE[0], "width": 2},
            "showlegend": False,
            "hovertemplate": "%{x|%Y-%m}: %{y:.1%}<extra></extra>",
        },
    ]
    lines = [
        {"type": "line", "x0": f"{month}-01", "x1": f"{month}-01", "yref": "paper", "y0": 0, "y1": 1}
        | {"line": {"dash": "dash", "color": GREY, "width": 1}}
        for month in marks
    ]
    rate = {"tickformat": ".0%", "range": [0, 1], "title": {"text": _("Rate")}}
    return framed(traces, 6, {"xaxis": {"type": "date"}, "yaxis": rate, "shapes": lines})
