"""The headline number of a saved view: what its report says of all that it asks, of no group apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from api.i18n.formats import number, percent
from api.i18n.language import N_
from api.web.dashboards.overview_cards import counted, rounded
from api.web.dashboards.trends import trend_for
from api.web.frame.pages import Pages
from domain.phrases import Phrase
from infra.reporting.headlines import FOLLOWED_DAYS, RETAINED_DAYS, Point
from infra.reporting.kinds import ALL, ReportParams
from infra.reporting.reports import TIME_TO_EVENT, run_report
from infra.reporting.span import span_of
from infra.settings import Settings
from infra.views.view import View
from projections.abstinence.queries import all_measures
from projections.completion.definition import denominators
from projections.filters import FilterError
from projections.quality.definition import MEASURES as QUALITY
from projections.small_counts import small


@dataclass(frozen=True, slots=True)
class ViewNumber:
    """What a view's number is called, with its value, counts and interval, and the days that it is of."""

    title: str | Phrase
    point: Point
    is_share: bool = False
    period: Phrase | None = None

    @property
    def value(self) -> str:
        """As the reader's language writes it."""
        return percent(self.point.value) if self.is_share else number(rounded(self.point.value))

    @property
    def of(self) -> str:
        """The counts behind it and its interval; empty where it has none."""
        return counted(self.point)

    @property
    def is_small(self) -> bool:
        """Whether one of its counts is of few people."""
        counts = [self.point.above, self.point.below, None if self.is_share else rounded(self.point.value)]
        return any(small(count) for count in counts if isinstance(count, int))


def number_of(pages: Pages, view: View) -> ViewNumber | None:
    """The number of a view as of now; None of a report that has no one number for what it asks."""
    try:
        params = replace(view.params(pages.services.today()), by=(ALL,), show="")
    except FilterError:  # the report no longer takes what the view asks; its page says why
        return None
    number_read = _number(pages, view, params)
    span = span_of(view.report, params, pages.services.today())
    return replace(number_read, period=span.phrase) if number_read and span else number_read


def _number(pages: Pages, view: View, params: ReportParams) -> ViewNumber | None:
    services = pages.services
    try:
        trend = trend_for(view.report, params, services.settings)
        if trend is None:
            return _other(pages, view.report, params)
        rows = run_report(view.report, services, replace(params, show=trend.show, **_measured(trend.only)))
    except FilterError:  # the report no longer takes what the view asks; its page says why
        return None
    own_rows = [row for row in rows if all(row[name] == value for name, value in trend.only.items())]
    if len(own_rows) != 1:
        return None
    names = [name for _title, name in trend.counts] if trend.low else []
    point = _point(own_rows[0], trend.value, *([""] * (2 - len(names))), *names, trend.low, trend.high)
    return ViewNumber(_titled(view.report, params, services.settings, trend.only), point, bool(trend.low))


def _measured(only: Mapping[str, Any]) -> dict[str, Any]:
    return {"measure": only["measure"]} if "measure" in only else {}


def _titled(report: str, params: ReportParams, settings: Settings, only: Mapping[str, Any]) -> str | Phrase:
    match report:
        case "completion":
            return denominators(settings.measures_file)[params.denominator].title
        case "abstinence":
            return all_measures(settings.measures_file)[only["measure"]].title
        case "retention":
            return Phrase(N_("Still in their stay after {days} days"), days=RETAINED_DAYS)
        case "prevalence":
            return Phrase(N_("Abstinent {days} days after the last stay"), days=FOLLOWED_DAYS)
        case "attendance":
            return N_("Attendance rate")
        case _:
            return N_("Average daily census")


def _other(pages: Pages, report: str, params: ReportParams) -> ViewNumber | None:
    """The number of a report without a trend: clients, a median, or the share of the one measure that is asked for."""
    if report not in {"status", TIME_TO_EVENT} and not (report == "quality" and params.measure):
        return None
    rows = run_report(report, pages.services, params)
    if len(rows) != 1:
        return None
    [row] = rows
    if report == "status":
        return ViewNumber(N_("Clients"), _point(row, "clients"))
    if report == TIME_TO_EVENT:
        return ViewNumber(N_("Median days"), _point(row, "median_days", "events", "clients"))
    return ViewNumber(
        QUALITY[row["measure"]].title,
        _point(row, "share", "numerator", "denominator", "ci_low", "ci_high"),
        is_share=True,
    )


def _point(row: Mapping[str, Any], *names: str) -> Point:
    return Point(date.min, *(row.get(name) for name in names))
