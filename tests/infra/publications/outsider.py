"""An outsider with every published table, a statistics book and scipy: what can be worked out about small groups.

Knows what the tables say and what their definitions say, and nothing of how they were made. One linear program over
all publications: unknown counts by report, margin, value, month and outcome; each solution that it finds is kept as a
witness for every number that it leaves open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

REASONS = (
    "completed",
    "transferred",
    "left_against_advice",
    "terminated_by_facility",
    "incarcerated",
    "died",
    "other",
)
STEPS = ("step_down", "step_up", "same_level", "left")
DETOX, ROUND_THE_CLOCK = ("medical_detox",), ("medical_detox", "residential")


class Atom(NamedTuple):
    """One count that is not seen."""

    report: str
    by: str
    value: str
    month: int
    outcome: str


Sum = tuple[Atom, ...]
Row = tuple[Mapping[Atom, float], float, float]


@dataclass(frozen=True)
class Meaning:
    """What a report's columns are sums of, whose units it divides, and at which levels it counts anything."""

    universe: str
    outcomes: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    levels: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


def _joint(universe: str, total: str, *measures: str, **more: Any) -> Meaning:
    letters = ["".join(one) for one in product("yn", repeat=len(measures))]
    if measures[0] == "detox_continuity_7":
        letters.remove("yn")
    columns = {name: tuple(o for o in letters if o[place] == "y") for place, name in enumerate(measures)}
    return Meaning(universe, (*letters, "apart"), {total: tuple(letters), **columns}, **more)


def _completion() -> Meaning:
    rest = tuple(reason for reason in REASONS if reason != "completed")
    return Meaning(
        "ended",
        REASONS,
        {
            "discharges": REASONS,
            **{reason: (reason,) for reason in REASONS},
            "other_reasons": rest[2:],
            "otherwise": tuple(reason for reason in rest if reason != "left_against_advice"),
            "not_completed": rest,
        },
    )


def _flow() -> Meaning:
    every = (*STEPS, "apart")
    otherwise = ("step_up", "same_level", "apart")
    single: dict[str, tuple[str, ...]] = {step: (step,) for step in STEPS}
    more = {"stays": every, "concurrent": ("apart",), "otherwise": otherwise, "no_step_down": every[1:]}
    return Meaning("ended", every, {**single, **more})


def _left() -> Meaning:
    counted = ("abstinent", "not_abstinent", "not_reached")
    columns = {"left": counted, "reached": counted[:2], "abstinent": counted[:1]}
    return Meaning("left", (*counted, "apart"), columns)


MEANINGS: Mapping[str, Meaning] = {
    "completion": _completion(),
    "flow": _flow(),
    **{
        f"retention_{days}": Meaning(
            "admitted",
            ("retained", "ended_before"),
            {"admitted": ("retained", "ended_before"), "retained": ("retained",)},
        )
        for days in (30, 90, 180)
    },
    "use_90": Meaning(
        "admitted",
        ("use", "seen", "lost"),
        {
            "admitted": ("use", "seen", "lost"),
            "known_use": ("use",),
            "seen_without_use": ("seen",),
            "not_known": ("lost",),
            "no_known_use": ("seen", "lost"),
        },
    ),
    "abstinence": _joint(
        "ended", "stays", "three_consecutive_negative", "end_of_treatment_ctn0094", without=("medical_detox",)
    ),
    **{f"abstinent_at_{days}": _left() for days in (30, 90, 180, 365)},
    "attendance": Meaning(
        "",
        ("attended", "no_show", "missed"),
        {"offered": ("attended", "no_show", "missed"), "attended": ("attended",), "no_shows": ("no_show",)},
    ),
    "detox_continuity": _joint("ended", "detox_stays", "detox_continuity_7", "detox_continuity_14", levels=DETOX),
    "lower_level_14": _joint("ended", "detox_stays", "lower_level_14", levels=DETOX),
    "follow_up_7": _joint("ended", "stays", "follow_up_7", levels=ROUND_THE_CLOCK),
    "follow_up_30": _joint("ended", "stays", "follow_up_30", levels=ROUND_THE_CLOCK),
    "readmission_30": _joint("ended", "stays", "readmission_30", without=("alumni",)),
    "continuation_30": _joint("admitted", "admissions", "continuation_30"),
    "iet_initiation": _joint("diagnosed", "diagnoses", "iet_initiation"),
    "iet_engagement": _joint("diagnosed", "diagnoses", "iet_engagement"),
    "census": Meaning("", ("days",), {"average_daily_census": ("days",)}),
    "admissions": Meaning("admitted", ("admitted",), {"admissions": ("admitted",)}),
}
YES, NO, COUNTED = ("y",), ("n",), ("y", "n")
# (report, outcomes) of which each unit is one of (other report, outcomes) too, as their definitions say
NESTED: tuple[tuple[str, tuple[str, ...], str, tuple[str, ...]], ...] = (
    ("retention_90", ("retained",), "retention_30", ("retained",)),
    ("retention_180", ("retained",), "retention_30", ("retained",)),
    ("retention_180", ("retained",), "retention_90", ("retained",)),
    ("iet_engagement", YES, "iet_initiation", YES),
    ("iet_engagement", COUNTED, "iet_initiation", COUNTED),
    ("follow_up_30", NO, "follow_up_7", NO),
    ("follow_up_30", COUNTED, "follow_up_7", COUNTED),
    ("lower_level_14", COUNTED, "detox_continuity", ("yy", "ny", "nn")),
    ("lower_level_14", YES, "flow", ("step_down", "step_up", "same_level")),
    ("readmission_30", YES, "flow", ("step_down", "step_up", "same_level")),
)


def months_of(name: str) -> tuple[int, ...]:
    """The months of 2026, 2026-Q3 or 2026-07, as months since year 0."""
    year = int(name[:4]) * 12
    if len(name) == 4:
        return tuple(range(year, year + 12))
    if name[5] == "Q":
        first = year + 3 * (int(name[6]) - 1)
        return (first, first + 1, first + 2)
    return (year + int(name[5:]) - 1,)


def days_of(months: Iterable[int]) -> int:
    """How many days months have."""
    return sum((date((m + 1) // 12, (m + 1) % 12 + 1, 1) - date(m // 12, m % 12 + 1, 1)).days for m in months)


@dataclass
class Outsider:
    """Give it tables, then ask."""

    rows: list[Row] = field(default_factory=list[Row])
    asked: dict[str, Sum] = field(default_factory=dict[str, Sum])
    values: dict[str, set[str]] = field(default_factory=lambda: {"all": {""}})
    months: dict[str, set[int]] = field(default_factory=dict[str, set[int]])
    number: dict[Atom, int] = field(default_factory=dict[Atom, int])

    def read(self, tables: Iterable[Mapping[str, Any]]) -> None:
        """Put all tables that were ever published together."""
        kept = list(tables)
        for table in kept:
            if table["by"] != "all":
                own = {value for values in table["groups"].values() for value in values}
                self.values.setdefault(table["by"], set()).update(own)
            for name in table["columns"]:
                report = _meaning(table, name)[0]
                for period in (*(row["period"] for row in table["rows"]), *table["left_out"]):
                    self.months.setdefault(report, set()).update(months_of(period))
        for table in kept:
            self._table(table)
            self._differences(table)
        self._definitions()

    def _table(self, table: Mapping[str, Any]) -> None:
        for row in table["rows"]:
            values = table["groups"][row["group"]]
            for name in table["columns"]:
                self._number(table, name, row["period"], values, row[name])
        for period, values in product(table["left_out"], table["groups"].values()):
            for name in table["columns"]:
                self._number(table, name, period, values, None)
        present = {value for values in table["groups"].values() for value in values}
        report, outcomes = _meaning(table, table["columns"][0])
        for period in (*{row["period"] for row in table["rows"]}, *table["left_out"]):
            gone = self.values[table["by"]] - present  # no row has it: there was nobody
            self._says(_sum(report, table["by"], gone, months_of(period), outcomes), 0, 0)

    def _number(
        self, table: Mapping[str, Any], name: str, period: str, values: Iterable[str], said: float | None
    ) -> None:
        months = months_of(period)
        report, outcomes = _meaning(table, name)
        cell = _sum(report, table["by"], values, months, outcomes)
        if said is None:
            self.asked[f"{table['name']} {period} {'+'.join(values)} {name}"] = cell
            self._whole_and_parts(table, report, values, months)
        elif name == "average_daily_census":
            days = days_of(months)
            self._says(cell, (said - 0.005) * days, (said + 0.005) * days)
        else:
            self._says(cell, said, said)
        meaning = MEANINGS[report]
        rest = tuple(o for o in MEANINGS[report].outcomes if o not in outcomes and o != "apart")
        if rest and name in meaning.columns:
            self.asked[f"{table['name']} {period} {'+'.join(values)} not {name}"] = _sum(
                report, table["by"], values, months, rest
            )

    def _whole_and_parts(
        self, table: Mapping[str, Any], report: str, values: Iterable[str], months: tuple[int, ...]
    ) -> None:
        """The counts that a withheld number is made of: no column has them, and they are somebody's too."""
        for value, month, outcome in product(values, months, MEANINGS[report].outcomes):
            if report not in {"census", "attendance"}:
                atom = Atom(report, table["by"], value, month, outcome)
                self.asked[f"part {report} {value} {month // 12}-{month % 12 + 1} {outcome}"] = (atom,)

    def _says(self, cell: Sum, low: float, high: float) -> None:
        if cell:
            self.rows.append((dict.fromkeys(cell, 1.0), low, high))

    def _definitions(self) -> None:
        for report, months in self.months.items():
            self._margins(report, months)
        for first, second in _pairs(self.months):
            mine, theirs = MEANINGS[first], MEANINGS[second]
            low = 0.0 if mine.universe == theirs.universe else -np.inf  # who left had a stay that ended
            self._tied(first, mine.outcomes, second, theirs.outcomes, low)
        for first, inner, second, outer in NESTED:
            if first in self.months and second in self.months:
                for by, value, month in self._places(first, second):
                    rest = _rest(first, inner, second, outer)
                    mine = _sum(first, by, [value], (month,), inner) + _sum(rest, by, [value], (month,), ("rest",))
                    self._equal(mine, _sum(second, by, [value], (month,), outer))

    def _differences(self, table: Mapping[str, Any]) -> None:
        """What is left of a wider number without a narrower one, where a table has the narrower."""
        for first, inner, second, outer in NESTED:
            if first != table["report"] or second not in self.months:
                continue
            rest = _rest(first, inner, second, outer)
            periods = {*(row["period"] for row in table["rows"]), *table["left_out"]}
            for period, values in product(periods, table["groups"].values()):
                months = months_of(period)
                if {*months} <= self.months[first] & self.months[second]:
                    cell = _sum(rest, table["by"], values, months, ("rest",))
                    self.asked[f"{rest} {period} {'+'.join(values)}"] = cell

    def _margins(self, report: str, months: Iterable[int]) -> None:
        meaning = MEANINGS[report]
        for by, month, outcome in product({*self.values} - {"all"}, months, meaning.outcomes):
            parts = _sum(report, by, self.values[by], (month,), (outcome,))
            self._equal(parts, _sum(report, "all", [""], (month,), (outcome,)))
        counted = tuple(o for o in meaning.outcomes if o != "apart")
        for level, month in product(self.values.get("level", ()), months):
            if level in meaning.without or (meaning.levels and level not in meaning.levels):
                self._says(_sum(report, "level", [level], (month,), counted), 0, 0)

    def _tied(self, first: str, inner: tuple[str, ...], second: str, outer: tuple[str, ...], low: float) -> None:
        for by, value, month in self._places(first, second):
            mine = _sum(first, by, [value], (month,), inner)
            self._equal(mine, _sum(second, by, [value], (month,), outer), low)

    def _places(self, first: str, second: str) -> Iterator[tuple[str, str, int]]:
        for by, month in product(self.values, self.months[first] & self.months[second]):
            for value in self.values[by]:
                yield by, value, month

    def _equal(self, plus: Sum, minus: Sum, low: float = 0.0) -> None:
        self.rows.append(({**dict.fromkeys(plus, 1.0), **dict.fromkeys(minus, -1.0)}, low, 0.0))

    def ranges(self, one_in: int = 1) -> dict[str, tuple[float, float]]:
        """The least and the most of all that is asked, or one in so many; wide ones only as far as a witness shows."""
        atoms = {atom for terms, _, _ in self.rows for atom in terms}
        atoms |= {atom for cell in self.asked.values() for atom in cell}
        self.number = {atom: place for place, atom in enumerate(sorted(atoms))}
        asked = dict(list(self.asked.items())[::one_in])
        low = dict.fromkeys(asked, np.inf)
        high = dict.fromkeys(asked, -np.inf)
        program = _Program(self.rows, self.number)
        chosen = {name: np.array([self.number[a] for a in cell], dtype=int) for name, cell in asked.items()}
        far = np.full(len(self.number), 1.0)
        for point in (program.best(far), program.best(-far)):
            _look(point, chosen, low, high)
        for name, own in chosen.items():
            aim = np.zeros(len(self.number))
            aim[own] = 1.0
            if low[name] > 1e-6:
                low[name] = _look(program.best(aim), chosen, low, high)[own].sum()
            if high[name] < 11 - 1e-6:
                high[name] = _look(program.best(-aim), chosen, low, high)[own].sum()
        return {name: (float(low[name]), float(high[name])) for name in asked}


Vector = np.ndarray[Any, np.dtype[np.float64]]


class _Program:
    def __init__(self, rows: Iterable[Row], number: Mapping[Atom, int]) -> None:
        same = [row for row in rows if row[1] == row[2]]
        between = [row for row in rows if row[1] != row[2]]
        self._same = (_matrix(same, number), [row[2] for row in same])
        wide = [(t, high) for t, _, high in between]
        wide += [({atom: -w for atom, w in t.items()}, -low) for t, low, _ in between if low != -np.inf]
        self._between = (_matrix([(t, 0.0, h) for t, h in wide], number), [h for _, h in wide])

    def best(self, aim: Vector) -> Vector:
        """Where an aim is least; numbers end at a million, so that there always is a least."""
        a_ub, b_ub = self._between
        found = linprog(
            aim,
            A_eq=self._same[0],
            b_eq=self._same[1],
            A_ub=a_ub if b_ub else None,
            b_ub=b_ub or None,
            bounds=(0, 1e6),
            method="highs",
        )
        assert found.status == 0, found.message
        return np.asarray(found.x)


def _matrix(rows: Iterable[Row], number: Mapping[Atom, int]) -> Any:
    kept = list(rows)
    at = [(place, number[atom], w) for place, (terms, _, _) in enumerate(kept) for atom, w in terms.items()]
    across, down, weights = zip(*at, strict=True) if at else ((), (), ())
    return csr_matrix((weights, (across, down)), shape=(len(kept), len(number)))


def _look(point: Vector, chosen: Mapping[str, Any], low: dict[str, float], high: dict[str, float]) -> Vector:
    for name, own in chosen.items():
        at = float(point[own].sum())
        low[name], high[name] = min(low[name], at), max(high[name], at)
    return point


def _meaning(table: Mapping[str, Any], name: str) -> tuple[str, tuple[str, ...]]:
    """The report whose units a column counts, and their outcomes."""
    if table["report"] == "census" and name != "average_daily_census":
        report = {"admissions": "admissions", "discharges": "completion"}[name]
        return report, MEANINGS[report].outcomes
    return table["report"], MEANINGS[table["report"]].columns[name]


def _rest(first: str, inner: tuple[str, ...], second: str, outer: tuple[str, ...]) -> str:
    return f"{second} {'+'.join(outer)} without {first} {'+'.join(inner)}"


def _sum(report: str, by: str, values: Iterable[str], months: Iterable[int], outcomes: Iterable[str]) -> Sum:
    return tuple(Atom(report, by, *rest) for rest in product(values, months, outcomes))


def _pairs(reports: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each two of one universe by way of the first, and all others."""
    first: dict[str, str] = {}
    kept = list(reports)
    for one in kept:
        lead = first.setdefault(MEANINGS[one].universe or one, one)
        if lead != one:
            yield lead, one
    if "left" in first and "ended" in first:
        yield first["left"], first["ended"]
