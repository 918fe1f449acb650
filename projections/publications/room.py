"""Which tables yield where small numbers would leave them mostly withheld: one at a time, for each makes room."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from projections.publications.counts import Counts
from projections.publications.tables import Smallness, Table, table_name, without_small

LEAST_SHOWN = 0.5  # a table of which more must be withheld yields


class Yielding:
    """The tables of a publication, fewer from one round of disclosure control to the next.

    In a round yields, of each report, the table that says least. A table of quarters has three tries: the table of
    the same groups by year goes first, for its quarters add up to the year; then quarters with small numbers are left
    out; only then it goes itself, and the year comes back.
    """

    def __init__(self, tables: Sequence[Table], counts: Counts) -> None:
        self.tables = list(tables)
        self._counts = counts
        self._years: dict[str, Table] = {}  # by the table of quarters that they made room for
        self._tried: set[str] = set()
        self._yielded: list[str] = []

    @property
    def left_out(self) -> list[str]:
        """The names of the tables that went."""
        return [*self._yielded, *(year.name for year in self._years.values())]

    def settled(self, shares: Mapping[str, float]) -> bool:
        """Whether every table says enough, given the share of its numbers that would be shown. Else some yield now."""
        least: dict[str, Table] = {}
        for table in self.tables:
            worst = least.get(table.report)
            if shares[table.name] < LEAST_SHOWN and (worst is None or shares[table.name] < shares[worst.name]):
                least[table.report] = table
        for table in least.values():
            self._yield(table)
        return not least

    def _yield(self, table: Table) -> None:
        if table.kind == "quarter" and (self._without_the_year(table) or self._without_small_quarters(table)):
            return
        back = self._years.pop(table.name, None)
        place = self.tables.index(table)
        self.tables[place : place + 1] = [back] if back is not None else []
        self._yielded.append(table.name)

    def _without_the_year(self, quarters: Table) -> bool:
        name = table_name(quarters.report, quarters.margin, "year")
        year = next((other for other in self.tables if other.name == name), None)
        if year is not None:
            self._years[quarters.name] = year
            self.tables.remove(year)
        return year is not None

    def _without_small_quarters(self, quarters: Table) -> bool:
        if quarters.name in self._tried:
            return False
        self._tried.add(quarters.name)
        fewer = without_small(quarters, Smallness(self._counts))
        if not fewer.periods or fewer == quarters:
            return False
        self.tables[self.tables.index(quarters)] = fewer
        return True


def shown_share(table: Table, withheld: Collection[object]) -> float:
    """The share of a table's numbers that would be shown."""
    cells = [table.cell(number, period, values) for period, _, values in table.rows() for number in table.numbers]
    return sum(cell not in withheld for cell in cells) / len(cells)
