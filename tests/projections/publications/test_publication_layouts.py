"""Layouts of tables: what a reader must not learn from how they are laid out."""

from __future__ import annotations

from projections.publications.counts import Counts
from projections.publications.periods import period
from projections.publications.tables import laid_out


def test_a_group_that_had_nobody_is_listed_with_the_others_so_that_its_absence_says_nothing() -> None:
    counts = Counts()
    quarter = period("quarter", 2026 * 4)
    for person in range(60):
        site = "north" if person % 2 else "south"
        counts.add("completion", {"site": site}, quarter.months[0], "completed", person)
        counts.add("completion", {"site": site}, quarter.months[1], "other", person)
    counts.add("admissions", {"site": "west"}, quarter.months[0], "admitted", 99)
    table = laid_out("completion", "site", "quarter", [quarter], counts)
    assert table is not None
    assert {value for _, values in table.layout.groups for value in values} == {"north", "south", "west"}
