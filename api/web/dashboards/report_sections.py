"""Sections of each dashboard: a chart and a table from the same rows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import replace
from itertools import accumulate

from api.i18n.formats import day
from api.i18n.language import N_, translated
from api.web.dashboards import figures
from api.web.dashboards.measure_sections import MEASURE_SECTIONS
from api.web.dashboards.sections import Column, Section, count, groups, interval, mean, share
from api.web.dashboards.time_sections import TIME_SECTIONS
from api.web.frame.pages import Pages
from domain.vocabulary import REASONS
from infra.drilldown.catalogue import WEEKS
from infra.reporting.reports import ALL, ReportParams, Rows, run_report
from projections.abstinence.queries import all_measures, patterns, weekly_shares
from projections.completion.definition import DENOMINATORS, LENGTH_OF_STAY, denominators
from projections.timeline.words import words

MOST_CELLS = 3_600


def _status(pages: Pages, params: ReportParams) -> list[Section]:
    by = params.by or ("state", "level")
    rows = run_report("status", pages.services, params)
    columns = [*groups(by), count("Clients", "clients")]
    figure = figures.bars(rows, by, "clients", "Clients")
    return [
        Section(
            "Clients by group",
            "Clients, each counted once",
            columns,
            rows,
            figure,
            csv="main",
            question=("status", params),
        ),
    ]


def _census(pages: Pages, params: ReportParams) -> list[Section]:
    by = params.filters(("level",)).by
    rows = run_report("census", pages.services, params)
    average = run_report("census", pages.services, replace(params, show="average"))
    columns = [
        *groups(by),
        mean("Average daily census", "average_daily_census"),
        count("Admissions", "admissions"),
        count("Discharges", "discharges"),
    ]
    days = [
        Column("Day", "day", lambda row: day(row["day"]), numeric=False, as_is=True),
        *groups(by),
        count("Census", "census"),
        count("Admissions", "admissions"),
        count("Discharges", "discharges"),
    ]
    recent = sorted(rows, key=lambda row: row["day"], reverse=True)[:200]
    return [
        Section(
            "Census by day",
            "Means and sums over the period",
            columns,
            average,
            figures.census(rows, by),
            question=("census", replace(params, show="average")),
        ),
        Section(
            "Day by day",
            "The latest days; the CSV holds them all",
            days,
            recent,
            csv="main",
            question=("census", replace(params, start=None, end=None)),
        ),
    ]


def _completion(pages: Pages, params: ReportParams) -> list[Section]:
    by = params.filters(("level",)).by
    rows = run_report("completion", pages.services, params)
    known = denominators(pages.services.settings.measures_file)
    denominator = known.get(params.denominator, DENOMINATORS["completed"])
    columns = [
        *groups(by),
        share("Rate", "completion_rate"),
        interval("ci_low", "ci_high"),
        count("Counted", "numerator"),
        count("Of", "denominator"),
        count("Ended stays", "discharges"),
        *(count(words(reason) or reason, reason) for reason in REASONS),
    ]
    lengths = run_report("completion", pages.services, replace(params, show="lengths"))
    length_columns = [
        *groups(by),
        Column("Reason", "reason", lambda row: words(row["reason"]) or "", numeric=False),
        count("Ended stays", "discharges"),
        count("First quartile", "days_q1"),
        count("Median days", "days_median"),
        count("Third quartile", "days_q3"),
    ]
    text = translated(denominator.definition)
    return [
        Section(
            denominator.title,
            "Ended stays by TEDS reason; Wilson intervals",
            columns,
            rows,
            figures.rates(rows, by, "completion_rate", denominator.title),
            note=text,
            csv="main",
            question=("completion", params),
        ),
        Section(
            "Length of stay",
            "Days by how the stay ended",
            length_columns,
            lengths,
            note=LENGTH_OF_STAY,
            question=("completion", replace(params, show="lengths")),
        ),
    ]


def _abstinence(pages: Pages, params: ReportParams) -> list[Section]:
    by = params.by or ("level" if params.measure else ALL,)
    params = replace(params, by=by)
    by = params.filters(()).by
    measures = all_measures(pages.services.settings.measures_file)
    rows = run_report("abstinence", pages.services, params)
    for row in rows:
        row["measure_title"] = translated(measures[row["measure"]].title)
    shares = [row for row in rows if measures[row["measure"]].result in {"yes_no", "week_event"}]
    values = [row for row in rows if measures[row["measure"]].result != "yes_no"]
    title_column = Column("Measure", "measure_title", lambda row: row["measure_title"], numeric=False)
    unscreened = count("Without any screen", "without_screens")
    share_columns = [
        *groups(by),
        title_column,
        count("Stays with it", "numerator"),
        count("Of", "denominator"),
        share("Share", "share"),
        interval("ci_low", "ci_high"),
        unscreened,
    ]
    value_columns = [
        *groups(by),
        title_column,
        count("Stays", "denominator"),
        mean("Mean", "mean"),
        count("First quartile", "q1"),
        count("Median", "median"),
        count("Third quartile", "q3"),
        unscreened,
    ]
    chosen = measures.get(params.measure or "")
    text = f"{translated(chosen.definition)} {translated(chosen.missing_rule)}" if chosen else ""
    sections = [
        Section(
            "Shares",
            "Each stay counts once; Wilson intervals",
            share_columns,
            shares,
            figures.rates(shares, ("measure_title", *by), "share", "Share of stays"),
            note=text,
            csv="main",
            question=("abstinence", params),
        ),
        Section("Values", "Weeks, counts and times", value_columns, values, question=("abstinence", params)),
    ]
    shares_section, values_section = sections
    every = [shares_section, *_pattern_sections(pages, params), values_section]
    return [section for section in every if section.rows or section.patterns] or [shares_section]


def _pattern_sections(pages: Pages, params: ReportParams) -> list[Section]:
    filters = params.filters(("level",))
    with pages.services.reads.reading() as connection:
        weeks: Rows = weekly_shares(connection, filters)
        rows_of_patterns = _within(patterns(connection, filters))
    columns = [
        count("Week", "week"),
        count("Stays", "stays"),
        count("Clean", "clean"),
        count("Use", "use"),
        count("Both", "both"),
        count("Missing", "missing"),
    ]
    caption = N_("Stays by what their screens of that week say")
    question = "abstinence", replace(params, by=(), measure=None, show=WEEKS)
    sections = [Section("Week by week", caption, columns, weeks, figures.weeks(weeks), question=question)]
    if rows_of_patterns:
        note = N_("One stay a row, one week a cell; the newest stays, up to 200.")
        sections.append(Section(N_("Patterns"), "", patterns=rows_of_patterns, note=note))
    return sections


def _within(texts: list[str]) -> list[str]:
    """As many patterns as have so many weeks together."""
    weeks = list(accumulate(map(len, texts)))
    return texts[: bisect_right(weeks, MOST_CELLS)]


SECTIONS: dict[str, Callable[[Pages, ReportParams], list[Section]]] = {
    "status": _status,
    "census": _census,
    "completion": _completion,
    **TIME_SECTIONS,
    "abstinence": _abstinence,
    **MEASURE_SECTIONS,
}
