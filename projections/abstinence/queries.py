"""Abstinence by group and by client."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from math import fsum
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, func, literal_column, select

from projections.abstinence.columns import EVENT_COLUMN, PATTERN_COLUMN, PATTERN_ID, VALUE_COLUMN
from projections.abstinence.measures import BUILT_IN, Measure, Result, evaluate, load_measures, weeks_for
from projections.abstinence.pattern import has_no_screens
from projections.abstinence.tables import MEASURE_COUNT, PATTERN, WEEK_COUNT, WEEKS
from projections.abstinence.targets import DEFAULT_TARGETS
from projections.base import fetch
from projections.columns import CLIENT, OF_STAY, PROGRAM, Column, Columns, ReportRow, names
from projections.filters import FilterError, Filters, days_of
from projections.statistics import quantile, wilson
from projections.stays.fold import month_of

GROUPS = names(OF_STAY)
_SUMMED = frozenset(measure.id for measure in BUILT_IN)
SCREENED = func.rtrim(PATTERN.c.pattern, literal_column("'o'")) != literal_column("''")
"""Whether a screen says something of a week."""
DEFINITION = (
    "Measures read from the weekly pattern of each stay: + use, - clean, * both, o missing. Weeks run from the day "
    "after the stay's start to its planned end, whether or not the client left early. Each stay counts once. A stay "
    "without any screen counts like every other, all its weeks missing: where missing is use, as use from week 1; "
    "without_screens says how many of a row's stays these are."
)
SOURCE = "Endpoint definitions of NIDA CTN protocol CTN-0094 (package CTNote), which names the trial behind each"


@lru_cache
def all_measures(file: Path | None) -> Mapping[str, Measure]:
    """Every measure by id: the built-in ones, then the programme's own.

    Raises:
        MeasureFileError: the programme's file is wrong; the message names the entry and the remedy.
    """
    measures = {measure.id: measure for measure in BUILT_IN}
    if file is not None:
        measures.update({measure.id: measure for measure in load_measures(file)})
    return measures


def chosen(measures: Mapping[str, Measure], measure_id: str | None) -> list[Measure]:
    """One measure, or all of them.

    Raises:
        FilterError: no such measure.
    """
    if measure_id is None:
        return list(measures.values())
    if measure_id not in measures:
        msg = f"no measure {measure_id!r}: choose from {', '.join((*measures, PATTERN_ID))}"
        raise FilterError(msg)
    return [measures[measure_id]]


def per_client(
    connection: Connection, filters: Filters, measures: Mapping[str, Measure], measure_id: str | None
) -> list[ReportRow]:
    """One row a stay with a pattern: client_id, program, value (and event), or every measure's value.

    Raises:
        FilterError: no such measure or filter.
    """
    filters = filters.checked(GROUPS)
    wanted = [] if measure_id == PATTERN_ID else chosen(measures, measure_id)
    rows: list[ReportRow] = []
    for client_id, _, program, _, _, pattern, findings in fetch(connection, _patterns(filters)):
        row: ReportRow = {"client_id": client_id, "program": program}
        if measure_id == PATTERN_ID:
            row["value"] = pattern
        elif measure_id is not None:
            row |= _result(evaluate(wanted[0], weeks_for(wanted[0], pattern, findings)))
        else:
            row[PATTERN_ID] = pattern
            read = {measure.id: evaluate(measure, weeks_for(measure, pattern, findings)) for measure in wanted}
            row |= {name: _compact(result) for name, result in read.items()}
        rows.append(row)
    return rows


def client_columns(measures: Mapping[str, Measure], measure_id: str | None) -> Columns:
    """The columns of ``per_client``, with or without rows.

    Raises:
        FilterError: no such measure.
    """
    if measure_id is None:
        measure_columns = (Column(measure.id, "value", measure.definition) for measure in measures.values())
        return (CLIENT, PROGRAM, PATTERN_COLUMN, *measure_columns)
    with_event = measure_id != PATTERN_ID and chosen(measures, measure_id)[0].result == "week_event"
    return (CLIENT, PROGRAM, VALUE_COLUMN, *((EVENT_COLUMN,) if with_event else ()))


def rates(
    connection: Connection, filters: Filters, measures: Mapping[str, Measure], measure_id: str | None
) -> list[ReportRow]:
    """Each measure by group: stays, and the share with its 95 % interval or the quartiles of the value.

    For (week, event) measures the share is that of stays with the event within their weeks.

    Raises:
        FilterError: no such measure, group or filter.
    """
    filters = filters.checked(GROUPS)
    wanted = chosen(measures, None if measure_id == PATTERN_ID else measure_id)
    counted: dict[tuple[tuple[str, ...], str], Counter[Outcome]] = {}
    wanted_from_patterns = [measure for measure in wanted if not from_sums(filters, measure)]
    if len(wanted_from_patterns) < len(wanted):
        _add_counts(connection, filters, counted)
    if wanted_from_patterns:
        _add_patterns(connection, filters, wanted_from_patterns, counted)
    return [
        _rate(filters.by, group, measure, counted[group, measure.id])
        for measure in wanted
        for group, name in sorted(counted)
        if name == measure.id
    ]


def from_sums(filters: Filters, measure: Measure) -> bool:
    """Whether the sums answer for a measure; else each pattern is read."""
    return measure.id in _SUMMED and _has_sums(filters)


def _has_sums(filters: Filters) -> bool:
    return not filters.dated and not {"site", "month"} & {*filters.by, *filters.where}


def _fits(table: Table, filters: Filters) -> list[ColumnElement[bool]]:
    return [table.c[name] == value for name, value in filters.where.items()]


def patterns(connection: Connection, filters: Filters, limit: int = 200) -> list[str]:
    """The weekly patterns of the newest stays of a group, for the heat map; nothing in them says whose they are."""
    newest = patterns_in_period(select(PATTERN.c.pattern).where(PATTERN.c.pattern != ""), filters.checked(GROUPS))
    query = newest.order_by(PATTERN.c.start_day.desc(), PATTERN.c.pattern).limit(limit)
    return sorted((pattern for (pattern,) in fetch(connection, query)), key=lambda p: (-len(p), p))


def weekly_shares(connection: Connection, filters: Filters) -> list[ReportRow]:
    """For each week of treatment: how many stays were clean, in use, mixed and missing."""
    filters = filters.checked(GROUPS)
    count = _weeks_summed if _has_sums(filters) else _weeks_read
    totals = count(connection, filters)
    return [
        {
            "week": number,
            "stays": total.total(),
            "clean": total["-"],
            "use": total["+"],
            "both": total["*"],
            "missing": total["o"],
        }
        for number, total in sorted(totals.items())
    ]


def _weeks_summed(connection: Connection, filters: Filters) -> dict[int, Counter[str]]:
    columns = WEEK_COUNT.c
    query = select(columns.week, columns.symbol, func.sum(columns.n)).group_by(columns.week, columns.symbol)
    totals: dict[int, Counter[str]] = defaultdict(Counter)
    for week, symbol, n in fetch(connection, query.where(*_fits(WEEK_COUNT, filters))):
        totals[week][symbol] += int(n)
    return totals


def _weeks_read(connection: Connection, filters: Filters) -> dict[int, Counter[str]]:
    columns: list[ColumnElement[Any]] = [PATTERN.c.pattern, func.count()]
    query = patterns_in_period(select(*columns).group_by(PATTERN.c.pattern), filters)
    totals: dict[int, Counter[str]] = defaultdict(Counter)
    for pattern, n in fetch(connection, query):
        for week, symbol in enumerate(pattern[:WEEKS], start=1):
            totals[week][symbol] += n
    return totals


def _patterns(filters: Filters) -> Select[Any]:
    day = _cohort_day(filters)
    columns = [PATTERN.c[name] for name in ("client_id", "level", "program", "site")]
    query = select(*columns, day, PATTERN.c.pattern, PATTERN.c.findings)
    query = patterns_in_period(query.where(PATTERN.c.pattern != ""), filters)
    return query.order_by(PATTERN.c.client_id, PATTERN.c.n)


def patterns_in_period(query: Select[Any], filters: Filters) -> Select[Any]:
    """Add the period and the filters to a query over patterns."""
    day = _cohort_day(filters)
    if filters.start:
        query = query.where(day >= filters.start.toordinal())
    if filters.end:
        query = query.where(day <= filters.end.toordinal())
    for name, value in filters.where.items():
        query = query.where(day.between(*days_of(value)) if name == "month" else PATTERN.c[name] == value)
    return query


def _cohort_day(filters: Filters) -> ColumnElement[Any]:
    return PATTERN.c.start_day if filters.cohort == "admission" else PATTERN.c.discharged_day


Outcome = tuple[float, int, bool]  # value, event or -1, whether any screen was given
Counted = dict[tuple[tuple[str, ...], str], Counter[Outcome]]


def _add_counts(connection: Connection, filters: Filters, counted: Counted) -> None:
    columns = MEASURE_COUNT.c
    groups: Sequence[ColumnElement[Any]] = [columns[name] for name in filters.by]
    keys = [*groups, columns.measure, columns.value, columns.event, columns.screened]
    query = select(*keys, func.sum(columns.n)).group_by(*keys).where(*_fits(MEASURE_COUNT, filters))
    for row in fetch(connection, query):
        group, (measure, value, event, screened, n) = tuple(row[:-5]), row[-5:]
        counted.setdefault((group, measure), Counter())[value, event, bool(screened)] += int(n)


def _add_patterns(connection: Connection, filters: Filters, measures: Sequence[Measure], counted: Counted) -> None:
    """From the rows: of a built-in yes or no by the bit that is kept, of others by what they say of each pattern."""
    kept = [measure for measure in measures if measure.result == "yes_no" and measure in BUILT_IN]
    if kept:
        for group, (met, screened), n in _grouped(connection, filters, (PATTERN.c.met, SCREENED)):
            for measure in kept:
                yes = float(met >> BUILT_IN.index(measure) & 1)
                counted.setdefault((group, measure.id), Counter())[yes, -1, bool(screened)] += n
    others = [measure for measure in measures if measure not in kept]
    if others:
        outcomes: dict[tuple[str, ...], list[Outcome]] = {}
        by_target = any(measure.targets != DEFAULT_TARGETS for measure in others)
        texts = (PATTERN.c.pattern, PATTERN.c.findings) if by_target else (PATTERN.c.pattern,)
        for group, pattern, n in _grouped(connection, filters, texts):
            if pattern not in outcomes:
                outcomes[pattern] = [_outcome(measure, pattern[0], pattern[-1]) for measure in others]
            for measure, outcome in zip(others, outcomes[pattern], strict=True):
                counted.setdefault((group, measure.id), Counter())[outcome] += n


def _grouped(
    connection: Connection, filters: Filters, columns: Sequence[ColumnElement[Any]]
) -> Iterator[tuple[tuple[str, ...], tuple[Any, ...], int]]:
    """How many stays of each group have which values of these columns; an open stay is in no month of an end."""
    groups = [_cohort_day(filters) if name == "month" else PATTERN.c[name] for name in filters.by]
    query = select(*groups, *columns, func.count()).where(PATTERN.c.pattern != "").group_by(*groups, *columns)
    width = len(groups)
    for row in fetch(connection, patterns_in_period(query, filters)):
        if None not in row[:width]:
            named = zip(filters.by, row[:width], strict=True)
            group = tuple(month_of(value) if name == "month" else value for name, value in named)
            yield group, row[width:-1], row[-1]


def _outcome(measure: Measure, pattern: str, findings: str) -> Outcome:
    weeks = weeks_for(measure, pattern, findings)
    result = evaluate(measure, weeks)
    return float(result.value), -1 if result.event is None else result.event, not has_no_screens(weeks)


def _rate(by: tuple[str, ...], group: tuple[str, ...], measure: Measure, results: Counter[Outcome]) -> ReportRow:
    stays = results.total()
    row: ReportRow = {**dict(zip(by, group, strict=True)), "measure": measure.id, "stays": stays}
    yes: int | None = None
    if measure.result == "yes_no":
        yes = sum(n for (value, _, _), n in results.items() if value)
    elif measure.result == "week_event":
        yes = sum(n for (_, event, _), n in results.items() if event == 1)
    if yes is None:
        share = low = high = None
    else:
        share, low, high = wilson(yes, stays)
    values = Counter({value: 0 for value, _, _ in results})
    for (value, _, _), n in results.items():
        values[value] += n
    numeric = measure.result != "yes_no"
    quartiles = [quantile(values, part) if numeric else None for part in (0.25, 0.5, 0.75)]
    # fsum: the same to the last digit, in whatever order the counts come
    mean = fsum(value * n for value, n in values.items()) / stays if numeric else None
    return {
        **row,
        "numerator": yes,
        "denominator": stays,
        "share": share,
        "ci_low": low,
        "ci_high": high,
        "mean": mean,
        "q1": quartiles[0],
        "median": quartiles[1],
        "q3": quartiles[2],
        "without_screens": sum(n for (_, _, screened), n in results.items() if not screened),
    }


def _result(result: Result) -> ReportRow:
    row: ReportRow = {"value": result.value}
    if result.event is not None:
        row["event"] = result.event
    return row


def _compact(result: Result) -> Any:
    return result.value if result.event is None else f"{result.value}{'' if result.event else '+'}"
