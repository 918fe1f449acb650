"""The comparison report: every rate of two groups or two periods, from the reports that know them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from infra.eventstore.context import HasLog
from infra.reporting.kinds import Report, ReportParams, Rows
from infra.settings import Settings
from projections import comparison, tally
from projections.abstinence import queries as abstinence
from projections.abstinence.measures import Measure
from projections.attendance import queries as attendance
from projections.columns import Columns, ReportRow
from projections.comparison import Side, compared, log_rank_row, pairs
from projections.completion import definition as completion_definition, queries as completion
from projections.filters import STAY_DIMENSIONS, FilterError, Filters
from projections.flow import queries as flow
from projections.outcomes import queries as outcomes
from projections.prevalence import queries as prevalence
from projections.quality import queries as quality
from projections.retention import queries as retention
from projections.statistics import log_rank

Figures = dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class ComparisonQuestion:
    """What every family of figures reads."""

    services: HasLog
    connection: Connection
    params: ReportParams

    @property
    def today(self) -> date:
        """The day that windows are measured against."""
        return self.services.today()


@dataclass(frozen=True, slots=True)
class Family:
    """Rates of one report: its rows for a side, the rates in them, and which dimensions that report has."""

    rows: Callable[[ComparisonQuestion, Filters], Rows]
    rates: Callable[[ComparisonQuestion, Rows], Figures]
    dimensions: tuple[str, ...]
    clustered: bool = False


def answer(services: HasLog, connection: Connection, params: ReportParams, report: str = "") -> Rows:
    """One row a rate: both sides, their difference, its interval and test; of one report or of all.

    Without ``compare`` the two last whole quarters are compared.

    Raises:
        FilterError: a comparison that cannot be read, a report that has no rates, no such measure.
    """
    if report and report not in FAMILIES and report != "retention":
        known = ", ".join((*FAMILIES, "retention"))
        msg = f"{report} has no rates to compare: choose from {known}"
        raise FilterError(msg)
    filters = Filters((), params.start, params.end, params.cohort, params.where)
    question = ComparisonQuestion(services, connection, params)
    both = comparison.operands(params.compare or last_quarters(question.today), filters)
    rows = [*_rates(question, both, report), *_retention(question, both, report)]
    if params.measure is not None:
        rows = [row for row in rows if row["measure"] == params.measure]
        if not rows:
            msg = f"no rate {params.measure!r} for this comparison: leave --measure out to see them"
            raise FilterError(msg)
    return rows


def columns(_: Settings, __: ReportParams, ___: Columns) -> Columns:
    """The columns of every comparison: it has no groups."""
    return comparison.COLUMNS


def last_quarters(today: date) -> str:
    """The two last whole quarters before a day, the later one first."""
    first = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    quarters: list[str] = []
    for _ in range(2):
        end = first - timedelta(days=1)
        first = end.replace(month=end.month - 2, day=1)
        quarters.append(f"{first}..{end}")
    return ",".join(quarters)


def _rates(question: ComparisonQuestion, both: tuple[Side, Side], report: str) -> Iterator[ReportRow]:
    first, second = both
    names = (first.name, second.name)
    for name, family in FAMILIES.items():
        wanted = name == report if report else (name != "abstinence" or question.params.measure is not None)
        if not wanted or not (report or set(first.filters.where) <= set(family.dimensions)):
            continue
        figures, others = (family.rates(question, family.rows(question, side.filters)) for side in both)
        for measure in dict.fromkeys((*figures, *others)):
            left, right = figures.get(measure, (0, 0)), others.get(measure, (0, 0))
            if left[1] or right[1]:
                notes = [comparison.warning(left, right), comparison.CLUSTERED if family.clustered else ""]
                yield {**compared(measure, names, left, right), "warning": "; ".join(note for note in notes if note)}


def _retention(question: ComparisonQuestion, both: tuple[Side, Side], report: str) -> Iterator[ReportRow]:
    """By the log-rank test; it follows admissions, so it stands in no comparison of discharges in two periods."""
    first, second = both
    by_discharge = first.filters.dated and first.filters.cohort == "discharge"
    if report == "retention" and by_discharge:
        msg = "retention follows admissions: compare its periods with --cohort admission"
        raise FilterError(msg)
    if report not in ("", "retention") or by_discharge or not set(first.filters.where) <= set(retention.GROUPS):
        return
    counts = [
        next((counts for _, counts in retention.durations(question.connection, side.filters, question.today)), None)
        for side in both
    ]
    if counts[0] is None or counts[1] is None:
        return
    ended = tuple(sum(n for (_, event), n in side.items() if event) for side in counts if side is not None)
    stays = tuple(side.total() for side in counts if side is not None)
    test = log_rank(counts[0], counts[1])
    yield log_rank_row((first.name, second.name), (ended[0], ended[1]), (stays[0], stays[1]), test)


def _completion(question: ComparisonQuestion, filters: Filters) -> Rows:
    denominators = completion_definition.denominators(question.services.settings.measures_file)
    chosen = question.params.denominator
    if chosen not in denominators:
        msg = f"no denominator {chosen!r}: choose from {', '.join(denominators)}"
        raise FilterError(msg)
    return completion.completion(question.connection, filters, denominators[chosen])


def _flow(question: ComparisonQuestion, filters: Filters) -> Rows:
    return flow.steps(question.connection, filters, question.today)


def _attendance(question: ComparisonQuestion, filters: Filters) -> Rows:
    return attendance.attendance(question.connection, filters)


def _quality(question: ComparisonQuestion, filters: Filters) -> Rows:
    return quality.quality(question.connection, filters, question.today)


def _prevalence(question: ComparisonQuestion, filters: Filters) -> Rows:
    return prevalence.prevalence(question.connection, filters, question.today)


def _outcomes(question: ComparisonQuestion, filters: Filters) -> Rows:
    return outcomes.outcomes(question.connection, filters)


def _abstinence(question: ComparisonQuestion, filters: Filters) -> Rows:
    wanted = question.params.measure
    if wanted is not None and wanted not in _measures(question):
        return []
    return abstinence.rates(question.connection, filters, _measures(question), wanted)


def _measures(question: ComparisonQuestion) -> Mapping[str, Measure]:
    return abstinence.all_measures(question.services.settings.measures_file)


def _by(name: str, title: str = "{}") -> Callable[[ComparisonQuestion, Rows], Figures]:
    """Rates of rows that each are one, named by a column."""
    return lambda _, rows: pairs(rows, name, title)


def _step_rates(_: ComparisonQuestion, rows: Rows) -> Figures:
    """Every step of a side on which stays ended, those that nobody took too: none of so many, not none of none."""
    rates = pairs(rows, "step", "{}")
    return {step: (0, int(rows[0]["denominator"])) for step in flow.STEPS} | rates if rows else rates


def _abstinence_rates(question: ComparisonQuestion, rows: Rows) -> Figures:
    shares = [row for row in rows if _measures(question)[row["measure"]].result in {"yes_no", "week_event"}]
    return _by("measure")(question, shares)


def _completion_rate(question: ComparisonQuestion, rows: Rows) -> Figures:
    return _by("rate")(question, [row | {"rate": question.params.denominator} for row in rows])


def _attendance_rates(_: ComparisonQuestion, rows: Rows) -> Figures:
    rates: Figures = {}
    for row in rows:
        weeks = [row[f"weeks_{place}_hours"] for place in ("within", "below", "above")]
        rates["attendance"] = (row["attended"], row["offered"])
        rates["no_show"] = (row["no_shows"], row["offered"])
        rates["weeks_within_hours"] = (weeks[0], sum(weeks))
    return rates


FAMILIES: dict[str, Family] = {
    "completion": Family(_completion, _completion_rate, STAY_DIMENSIONS),
    "flow": Family(_flow, _step_rates, tally.GROUPS),
    "attendance": Family(_attendance, _attendance_rates, tally.GROUPS, clustered=True),
    "quality": Family(_quality, _by("measure"), tally.GROUPS),
    "prevalence": Family(_prevalence, _by("milestone", "abstinent_after_{}"), tally.GROUPS),
    "outcomes": Family(_outcomes, _by("instrument", "{}_improved"), tally.GROUPS),
    "abstinence": Family(_abstinence, _abstinence_rates, abstinence.GROUPS),
}

REPORT = Report("Comparison", comparison.DEFINITION, comparison.SOURCE, answer, columns)
