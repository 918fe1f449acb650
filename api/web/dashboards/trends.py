"""Trends: the numbers of a report by month or quarter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from api.i18n.language import N_
from domain.phrases import Phrase
from infra.readmodels.context import HasReads
from infra.reporting.headlines import FOLLOWED_DAYS, RETAINED_DAYS
from infra.reporting.kinds import ALL
from infra.reporting.question import TREND_KINDS, TrendKind
from infra.reporting.reports import ReportParams, run_report
from infra.settings import Settings
from projections.abstinence.queries import all_measures
from projections.publications.periods import KINDS, Period, first_day, month_of_day, period

BY_MONTH = ("month",)
USUAL_MEASURE = "three_consecutive_negative"
_OF_A_MEASURE: dict[TrendKind, str] = {"month": N_("{measure}, by month"), "quarter": N_("{measure}, by quarter")}


@dataclass(frozen=True, slots=True)
class Trend:
    """What is followed of a report: a share with its interval or, where ``low`` is empty, a number; and of which rows.

    ``title`` is that by month and by quarter, ``counts`` what stands behind the number, ``show`` the report's table.
    ``marks`` are the kinds of things of the provider whose new definitions may move it. ``monthly`` says that the
    report answers by month in one go; else each month is asked for itself, as each quarter is.
    """

    title: Mapping[TrendKind, str | Phrase]
    value: str
    low: str
    high: str
    counts: tuple[tuple[str, str], ...]
    only: Mapping[str, Any]
    show: str = ""
    marks: tuple[str, ...] = ("program",)
    monthly: bool = True


_COUNTS = ((N_("Counted"), "numerator"), (N_("Of"), "denominator"))
_KEPT = f"retained_{RETAINED_DAYS}"
TRENDS: dict[str, Trend] = {
    "completion": Trend(
        {"month": N_("Completion by month"), "quarter": N_("Completion by quarter")},
        "completion_rate",
        "ci_low",
        "ci_high",
        _COUNTS,
        {},
    ),
    "retention": Trend(
        {
            "month": N_("Still in their stay after 90 days, by month of admission"),
            "quarter": N_("Still in their stay after 90 days, by quarter of admission"),
        },
        _KEPT,
        f"{_KEPT}_low",
        f"{_KEPT}_high",
        ((N_("Stays"), "stays"),),
        {},
    ),
    "prevalence": Trend(
        {
            "month": N_("Abstinent 30 days after the last stay, by month"),
            "quarter": N_("Abstinent 30 days after the last stay, by quarter"),
        },
        "share",
        "ci_low",
        "ci_high",
        _COUNTS,
        {"milestone": FOLLOWED_DAYS},
    ),
    "attendance": Trend(
        {"month": N_("Sessions attended by month"), "quarter": N_("Sessions attended by quarter")},
        "attendance_rate",
        "ci_low",
        "ci_high",
        ((N_("Attended"), "attended"), (N_("Offered"), "offered")),
        {},
    ),
    "abstinence": Trend(
        {"month": N_("Abstinence by month"), "quarter": N_("Abstinence by quarter")},
        "share",
        "ci_low",
        "ci_high",
        _COUNTS,
        {},
    ),
    "census": Trend(
        {"month": N_("Average daily census by month"), "quarter": N_("Average daily census by quarter")},
        "average_daily_census",
        "",
        "",
        ((N_("Admissions"), "admissions"), (N_("Discharges"), "discharges")),
        {},
        show="average",
        marks=("site", "program"),
        monthly=False,
    ),
}


def trend_for(report: str, params: ReportParams, settings: Settings) -> Trend | None:
    """What is followed of a report; of abstinence the measure that is asked for, where it has a share."""
    trend = TRENDS.get(report)
    if trend is None or report != "abstinence":
        return trend
    measures = all_measures(settings.measures_file)
    measure = measures.get(params.measure or "")
    chosen = measure if measure and measure.result in {"yes_no", "week_event"} else measures[USUAL_MEASURE]
    title = {kind: Phrase(_OF_A_MEASURE[kind], measure=Phrase(chosen.title)) for kind in TREND_KINDS}
    return replace(trend, title=title, only={"measure": chosen.id})


def periods(kind: TrendKind, start: date, end: date) -> list[Period]:
    """Those that two days and all between them lie in, in order."""
    size = KINDS[kind]
    first, last = (month_of_day(day.toordinal()) // size for day in (start, end))
    return [period(kind, number) for number in range(first, last + 1)]


def within(params: ReportParams, period: Period, trend: Trend) -> ReportParams:
    """What a report is asked for a period: of its days those that are asked for, of no group apart."""
    first, after = first_day(period.months[0]), first_day(period.months[-1] + 1)
    start, end = date.fromordinal(first), date.fromordinal(after - 1)
    start, end = max(start, params.start or start), min(end, params.end or end)
    return replace(params, by=(ALL,), start=start, end=end, show=trend.show)


def numbers_of(
    services: HasReads, report: str, month_params: ReportParams, every: Sequence[Period], trend: Trend
) -> list[dict[str, Any]]:
    """The report's own row of each period, whose name is its ``period``; none of one that it says nothing of.

    ``asked`` is by month where it answers for all of them in one go.
    """
    if month_params.by == BY_MONTH:
        rows = [(row["month"], row) for row in run_report(report, services, month_params)]
    else:
        rows = [
            (period.name, row)
            for period in every
            for row in run_report(report, services, within(month_params, period, trend))
        ]
    of_it = [{**row, "period": name} for name, row in rows if all(row[key] == v for key, v in trend.only.items())]
    return sorted(of_it, key=lambda row: row["period"])
