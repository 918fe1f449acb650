"""An outsider with all publications in hand finds nobody: no small number, and none that stands in no column."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from infra.bootstrap import Services
from infra.publications.basis import Basis, together
from infra.publications.publisher import publications_of
from projections.publications.specs import FAMILIES
from tests.depth import LONG, cases
from tests.infra.publications.outsider import Atom, Outsider
from tests.infra.publications.years import published, tables

ONE_IN = cases(5, 1)  # of the numbers that are asked for
CASES = [(60, 14), (200, 8), (400, 6)] if LONG else [(60, 3)]


@pytest.mark.parametrize(("clients", "count"), CASES)
def test_an_outsider_finds_nobody_in_all_that_was_published(clients: int, count: int, tmp_path: Path) -> None:
    last: Services | None = None
    for services, _ in published(tmp_path, clients, count):
        last = services
        if services.today().isoformat() >= "2027-01":
            assert found_in(services) == []
    assert last is not None


def found_in(services: Services) -> list[str]:
    """What an outsider finds: small groups whose number cannot be nought, or cannot be eleven, or is known."""
    outsider = Outsider()
    outsider.read([table for _, table in tables(services)])
    truth = Truth(together(publications_of(services).basis(one.number) for one in publications_of(services).all()))
    found: list[str] = []
    for name, (low, high) in outsider.ranges(ONE_IN).items():
        true = truth.of(outsider.asked[name])
        pinned = high - low < 1 and 0.5 < high < 10.5 and (true is None or true > 0)
        if pinned or (true is not None and 0 < true < 11 and (low > 1e-3 or high < 11 - 1e-3)):
            found.append(f"{name}: {true} is between {low:g} and {high:g}")
    return found


class Truth:
    """The true numbers, from what publications were made of. What is not counted by unit is None: it is weighed."""

    def __init__(self, basis: Basis) -> None:
        self._counts: dict[Atom, int] = {}
        for family, outcomes in basis.outcomes.items():
            units = basis.units[FAMILIES[family].universe]
            for key, outcome in outcomes.items():
                unit = units[key]
                for by, value in (("all", ""), *unit.places.items()):
                    atom = Atom(family, by, value, unit.month, outcome)
                    self._counts[atom] = self._counts.get(atom, 0) + 1

    def of(self, cell: Iterable[Atom]) -> int | None:
        """The true sum of a cell."""
        atoms = list(cell)
        if any(atom.report in {"census", "attendance"} for atom in atoms):
            return None
        return sum(self._counts.get(own, 0) * sign for atom in atoms for own, sign in _behind(atom))


def _behind(atom: Atom) -> list[tuple[Atom, int]]:
    """The counts that a number is the sum of, or the difference."""
    if atom.outcome != "rest":
        return [(atom, 1)]
    wide, narrow = (side.rsplit(" ", 1) for side in atom.report.split(" without "))
    return [
        (atom._replace(report=report, outcome=outcome), sign)
        for (report, outcomes), sign in ((wide, 1), (narrow, -1))
        for outcome in outcomes.split("+")
    ]
