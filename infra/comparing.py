"""The comparison report: every rate of two groups or two periods, from the reports that know them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from infra.measure_hiding import hidden_comparison
from infra.report_kinds import Report, ReportParams, Rows
from infra.services import Services
from projections import comparison, tally
from projections.abstinence import queries as abstinence
from projections.attendance import queries as attendance
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
class Asked:
    """What every family of figures reads."""

    services: Services
    connection: Connection
    params: ReportParams

    @property
    def today(self) -> date:
        """The day that windows are measured against."""
        return self.services.today()


@dataclass(frozen=True, slots=True)
class Family:
    """Rates of one report: how they are read for a side, and which dimensions that report has."""

    read: Callable[[Asked, Filters], Figures]
    dimensions: tuple[str, ...]
    clustered: bool = False


def answer(services: Services, connection: Connection, params: ReportParams, report: str = "") -> Rows:
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
    asked = Asked(services, connection, params)
    both = comparison.sides(params.compare or last_quarters(asked.today), filters)
    rows = [*_rates(asked, both, report), *_retention(asked, both, report)]
    if params.measure is not None:
        rows = [row for row in rows if row["measure"] == params.measure]
        if not rows:
            msg = f"no rate {params.measure!r} for this comparison: leave --measure out to see them"
            raise FilterError(msg)
    return rows


def last_quarters(today: date) -> str:
    """The two last whole quarters before a day, the later one first."""
    first = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    found: list[str] = []
    for _ in range(2):
        end = first - timedelta(days=1)
        first = end.replace(month=end.month - 2, day=1)
        found.append(f"{first}..{end}")
    return ",".join(found)


def _rates(asked: Asked, both: tuple[Side, Side], report: str) -> Iterator[dict[str, Any]]:
    first, second = both
    names = (first.name, second.name)
    for name, family in FAMILIES.items():
        wanted = name == report if report else (name != "abstinence" or asked.params.measure is not None)
        if not wanted or not (report or set(first.filters.where) <= set(family.dimensions)):
            continue
        figures, others = family.read(asked, first.filters), family.read(asked, second.filters)
        for measure in dict.fromkeys((*figures, *others)):
            one, other = figures.get(measure, (0, 0)), others.get(measure, (0, 0))
            if one[1] or other[1]:
                row = compared(measure, names, one, other)
                notes = [row["warning"], comparison.CLUSTERED if family.clustered else ""]
                yield {**row, "warning": "; ".join(note for note in notes if note)}


def _retention(asked: Asked, both: tuple[Side, Side], report: str) -> Iterator[dict[str, Any]]:
    """By the log-rank test; it follows admissions, so it stands in no comparison of discharges in two periods."""
    first, second = both
    by_discharge = first.filters.dated and first.filters.cohort == "discharge"
    if report == "retention" and by_discharge:
        msg = "retention follows admissions: compare its periods with --cohort admission"
        raise FilterError(msg)
    if report not in ("", "retention") or by_discharge or not set(first.filters.where) <= set(retention.GROUPS):
        return
    counts = [
        next((counts for _, counts in retention.durations(asked.connection, side.filters, asked.today)), None)
        for side in both
    ]
    if counts[0] is None or counts[1] is None:
        return
    ended = tuple(sum(n for (_, event), n in side.items() if event) for side in counts if side is not None)
    stays = tuple(side.total() for side in counts if side is not None)
    test = log_rank(counts[0], counts[1])
    yield log_rank_row((first.name, second.name), (ended[0], ended[1]), (stays[0], stays[1]), test)


def _completion(asked: Asked, filters: Filters) -> Figures:
    denominators = completion_definition.denominators(asked.services.settings.measures_file)
    chosen = asked.params.denominator
    if chosen not in denominators:
        msg = f"no denominator {chosen!r}: choose from {', '.join(denominators)}"
        raise FilterError(msg)
    rows = completion.completion(asked.connection, filters, denominators[chosen])
    return {chosen: (rows[0]["numerator"], rows[0]["denominator"])} if rows else {}


def _flow(asked: Asked, filters: Filters) -> Figures:
    return dict(pairs([*flow.steps(asked.connection, filters, asked.today)], "step"))


def _attendance(asked: Asked, filters: Filters) -> Figures:
    rows = attendance.attendance(asked.connection, filters)
    if not rows:
        return {}
    row = rows[0]
    weeks = row["weeks_below_hours"] + row["weeks_within_hours"] + row["weeks_above_hours"]
    return {
        "attendance": (row["attended"], row["offered"]),
        "no_show": (row["no_shows"], row["offered"]),
        "weeks_within_hours": (row["weeks_within_hours"], weeks),
    }


def _quality(asked: Asked, filters: Filters) -> Figures:
    return pairs([*quality.quality(asked.connection, filters, asked.today)], "measure")


def _prevalence(asked: Asked, filters: Filters) -> Figures:
    found = pairs([*prevalence.prevalence(asked.connection, filters, asked.today)], "milestone")
    return {f"abstinent_after_{days}": figure for days, figure in found.items()}


def _outcomes(asked: Asked, filters: Filters) -> Figures:
    found = pairs([*outcomes.outcomes(asked.connection, filters)], "instrument")
    return {f"{scale}_improved": figure for scale, figure in found.items()}


def _abstinence(asked: Asked, filters: Filters) -> Figures:
    measures = abstinence.all_measures(asked.services.settings.measures_file)
    wanted = asked.params.measure
    if wanted is not None and wanted not in measures:
        return {}
    rows = abstinence.rates(asked.connection, filters, measures, wanted)
    return pairs([row for row in rows if row["numerator"] is not None], "measure")


FAMILIES: dict[str, Family] = {
    "completion": Family(_completion, STAY_DIMENSIONS),
    "flow": Family(_flow, tally.GROUPS),
    "attendance": Family(_attendance, tally.GROUPS, clustered=True),
    "quality": Family(_quality, tally.GROUPS),
    "prevalence": Family(_prevalence, tally.GROUPS),
    "outcomes": Family(_outcomes, tally.GROUPS),
    "abstinence": Family(_abstinence, abstinence.GROUPS),
}

REPORT = Report("Comparison", comparison.DEFINITION, comparison.SOURCE, answer, hidden_comparison)
