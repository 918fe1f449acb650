"""What each dashboard shows: sections of chart and table from the same rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from api.web import charts
from api.web.rendering import Pages, number, percent
from domain.vocabulary import LEVEL_BOUNDS, REASONS
from infra.reports import ALL, ReportParams, Rows, run_report
from projections.abstinence.queries import all_measures, patterns, weekly_shares
from projections.completion.definition import DENOMINATORS, LENGTH_OF_STAY
from projections.suppression import hide_counts
from projections.timeline.words import words

HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its title and how a row shows in it."""

    title: str
    name: str
    show: Callable[[Mapping[str, Any]], str]
    numeric: bool = True


@dataclass(frozen=True, slots=True)
class Section:
    """A chart with its table."""

    title: str
    caption: str
    columns: Sequence[Column] = ()
    rows: Rows = field(default_factory=Rows)
    figure: dict[str, Any] | None = None
    patterns: Sequence[str] = ()
    note: str = ""
    csv: str = ""

    def with_csv(self, address: str) -> Section:
        """The same section with the address of its CSV, if it is the report's main table."""
        return replace(self, csv=address if self.csv else "")


def _groups(by: Sequence[str]) -> list[Column]:
    return [Column(words(name) or name, name, _named(name), numeric=False) for name in by]


def _named(name: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda row: charts.name_of(row[name])


def _count(title: str, name: str) -> Column:
    return Column(title, name, lambda row: _hidden(row, name) or number(row[name]))


def _share(title: str, name: str) -> Column:
    return Column(title, name, lambda row: _hidden(row, name) or percent(row[name]))


def _interval(low: str, high: str) -> Column:
    def show(row: Mapping[str, Any]) -> str:
        return _hidden(row, low) or (f"{percent(row[low])} – {percent(row[high])}" if row[low] is not None else "–")

    return Column("95 % interval", low, show)


def _hidden(row: Mapping[str, Any], name: str) -> str:
    return HIDDEN if row.get("suppressed") and row[name] is None else ""


def _note(params: ReportParams) -> str:
    return (
        "Groups of 1–10 people are hidden, and with them what would give them away by subtraction."
        if params.suppress
        else ""
    )


def _status(pages: Pages, params: ReportParams) -> list[Section]:
    by = params.by or ("state", "level")
    rows = run_report("status", pages.services, params)
    columns = [*_groups(by), _count("Clients", "clients")]
    figure = charts.bars(rows, by, "clients", "Clients")
    return [
        Section("Clients by group", "Clients, each counted once", columns, rows, figure, note=_note(params), csv="y")
    ]


def _census(pages: Pages, params: ReportParams) -> list[Section]:
    by = params.by or ("level",)
    rows = run_report("census", pages.services, params)
    average = run_report("census", pages.services, replace(params, show="average"))
    columns = [
        *_groups(by),
        _count("Average daily census", "average_daily_census"),
        _count("Admissions", "admissions"),
        _count("Discharges", "discharges"),
    ]
    days = [
        Column("Day", "day", lambda row: row["day"], numeric=False),
        *_groups(by),
        _count("Census", "census"),
        _count("Admissions", "admissions"),
        _count("Discharges", "discharges"),
    ]
    recent = sorted(rows, key=lambda row: row["day"], reverse=True)[:200]
    return [
        Section(
            "Census by day",
            "Means and sums over the period",
            columns,
            average,
            charts.census(rows, by),
            note=_note(params),
        ),
        Section("Day by day", "The latest days; the CSV holds them all", days, recent, csv="y"),
    ]


def _completion(pages: Pages, params: ReportParams) -> list[Section]:
    by = params.by or ("level",)
    rows = run_report("completion", pages.services, params)
    denominator = DENOMINATORS[params.denominator]
    columns = [
        *_groups(by),
        _share("Rate", "completion_rate"),
        _interval("ci_low", "ci_high"),
        _count("Counted", "numerator"),
        _count("Of", "denominator"),
        _count("Ended stays", "discharges"),
        *(_count(words(reason) or reason, reason) for reason in REASONS),
    ]
    lengths = run_report("completion", pages.services, replace(params, show="lengths"))
    length_columns = [
        *_groups(by),
        Column("Reason", "reason", lambda row: words(row["reason"]) or "", numeric=False),
        _count("Ended stays", "discharges"),
        _count("First quartile", "days_q1"),
        _count("Median days", "days_median"),
        _count("Third quartile", "days_q3"),
    ]
    note = " ".join(part for part in (denominator.definition, _note(params)) if part)
    return [
        Section(
            denominator.title,
            "Ended stays by TEDS reason; Wilson intervals",
            columns,
            rows,
            charts.rates(rows, by, "completion_rate", denominator.title),
            note=note,
            csv="y",
        ),
        Section("Length of stay", "Days by how the stay ended", length_columns, lengths, note=LENGTH_OF_STAY),
    ]


def _retention(pages: Pages, params: ReportParams) -> list[Section]:
    by = params.by or ("level",)
    rows = run_report("retention", pages.services, params)
    curve = run_report("retention", pages.services, replace(params, show="curve"))
    columns = [*_groups(by), _count("Stays", "stays"), _count("Ended", "ended"), _count("Median days", "median_days")]
    for day in (30, 60, 90, 180):
        columns += [_share(f"At {day} days", f"retained_{day}"), _band(day)]
    shown = {name: bounds.title for name, bounds in LEVEL_BOUNDS.items()}
    note = _note(params) or f"Levels: {', '.join(shown.values())}."
    return [
        Section(
            "Share still in the level",
            "Kaplan–Meier, 95 % bands",
            columns,
            rows,
            charts.retention(curve, by),
            note=note,
            csv="y",
        )
    ]


def _band(day: int) -> Column:
    low, high = f"retained_{day}_low", f"retained_{day}_high"

    def show(row: Mapping[str, Any]) -> str:
        return f"{percent(row[low])} – {percent(row[high])}" if row[low] is not None else "–"

    return Column("95 %", low, show)


def _abstinence(pages: Pages, params: ReportParams) -> list[Section]:
    by = params.by or ("level" if params.measure else ALL,)
    params = replace(params, by=by)
    by = params.filters(()).by
    measures = all_measures(pages.services.settings.measures_file)
    rows = run_report("abstinence", pages.services, params)
    for row in rows:
        row["measure_title"] = measures[row["measure"]].title
    shares = [row for row in rows if measures[row["measure"]].result in {"yes_no", "week_event"}]
    values = [row for row in rows if measures[row["measure"]].result != "yes_no"]
    title_column = Column("Measure", "measure_title", lambda row: row["measure_title"], numeric=False)
    share_columns = [
        *_groups(by),
        title_column,
        _count("Stays with it", "numerator"),
        _count("Of", "denominator"),
        _share("Share", "share"),
        _interval("ci_low", "ci_high"),
    ]
    value_columns = [
        *_groups(by),
        title_column,
        _count("Stays", "denominator"),
        _count("Mean", "mean"),
        _count("First quartile", "q1"),
        _count("Median", "median"),
        _count("Third quartile", "q3"),
    ]
    chosen = measures.get(params.measure or "")
    note = " ".join(
        part for part in (f"{chosen.definition} {chosen.missing_rule}" if chosen else "", _note(params)) if part
    )
    sections = [
        Section(
            "Shares",
            "Each stay counts once; Wilson intervals",
            share_columns,
            shares,
            charts.rates(shares, ("measure_title", *by), "share", "Share of stays"),
            note=note,
            csv="y",
        ),
        Section("Values", "Weeks, counts and times", value_columns, values),
    ]
    shares_section, values_section = sections
    found = [shares_section, *_pattern_sections(pages, params), values_section]
    return [section for section in found if section.rows or section.patterns] or [shares_section]


def _pattern_sections(pages: Pages, params: ReportParams) -> list[Section]:
    filters = params.filters(("level",))
    with pages.services.reads.reading() as connection:
        weeks: Rows = weekly_shares(connection, filters)
        rows_of_patterns = [] if params.suppress else patterns(connection, filters)
    if params.suppress:
        weeks = hide_counts(weeks, ("clean", "use", "both", "missing"), "stays", ())
        weeks = [row for row in weeks if row["stays"] is not None]
    columns = [
        _count("Week", "week"),
        _count("Stays", "stays"),
        _count("Clean", "clean"),
        _count("Use", "use"),
        _count("Both", "both"),
        _count("Missing", "missing"),
    ]
    found = [
        Section("Week by week", "Stays by what their screens of that week say", columns, weeks, charts.weeks(weeks))
    ]
    if rows_of_patterns:
        title = "Patterns"
        found.append(
            Section(title, "", patterns=rows_of_patterns, note="One stay a row, one week a cell; up to 200 stays.")
        )
    return found


SECTIONS: dict[str, Callable[[Pages, ReportParams], list[Section]]] = {
    "status": _status,
    "census": _census,
    "completion": _completion,
    "retention": _retention,
    "abstinence": _abstinence,
}
