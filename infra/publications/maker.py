"""Make a publication: count, lay tables out, withhold, attack. Nothing is written here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from infra.publications.basis import Basis
from infra.publications.content import table_content
from infra.publications.plan import Plan
from infra.publications.units import Numbered, Units, consistent, count_days, count_sessions, read_outcomes, read_units
from projections.disclosure.system import ALL, Candidate, Cell, Frame, Need, Range, System, alike
from projections.publications.counts import Counts
from projections.publications.periods import complete, is_closed, month_of_day
from projections.publications.room import Yielding, shown_share
from projections.publications.specs import FAMILIES, LAGS, SPECS
from projections.publications.tables import Table, laid_out, table_name

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Draft:
    """A publication before it is made: its tables as content, what it was made of, and what the attack found."""

    tables: list[dict[str, Any]]
    left_out: list[str]
    basis: Basis
    broken: dict[Cell, Range]

    @property
    def numbers(self) -> int:
        """How many counts its tables have a place for."""
        return sum(table["numbers"] for table in self.tables)

    @property
    def shown(self) -> int:
        """How many of them say a number."""
        return sum(table["shown"] for table in self.tables)


def draft(connection: Connection, plan: Plan, earlier: Basis, today: date, progress: Progress | None = None) -> Draft:
    """What would be published now, beside all that was published before.

    ``today`` is a day of the facility's calendar; every count comes from one snapshot, which ``connection`` holds.

    Raises:
        CannotProtectError: what was published before gives small numbers away.
        NoSolutionError: earlier publications contradict each other.
    """
    from projections.disclosure.attack import Attack  # the solver loads when it is needed

    tell = progress or _quiet
    tell("count", 0, 1)
    fresh = _counted(connection, plan, earlier, today)
    known = Basis()
    known.add(earlier)
    known.add(fresh)
    counts = _counts(connection, known, earlier, plan, today)
    fresh.sums = {u: n for u, n in counts.sums.items() if u.family in _SUMMED and u.month in fresh.months[u.family]}
    tables, left_out = _tables(plan, known, fresh, counts)
    margins = {*plan.groups, *(cell.margin for cell in earlier.shown)}
    fresh.nobody = _nobody(earlier, known, margins)
    before = {**earlier.shown, **dict.fromkeys((*earlier.nobody, *fresh.nobody), 0.0)}
    candidates, suppressed, tables, thin = _protected(tables, counts, earlier, before, frame_of(known, margins), tell)
    left_out += thin
    fresh.shown = {c.cell: c.value for c in candidates if c.cell not in suppressed and c.loss > 0 and not c.old}
    fresh.withheld = suppressed
    fresh.layouts = {table.name: table.layout for table in tables}
    tell("attack", 0, 1)
    known.add(fresh)
    broken = Attack(System(frame_of(known, margins)), known.seen).broken(known.withheld)
    content = [table_content(table, known.shown) for table in tables]
    return Draft(content, left_out, fresh, broken)


def _protected(
    tables: list[Table],
    counts: Counts,
    earlier: Basis,
    before: Mapping[Cell, float],
    frame: Frame,
    tell: Progress,
) -> tuple[list[Candidate], dict[Cell, Need], list[Table], list[str]]:
    """Candidates, what is withheld of them, and the tables that then still say something; the names of the others."""
    from projections.disclosure.suppression import withheld  # the solver loads when it is needed

    yielding = Yielding(tables, counts)
    while True:
        candidates = _candidates(yielding.tables, counts, earlier)
        cells = [*before, *(candidate.cell for candidate in candidates)]
        families = {cell.family for cell in cells}  # a report of which nothing is said gives nothing away
        narrowed = replace(
            frame, families={name: family for name, family in frame.families.items() if name in families}
        )
        system = System(narrowed, alike(narrowed.families.values(), cells))
        suppressed = withheld(system, before, candidates, lambda done, of: tell("protect", done, of))
        if yielding.settled({table.name: shown_share(table, suppressed) for table in yielding.tables}):
            return candidates, suppressed, yielding.tables, yielding.left_out


def _nobody(earlier: Basis, known: Basis, margins: Collection[str]) -> list[Cell]:
    """Groups that appear for the first time: no table of before names them, so they are known to have had nobody."""
    now, then = frame_of(known, margins).margins, frame_of(earlier, margins).margins
    return [
        Cell(name, margin, (value,), (month,), FAMILIES[name].outcomes)
        for margin, values in now.items()
        for value in values
        if value not in then[margin]
        for name, months in earlier.months.items()
        for month in sorted(months)
    ]


def frame_of(basis: Basis, margins: Collection[str]) -> Frame:
    """The families, values of margins and months that were published, whatever the numbers are.

    All in an order that is the same in every process: of two choices that cost alike the solver takes the first.
    """
    values: dict[str, set[str]] = {margin: set() for margin in sorted(margins) if margin != ALL}
    for units in basis.units.values():
        for unit in units.values():
            for margin, of_margin in values.items():
                of_margin.add(unit.places[margin])
    for unknown in basis.sums:
        if unknown.margin in values:
            values[unknown.margin].add(unknown.value)
    return Frame(
        {name: FAMILIES[name] for name in sorted(basis.months)},
        {ALL: [""], **{margin: sorted(of_margin) for margin, of_margin in values.items()}},
        {name: sorted(months) for name, months in basis.months.items()},
    )


def _quiet(step: str, done: int, of: int) -> None:
    """Tell nobody how far it is."""


_SUMMED = frozenset({"census", "attendance"})


def _counted(connection: Connection, plan: Plan, earlier: Basis, today: date) -> Basis:
    """The units and outcomes that are published for the first time."""
    recorded = read_units(connection)
    begin = plan.first_month if plan.first_month is not None else _first_whole_month(recorded, today)
    fresh = Basis()
    closed = [
        month for month in range(begin, month_of_day(today.toordinal())) if is_closed(month, plan.settle_days, today)
    ]
    for universe, units in recorded.items():
        had = earlier.cohorts.get(universe, set())
        fresh.cohorts[universe] = {month for month in closed if month not in had}
        kept = earlier.units.get(universe, {})
        fresh.units[universe] = {
            key: unit for key, unit in units.items() if unit.month in fresh.cohorts[universe] and key not in kept
        }
    for name in _families(plan):
        family = FAMILIES[name]
        fixed = (
            {*closed}
            if name in _SUMMED
            else earlier.cohorts.get(family.universe, set()) | fresh.cohorts[family.universe]
        )
        lag = plan.settle_days + LAGS[name]
        fresh.months[name] = {
            month for month in fixed - earlier.months.get(name, set()) if is_closed(month, lag, today)
        }
        if name not in _SUMMED:
            units = {**fresh.units[family.universe], **earlier.units.get(family.universe, {})}
            wanted = [key for key, unit in units.items() if unit.month in fresh.months[name]]
            outcomes = read_outcomes(connection, name, wanted)
            fresh.outcomes[name] = consistent(FAMILIES[name], outcomes, units, earlier.outcomes, fresh.outcomes)
    return fresh


def _families(plan: Plan) -> list[str]:
    """The families of a plan's reports, and of the columns that they borrow."""
    return [*dict.fromkeys(name for report in plan.reports for name in SPECS[report].families)]


def _first_whole_month(recorded: dict[str, Units], today: date) -> int:
    """The month after the first of which anything is recorded; without anything, none that is closed."""
    months = [unit.month for units in recorded.values() for unit in units.values()]
    return min(months, default=month_of_day(today.toordinal())) + 1


def _counts(connection: Connection, known: Basis, earlier: Basis, plan: Plan, today: date) -> Counts:
    """Every count that any publication was or is made of."""
    counts = Counts(smallest_shown=plan.smallest_shown)
    people = Numbered()
    for name, outcomes in known.outcomes.items():
        units = known.units[FAMILIES[name].universe]
        for key, outcome in outcomes.items():
            unit = units[key]
            counts.add(name, unit.places, unit.month, outcome, people.of(unit.client))
    if "census" in known.months:
        count_days(connection, counts, known.months["census"], today, people)
    if "attendance" in known.months:
        count_sessions(connection, counts, known.months["attendance"], people)
    for name in known.months:
        counts.subtract(FAMILIES[name])
    # what was summed before stays as it was published; whose days they were is read anew, for the rule of ten only
    fixed = {(name, month) for name in _SUMMED for month in earlier.months.get(name, ())}
    for unknown in [u for u in counts.sums if (u.family, u.month) in fixed]:
        del counts.sums[unknown]
    counts.sums.update(earlier.sums)
    return counts


def _tables(plan: Plan, known: Basis, fresh: Basis, counts: Counts) -> tuple[list[Table], list[str]]:
    tables: list[Table] = []
    left_out: list[str] = []
    for report in plan.reports:
        spec = SPECS[report]
        months = set[int].intersection(*(known.months[name] for name in spec.families))
        for margin in (ALL, *plan.groups):
            if margin not in spec.margins:
                continue
            for kind in plan.periods:
                name = table_name(report, margin, kind)
                decided = known.decided.get(name, set())
                periods = [period for period in complete(kind, months) if period.name not in decided]
                fresh.decided[name] = {period.name for period in periods}
                table = laid_out(report, margin, kind, periods, counts, known.layouts.get(name))
                if table is not None:
                    tables.append(table)
                elif periods:
                    left_out.append(name)
    return tables, left_out


def _candidates(tables: Sequence[Table], counts: Counts, earlier: Basis) -> list[Candidate]:
    """Each number once, and those that were withheld before; where a table shows what another guards, it is shown."""
    best = {
        cell: Candidate(cell, counts.total(cell), small=True, loss=0.0, need=need, old=True)
        for cell, need in earlier.withheld.items()
    }
    for table in tables:
        for candidate in (*table.candidates(counts), *table.parts(counts)):
            had = best.get(candidate.cell)
            if had is None or (candidate.loss > had.loss and not had.old):
                best[candidate.cell] = candidate
    return list(best.values())
