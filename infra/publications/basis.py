"""What a publication was made of: confidential, kept sealed beside it, so that later ones are protected against it.

A unit is counted in the month and place in which it was first published, and its outcome in a report is the one that
was published: later corrections change nothing of what earlier publications say, so that nobody finds a person by
the difference of two.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from infra.publications.units import Unit, Units
from projections.disclosure.system import Cell, Need, Unknown
from projections.publications.tables import Layout


@dataclass(slots=True)
class Basis:
    """One publication's own part, or the sum of several.

    ``units`` by universe, ``cohorts`` the months in which each universe is fixed, ``outcomes`` by family and unit,
    ``sums`` of what is not counted by unit, ``months`` for which each family was published, ``shown`` and
    ``withheld`` numbers, ``layouts`` of tables, ``nobody`` cells of groups that had not been named yet when
    their months were published, and the periods for which each table was ``decided``: published, or left out since
    groups were too small.
    """

    units: dict[str, Units] = field(default_factory=dict[str, Units])
    cohorts: dict[str, set[int]] = field(default_factory=dict[str, set[int]])
    outcomes: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    sums: dict[Unknown, int] = field(default_factory=dict[Unknown, int])
    months: dict[str, set[int]] = field(default_factory=dict[str, set[int]])
    shown: dict[Cell, float] = field(default_factory=dict[Cell, float])
    withheld: dict[Cell, Need] = field(default_factory=dict[Cell, Need])
    layouts: dict[str, Layout] = field(default_factory=dict[str, Layout])
    decided: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    nobody: list[Cell] = field(default_factory=list[Cell])

    @property
    def seen(self) -> dict[Cell, float]:
        """What a reader knows: the shown numbers, and the groups that had nobody before they were first named."""
        return {**dict.fromkeys(self.nobody, 0.0), **self.shown}

    def add(self, other: Basis) -> None:
        """Take another one's part in; what was said first stays."""
        for universe, units in other.units.items():
            mine = self.units.setdefault(universe, {})
            mine.update({key: unit for key, unit in units.items() if key not in mine})
        for mine, theirs in ((self.cohorts, other.cohorts), (self.months, other.months)):
            for name, months in theirs.items():
                mine.setdefault(name, set()).update(months)
        for family, outcomes in other.outcomes.items():
            self.outcomes.setdefault(family, {}).update(outcomes)
        self.sums.update(other.sums)
        self.shown.update(other.shown)
        self.withheld.update(other.withheld)
        self.layouts.update(other.layouts)
        for name, periods in other.decided.items():
            self.decided.setdefault(name, set()).update(periods)
        self.nobody += other.nobody

    def as_bytes(self) -> bytes:
        """As it is kept, before it is sealed."""
        content: dict[str, Any] = {
            "units": {
                universe: [[key, *_parts(unit)] for key, unit in sorted(units.items())]
                for universe, units in self.units.items()
            },
            "cohorts": {name: sorted(months) for name, months in self.cohorts.items()},
            "outcomes": self.outcomes,
            "sums": [[*unknown, n] for unknown, n in sorted(self.sums.items())],
            "months": {name: sorted(months) for name, months in self.months.items()},
            "shown": [[*_of(cell), value] for cell, value in self.shown.items()],
            "withheld": [[*_of(cell), need.low, need.high] for cell, need in self.withheld.items()],
            "decided": {name: sorted(periods) for name, periods in self.decided.items()},
            "nobody": [_of(cell) for cell in self.nobody],
            "layouts": {name: [layout.detail, layout.groups] for name, layout in self.layouts.items()},
        }
        return zlib.compress(orjson.dumps(content, option=orjson.OPT_SORT_KEYS))

    @classmethod
    def of_bytes(cls, kept: bytes) -> Basis:
        """What ``as_bytes`` gave."""
        content: dict[str, Any] = orjson.loads(zlib.decompress(kept))
        return cls(
            units={universe: {row[0]: Unit(*row[1:]) for row in rows} for universe, rows in content["units"].items()},
            cohorts={name: set(months) for name, months in content["cohorts"].items()},
            outcomes=content["outcomes"],
            sums={Unknown(*row[:5]): row[5] for row in content["sums"]},
            months={name: set(months) for name, months in content["months"].items()},
            shown={_cell(row): row[5] for row in content["shown"]},
            withheld={_cell(row): Need(row[5], row[6]) for row in content["withheld"]},
            decided={name: set(periods) for name, periods in content["decided"].items()},
            nobody=[_cell(row) for row in content.get("nobody", ())],
            layouts={name: _layout(*kept) for name, kept in content["layouts"].items()},
        )


def together(parts: Iterable[Basis]) -> Basis:
    """Everything that was published, oldest first."""
    basis = Basis()
    for part in parts:
        basis.add(part)
    return basis


def _parts(unit: Unit) -> Sequence[Any]:
    return (unit.client, unit.month, unit.level, unit.site, unit.program)


def _of(cell: Cell) -> Sequence[Any]:
    return (cell.family, cell.margin, cell.values, cell.months, cell.outcomes)


def _cell(row: Sequence[Any]) -> Cell:
    return Cell(row[0], row[1], tuple(row[2]), tuple(row[3]), tuple(row[4]))


def _layout(detail: int, groups: Sequence[Any]) -> Layout:
    return Layout(detail, tuple((name, tuple(values)) for name, values in groups))
