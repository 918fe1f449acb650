"""Which tables yield where too much of them would be withheld."""

from __future__ import annotations

from projections.publications.counts import Counts
from projections.publications.periods import Kind, Period, period
from projections.publications.room import Yielding, shown_share
from projections.publications.tables import Layout, Table

QUARTERS = tuple(period("quarter", 2026 * 4 + place) for place in range(4))
YEAR = (period("year", 2026),)


def table(report: str, margin: str, kind: Kind, periods: tuple[Period, ...] = ()) -> Table:
    return Table(report, margin, kind, Layout(-1, (("north", ("north",)), ("south", ("south",)))), periods)


def with_ended(counts: Counts, of: Period, number: int) -> None:
    """So many people's stays end at each site in a quarter, half of them completed."""
    for person in range(number):
        for site in ("north", "south"):
            for outcome in ("completed", "other"):
                counts.add("completion", {"site": site}, of.months[0], outcome, len(counts.sums) * 1000 + person)


def names(yielding: Yielding) -> list[str]:
    return [table.name for table in yielding.tables]


def test_of_each_report_the_table_that_says_least_yields() -> None:
    tables = [table("completion", "all", "month"), table("completion", "level", "month"), table("flow", "all", "month")]
    yielding = Yielding(tables, Counts())
    assert not yielding.settled({"completion-month": 0.4, "completion-by-level-month": 0.1, "flow-month": 0.3})
    assert names(yielding) == ["completion-month"]
    assert yielding.settled({"completion-month": 0.5})
    assert yielding.left_out == ["completion-by-level-month", "flow-month"]


def test_the_year_makes_room_for_its_quarters_and_comes_back_when_that_was_in_vain() -> None:
    counts = Counts()
    for quarter, number in zip(QUARTERS, (5, 30, 30, 40), strict=True):
        with_ended(counts, quarter, number)
    quarters, year = table("completion", "site", "quarter", QUARTERS), table("completion", "site", "year", YEAR)
    yielding = Yielding([quarters, year, table("flow", "site", "year", YEAR)], counts)
    shares = {"completion-by-site-quarter": 0.3, "completion-by-site-year": 1.0, "flow-by-site-year": 1.0}
    assert not yielding.settled(shares)
    assert names(yielding) == ["completion-by-site-quarter", "flow-by-site-year"]
    assert yielding.left_out == ["completion-by-site-year"]
    assert not yielding.settled(shares)
    assert yielding.tables[0].periods == QUARTERS[1:], "the first has small numbers"
    assert yielding.tables[0].left_out == QUARTERS[:1]
    assert not yielding.settled(shares)
    assert names(yielding) == ["completion-by-site-year", "flow-by-site-year"]
    assert yielding.left_out == ["completion-by-site-quarter"]
    assert yielding.settled(shares)


def test_a_table_that_says_enough_without_the_year_stays() -> None:
    tables = [table("completion", "site", "quarter", QUARTERS), table("completion", "site", "year", YEAR)]
    yielding = Yielding(tables, Counts())
    assert not yielding.settled({"completion-by-site-quarter": 0.3, "completion-by-site-year": 1.0})
    assert yielding.settled({"completion-by-site-quarter": 0.8})
    assert names(yielding) == ["completion-by-site-quarter"]


def test_what_is_withheld_is_no_part_of_what_is_shown() -> None:
    one = table("completion", "site", "quarter", QUARTERS)
    cells = [one.cell(number, of, values) for of, _, values in one.rows() for number in one.numbers]
    assert shown_share(one, ()) == 1
    assert shown_share(one, cells[: len(cells) // 4]) == 0.75
