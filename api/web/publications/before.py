"""The same number one period before, and the periods published earlier: from this or an earlier publication only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from infra.publications.store import Publications
from projections.publications.periods import KINDS, Kind, before, period

EARLIER_PERIODS = 12  # shown beside those of the publication itself
Table = Mapping[str, Any]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Published:
    """A row, and the number of the publication that it stands in."""

    publication: int
    row: Row


@dataclass(frozen=True, slots=True)
class Series:
    """Every period of a table that was published up to one publication, for groups of the same values."""

    table: Table
    published: Mapping[tuple[str, str], Published]

    def before(self, row: Row) -> Published | None:
        """The same group one period earlier, if anybody published it."""
        return self.published.get((period_before(self.table["period"], row["period"]), row["group"]))

    def earlier(self) -> list[Published]:
        """The periods before those of the table itself, oldest first; of each as many groups as can be compared."""
        periods_here = {row["period"] for row in self.table["rows"]}
        first = min(periods_here, default="")
        periods = sorted({name for name, _ in self.published if name < first})[-EARLIER_PERIODS:]
        groups = list(self.table["groups"])
        return [self.published[name, group] for name in periods for group in groups if (name, group) in self.published]


def series(kept: Publications, number: int, table: Table) -> Series:
    """The table as publication ``number`` has it, with what this and earlier ones say of other periods.

    A row is taken where the definition is the same, and its group holds the same values.

    Raises:
        PublicationError: one of them is not as it was signed.
    """
    numbers_before: dict[tuple[str, str], Published] = {}
    for publication in kept.all():
        if publication.number <= number:
            for other in kept.content(publication.number)["tables"]:
                if other["name"] == table["name"] and other["definition"] == table["definition"]:
                    numbers_before.update(_rows(publication.number, other, table))
    return Series(table, numbers_before)


def _rows(number: int, other: Table, table: Table) -> Iterator[tuple[tuple[str, str], Published]]:
    for row in other["rows"]:
        group = row["group"]
        if other["groups"].get(group) == table["groups"].get(group):
            yield (row["period"], group), Published(number, row)


def period_before(kind: str, name: str) -> str:
    """The name of the period before one (2026-03, 2026-Q1, 2026)."""
    known = cast("Kind", kind)
    year, _dash, part = name.partition("-")
    place = int(part.removeprefix("Q")) - 1 if part else 0
    return before(period(known, int(year) * 12 // KINDS[known] + place)).name
