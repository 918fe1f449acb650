"""The trend of a report: its rate of each month or quarter with its interval, and what was defined anew in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from api.i18n.formats import period_title
from api.i18n.language import N_, _, translated
from api.web.dashboards.figures import GREY, PALETTE, Figure, framed
from api.web.dashboards.sections import Column, Section, count, interval, mean, share
from api.web.dashboards.trends import BY_MONTH, Trend, numbers_of, periods, trend_for, within
from api.web.frame.pages import Pages
from domain.entries import moment
from infra.reporting.kinds import ALL
from infra.reporting.periods import months_before, period_days
from infra.reporting.question import PERIOD, TrendKind, trend_kind
from infra.reporting.reports import ReportParams, Rows
from projections.provider.queries import defined_between

MONTHS_SHOWN = 60
_WHEN = (PERIOD, "from", "to")


def trend_of(pages: Pages, report: str, params: ReportParams, question: Mapping[str, str]) -> list[Section]:
    """The trend over the period, of no group apart; where none is asked, twelve months or four quarters that are over.

    ``question`` says whether it is by month or by quarter, and whether a period is asked at all.

    Raises:
        FilterError: it asks for a trend of another kind.
    """
    kind = trend_kind(question)
    trend = trend_for(report, params, pages.services.settings)
    if trend is None or params.compare:
        return []
    start, end = _days(pages, params, kind, is_asked=any(question.get(name) for name in _WHEN))
    measure = trend.only.get("measure", params.measure)
    month_params = replace(params, by=(ALL,), start=start, end=end, measure=measure, show=trend.show)
    every = periods(kind, start, end)
    if kind == "month" and trend.monthly:
        month_params = replace(month_params, by=BY_MONTH)
    rows = numbers_of(pages.services, report, month_params, every, trend)
    marks = _defined(pages, start, end, kind, trend)
    for row in rows:
        row["defined"] = ", ".join(marks.get(row["period"], ()))
    number = share(N_("Rate"), trend.value) if trend.low else mean(N_("Average daily census"), trend.value)
    columns = [
        Column(
            {"month": N_("Month"), "quarter": N_("Quarter")}[kind],
            "period",
            _titled,
            numeric=False,
            of=("month",),
            as_is=True,
        ),
        number,
        *([interval(trend.low, trend.high)] if trend.low else []),
        *(count(title, name) for title, name in trend.counts),
    ]
    if marks:
        columns.append(Column(N_("Defined anew"), "defined", lambda row: row["defined"] or "–", numeric=False))
    named = {period.name: within(month_params, period, trend) for period in every}
    return [
        Section(
            translated(trend.title[kind]),
            _note(trend, kind),
            columns,
            rows,
            _figure(rows, trend, marks, kind),
            question=(report, month_params),
            narrowed=None if month_params.by == BY_MONTH else lambda row: named[row["period"]],
        )
    ]


def _days(pages: Pages, params: ReportParams, kind: TrendKind, *, is_asked: bool) -> tuple[date, date]:
    usual = year_of(kind, pages.services.today())
    start, end = (params.start, params.end) if is_asked else (None, None)
    start = start or usual[0]
    end = end or max(usual[1], start)
    return max(start, end - timedelta(days=31 * MONTHS_SHOWN)), end


def year_of(kind: TrendKind, today: date) -> tuple[date, date]:
    """A year that ends with the last whole month or quarter: half a quarter is no quarter."""
    if kind == "month":
        return period_days("last_12_months", today)
    begin, end = period_days("last_quarter", today)
    return months_before(begin, 9), end


def _titled(row: Mapping[str, Any]) -> str:
    return period_title(row["period"])


def _note(trend: Trend, kind: TrendKind) -> str:
    if not trend.low:
        return N_("Means over the days of each; a dashed line where a site or a program was defined anew.")
    if kind == "quarter":
        return N_("Each quarter with its 95 % interval; a dashed line where a program was defined anew.")
    return N_("Each month with its 95 % interval; a dashed line where a program was defined anew.")


def _defined(pages: Pages, start: date, end: date, kind: TrendKind, trend: Trend) -> dict[str, list[str]]:
    """What was defined or changed in each period by its name, by the facility's calendar."""
    services = pages.services
    first, last = (datetime(day.year, day.month, day.day, tzinfo=services.zone) for day in (start, end))
    with services.reads.reading() as connection:
        every = [
            period
            for what in trend.marks
            for period in defined_between(connection, what, first, last + timedelta(days=1))
        ]
    names: dict[str, list[str]] = {}
    for period in every:
        day = services.day_of(moment(period.since))
        if start <= day <= end:
            names.setdefault(periods(kind, day, day)[0].name, []).append(period.name)
    return names


def _figure(rows: Rows, trend: Trend, marks: Mapping[str, Sequence[str]], kind: TrendKind) -> Figure:
    line = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [_first(row["period"]) for row in rows],
        "y": [row[trend.value] for row in rows],
        "text": [_titled(row) for row in rows],
        "line": {"color": PALETTE[0], "width": 2},
        "showlegend": False,
        "hovertemplate": "%{text}: %{y:.1%}<extra></extra>" if trend.low else "%{text}: %{y:.1f}<extra></extra>",
    }
    lines = [
        {"type": "line", "x0": _first(name), "x1": _first(name), "yref": "paper", "y0": 0, "y1": 1}
        | {"line": {"dash": "dash", "color": GREY, "width": 1}}
        for name in marks
    ]
    values = {"tickformat": ".0%", "range": [0, 1], "title": {"text": _("Rate")}}
    if not trend.low:
        values = {"rangemode": "tozero", "title": {"text": _("Average daily census")}}
    dates: dict[str, Any] = {"type": "date"}
    if kind == "quarter":
        dates |= {"tickvals": line["x"], "ticktext": line["text"]}
    return framed([*_band(rows, trend), line], 6, {"xaxis": dates, "yaxis": values, "shapes": lines})


def _band(rows: Rows, trend: Trend) -> list[dict[str, Any]]:
    """The interval of each rate, as the space between two lines; none of a number without one."""
    banded = [row for row in rows if trend.low and row[trend.low] is not None]
    if not banded:
        return []
    edge: dict[str, Any] = {"type": "scatter", "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    edge |= {"x": [_first(row["period"]) for row in banded], "showlegend": False}
    return [
        {**edge, "y": [row[trend.high] for row in banded]},
        {**edge, "y": [row[trend.low] for row in banded], "fill": "tonexty", "fillcolor": f"{PALETTE[0]}2a"},
    ]


def _first(name: str) -> str:
    """The first day of a month or quarter by its name."""
    year, _dash, part = name.partition("-")
    month = 3 * int(part[1:]) - 2 if part.startswith("Q") else int(part)
    return f"{year}-{month:02}-01"
