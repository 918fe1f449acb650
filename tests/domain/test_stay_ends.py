"""Which stay an end is about, where several of its level are open."""

from __future__ import annotations

from care import IOP, ends, starts

from domain.journey import journey_of
from tests.spec import Fact, entries


def lasted(*here: Fact, there: tuple[Fact, ...] = ()) -> list[int | None]:
    """Days of each stay in order of their starts, None while it is open; ``there`` stands in a chart merged into this."""
    both_charts = [*entries([*here]), *entries([*there], "d" * 32)]
    stays = sorted(journey_of(both_charts).stays, key=lambda stay: stay.start)
    return [None if stay.end_day is None else stay.end_day - stay.start_day for stay in stays]


def test_the_same_place_entered_twice_is_ended_by_one_end() -> None:
    assert lasted(starts(IOP, 30), starts(IOP, 29), ends(IOP, 9)) == [21, 20]


def test_of_two_merged_charts_each_end_is_of_its_own() -> None:
    here = (starts("residential", 30, program="North"), ends("residential", 20))
    there = (starts("residential", 25, program="South"), ends("residential", 15))
    assert lasted(*here, there=there) == [10, 10]
    within = (starts("residential", 28, program="South"), ends("residential", 23))
    assert lasted(*here, there=within) == [10, 5]


def test_an_end_in_the_other_chart_ends_what_is_open() -> None:
    assert lasted(starts("residential", 30), there=(ends("residential", 20),)) == [10]
