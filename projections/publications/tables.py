"""Tables of a publication: rows by period and group, columns by outcome; small groups combined before any is withheld.

For each table several layouts are tried, from the one that says most: the outcomes in fewer columns, the smallest
groups as one row. The first is taken that leaves few small numbers. Where even the coarsest leaves many, the table is
left out at this length of period: the longer one has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt

from domain.levels import LEVELS
from projections.disclosure.system import ALL, REST, Candidate, Cell, Need
from projections.publications.counts import Counts
from projections.publications.periods import Kind, Period, days_in
from projections.publications.specs import SPECS, Number, Spec

OTHER = "other"
FEW = 0.16  # the share of small numbers up to which a layout is taken at once
TOO_MANY = 0.2  # above which a table is left out
MOST = 0.3  # the share of small numbers of one period above which its rows are left out
_KIND_LOSS: Mapping[Kind, float] = {"month": 1.0, "quarter": 2.0, "year": 4.0}


@dataclass(frozen=True, slots=True)
class Layout:
    """Which division of the columns a table has, and its groups: (name of the row, values that it holds)."""

    detail: int
    groups: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A report by a margin for periods of a kind."""

    report: str
    margin: str
    kind: Kind
    layout: Layout
    periods: tuple[Period, ...]
    left_out: tuple[Period, ...] = ()

    @property
    def name(self) -> str:
        """As it is asked for: completion-by-site-quarter."""
        return table_name(self.report, self.margin, self.kind)

    @property
    def spec(self) -> Spec:
        """The report."""
        return SPECS[self.report]

    @property
    def numbers(self) -> tuple[Number, ...]:
        """Its columns of counts."""
        return (*self.spec.columns, *self.spec.details[self.layout.detail])

    def rows(self) -> Iterator[tuple[Period, str, tuple[str, ...]]]:
        """(period, group, values of the margin) of every row."""
        for period in self.periods:
            for group, values in self.layout.groups:
                yield period, group, values

    def cell(self, number: Number, period: Period, values: tuple[str, ...]) -> Cell:
        """Where a number of a row comes from."""
        return cell_of(self.spec, self.margin, number.outcomes, period, values, number.family)

    def candidates(self, counts: Counts) -> Iterator[Candidate]:
        """Every number that it would show, and what a reader could find by subtraction if it is small."""
        for period, _, values in self.rows():
            yield from self.shown_row(counts, period, values)
        for period in self.left_out:
            for _, values in self.layout.groups:
                yield from self.left_out_row(counts, period, values)

    def shown_row(self, counts: Counts, period: Period, values: tuple[str, ...]) -> Iterator[Candidate]:
        """The candidates of a row that it has."""
        loss = self.spec.worth * _KIND_LOSS[self.kind] * (2.0 if self.margin == ALL else 1.0)
        for place, number in enumerate(self.numbers):
            candidate = self._candidate(counts, number, period, values)
            yield replace(candidate, loss=loss * (1.5 if place < 2 else 1.0) * sqrt(1 + candidate.value))
        yield from self._guarded(counts, period, values, ())

    def left_out_row(self, counts: Counts, period: Period, values: tuple[str, ...]) -> Iterator[Candidate]:
        """The candidates of a row of a period that it has not."""
        yield from self._guarded(counts, period, values, self.numbers)

    def parts(self, counts: Counts) -> Iterator[Candidate]:
        """The values behind its rows of several: no row has them, but other tables may, or leave them over."""
        for period in (*self.periods, *self.left_out):
            for _, values in self.layout.groups:
                for value in values if len(values) > 1 else ():
                    yield from self._guarded(counts, period, (value,), self.numbers)

    def _guarded(
        self, counts: Counts, period: Period, values: tuple[str, ...], more: tuple[Number, ...]
    ) -> Iterator[Candidate]:
        """Small numbers that stand nowhere, and that a reader must not find by subtraction either."""
        family = self.spec.family
        rests = (Number("", (REST,), family.rest(place)) for place in range(len(family.within)))
        for number in (*(Number("", outcomes) for outcomes in self.spec.guarded), *rests, *more):
            candidate = self._candidate(counts, number, period, values)
            if candidate.small:
                yield candidate

    def _candidate(self, counts: Counts, number: Number, period: Period, values: tuple[str, ...]) -> Candidate:
        """A number with its true value, whether it is small, and what it must still be able to be if it is withheld."""
        cell = self.cell(number, period, values)
        total = counts.total(cell)
        per_day = number.name in self.spec.per_day
        least = counts.smallest_shown * (days_in(period.months) if per_day else 1)
        # a mean over a quarter can be that of one month alone, where the others are known to have nobody
        wide = counts.smallest_shown * (max(days_in([month]) for month in period.months) if per_day else 1)
        need = Need(0, max(wide, total) if self.spec.weighs else wide)
        small = total > 0 and (total < least or counts.persons(cell) < counts.smallest_shown)
        return Candidate(cell, total, small, 0.0, need)


def table_name(report: str, margin: str, kind: Kind) -> str:
    """As a table is asked for."""
    return f"{report}-{kind}" if margin == ALL else f"{report}-by-{margin}-{kind}"


def cell_of(
    spec: Spec, margin: str, outcomes: tuple[str, ...], period: Period, values: tuple[str, ...], family: str = ""
) -> Cell:
    """A sum of a report's outcomes in a period."""
    return Cell(family or spec.family.name, margin, values, period.months, outcomes)


def laid_out(
    report: str, margin: str, kind: Kind, periods: Sequence[Period], counts: Counts, kept: Layout | None = None
) -> Table | None:
    """The table with the layout that says most and leaves few small numbers; None where every one leaves many.

    ``kept`` is the layout of earlier publications: it stays while it serves, so that a series goes on.
    """
    if not periods:
        return None
    spec = SPECS[report]
    values = _values(spec, margin, periods, counts)
    if not values:
        return None
    absent = [value for value in counts.values(margin) if value not in values] if margin != ALL else []
    smallness = Smallness(counts)
    best: tuple[float, float, Table] | None = None
    for layout in ([kept] if kept and _covers(kept, values) else []) + _layouts(spec, margin, values, periods, counts):
        layout = _complete(layout, absent)
        table = without_small(Table(report, margin, kind, layout, tuple(periods)), smallness, MOST)
        small = smallness.share(table)
        share = small + len(table.left_out) / len(periods) / 4
        if table.periods and (share <= FEW or (layout == kept and share <= TOO_MANY)):
            return table
        if table.periods and (best is None or share < best[0]):
            best = share, small, table
    return best[2] if best is not None and best[0] <= TOO_MANY + 0.25 and best[1] <= TOO_MANY else None


class Smallness:
    """The share of small numbers of a report by one margin: a row that many layouts have is counted once."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._rows: dict[tuple[int, Period, tuple[str, ...], bool], tuple[int, int]] = {}

    def share(self, table: Table) -> float:
        """The share of a table's numbers that are small; a guarded one counts as what it would take along."""
        rows = [self._row(table, period, values, left_out=False) for period, _, values in table.rows()]
        rows += [
            self._row(table, period, values, left_out=True)
            for period in table.left_out
            for _, values in table.layout.groups
        ]
        small, numbers = sum(row[0] for row in rows), sum(row[1] for row in rows)
        return small / numbers if numbers else 0.0

    def _row(self, table: Table, period: Period, values: tuple[str, ...], *, left_out: bool) -> tuple[int, int]:
        key = (table.layout.detail, period, values, left_out)
        if key not in self._rows:
            of_row = table.left_out_row if left_out else table.shown_row
            candidates = [*of_row(self._counts, period, values)]
            self._rows[key] = sum(c.small for c in candidates), sum(c.loss > 0 for c in candidates)
        return self._rows[key]


def without_small(table: Table, smallness: Smallness, most: float = 0.0) -> Table:
    """The table without the periods of whose numbers a greater share than ``most`` is small; none may be left."""
    alone = {period: replace(table, periods=(period,), left_out=()) for period in table.periods}
    small = {period for period, part in alone.items() if smallness.share(part) > most}
    left_out = sorted({*table.left_out, *small}, key=lambda period: period.months)
    return replace(table, periods=tuple(p for p in table.periods if p not in small), left_out=tuple(left_out))


def _values(spec: Spec, margin: str, periods: Sequence[Period], counts: Counts) -> list[str]:
    """The values of a margin that have anything in the periods, in the order in which people read them."""
    if margin == ALL:
        return [""]
    months = {month for period in periods for month in period.months}
    outcomes = {*spec.columns[0].outcomes}
    values = {
        u.value
        for u in counts.sums
        if u.family == spec.family.name and u.margin == margin and u.month in months and u.outcome in outcomes
    }
    rank = {level: place for place, level in enumerate(LEVELS)}
    return sorted(values, key=lambda value: (rank.get(value, len(rank)) if margin == "level" else 0, value))  # type: ignore[arg-type]


def _covers(layout: Layout, values: Sequence[str]) -> bool:
    return {*values} <= {value for _, members in layout.groups for value in members}


def _layouts(spec: Spec, margin: str, values: Sequence[str], periods: Sequence[Period], counts: Counts) -> list[Layout]:
    """Every layout, the one that says most first: fewer columns are less of a loss than fewer groups."""
    by_size = sorted(values, key=lambda value: _size(spec, margin, value, periods, counts))
    merged = [0, *range(2, len(values))] if margin != ALL else [0]
    choices = sorted(
        ((few * 1.5 + detail, detail, few) for few in merged for detail in range(len(spec.details))), key=lambda c: c[0]
    )
    return [Layout(detail, _groups(values, {*by_size[:few]})) for _, detail, few in choices]


def _complete(layout: Layout, absent: Sequence[str]) -> Layout:
    """A layout with every value that there is: one that no row holds would be known to have nobody."""
    missing = tuple(value for value in absent if all(value not in members for _, members in layout.groups))
    if not missing:
        return layout
    rest = tuple(value for group, members in layout.groups if group == OTHER for value in members)
    named = tuple(pair for pair in layout.groups if pair[0] != OTHER)
    return replace(layout, groups=(*named, (OTHER, (*rest, *missing))))


def _groups(values: Sequence[str], small: set[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    groups = [(value, (value,)) for value in values if value not in small]
    rest = tuple(value for value in values if value in small)
    return (*groups, (OTHER, rest)) if rest else tuple(groups)


def _size(spec: Spec, margin: str, value: str, periods: Sequence[Period], counts: Counts) -> int:
    whole = spec.columns[0]
    return sum(
        counts.total(cell_of(spec, margin, whole.outcomes, period, (value,), whole.family)) for period in periods
    )
