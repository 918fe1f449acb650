"""Planned arrivals: the start of the level fulfils them, a later plan for it takes their place."""

from __future__ import annotations

from datetime import date

import pytest
from care import IOP, assessed, ends, starts

from domain.arrivals import arrivals
from domain.entries import effective, microseconds
from domain.events import CATALOGUE, ArrivalPlanned, ClientDied, InvalidDataError
from domain.journey import fold
from domain.levels import Level
from tests.spec import Fact, ago, entries, fact, given


def planned(days_ago: float = 9, level: Level = IOP, on: str = "2026-03-09") -> Fact:
    return fact(ArrivalPlanned(level=level, on=date.fromisoformat(on)), ago(days_ago))


def test_it_is_planned_for_a_day_ahead() -> None:
    given().when(planned()).then(planned().event)
    given(fact(ClientDied(), ago(10))).when(planned()).refused("nothing_after_death")


@pytest.mark.parametrize("data", [{"level": "spa", "on": "2026-03-09"}, {"level": IOP, "on": "soon"}, {"level": IOP}])
def test_it_needs_a_level_and_a_day(data: dict[str, str]) -> None:
    with pytest.raises(InvalidDataError):
        CATALOGUE.parse("ArrivalPlanned", data)


@pytest.mark.parametrize(
    ("facts", "states"),
    [
        ([planned()], ["planned"]),
        ([starts(days_ago=10), planned()], ["planned"]),
        ([planned(), starts(days_ago=5)], ["arrived"]),
        ([planned(), starts("residential", days_ago=5)], ["planned"]),
        ([planned(), planned(8, on="2026-03-10")], ["replaced", "planned"]),
        ([planned(), planned(8, "residential")], ["planned", "planned"]),
        ([planned(), planned(8), starts(days_ago=5)], ["replaced", "arrived"]),
        ([planned(), starts(days_ago=5), planned(4)], ["arrived", "planned"]),
        ([planned(), fact(ClientDied(), ago(5))], ["died"]),
    ],
)
def test_what_became_of_it(facts: list[Fact], states: list[str]) -> None:
    counted = effective(entries([assessed(), *facts]))
    assert [one.state for one in arrivals(counted, fold(counted))] == states


@pytest.mark.parametrize(
    ("facts", "began"),  # of each plan, how many days ago the stay began that fulfilled it
    [
        ([planned(), starts(days_ago=9)], [9]),
        ([planned(), starts(days_ago=7), ends(days_ago=6), starts(days_ago=5)], [7]),
        ([starts(days_ago=12), ends(days_ago=10), planned(), starts(days_ago=4)], [4]),
        ([planned(), planned(5), starts(days_ago=5)], [None, 5]),
        ([planned(), starts(days_ago=5.5), planned(5)], [5.5, None]),
    ],
)
def test_the_first_start_from_the_plan_on_fulfils_it(facts: list[Fact], began: list[float | None]) -> None:
    plans = [one for one in facts if isinstance(one.event, ArrivalPlanned)]
    counted = effective(entries([assessed(), *facts]))
    found = arrivals(counted, fold(counted))
    assert [(one.entry.event_id, one.plan) for one in found] == [(one.id.hex, one.event) for one in plans]
    assert [one.stay and one.stay.start for one in found] == [
        None if days is None else microseconds(ago(days)) for days in began
    ]


def test_the_place_that_they_come_from() -> None:
    event = CATALOGUE.parse("ArrivalPlanned", {"level": IOP, "on": "2026-03-09", "from": "residential"})
    assert event.model_dump(by_alias=True)["from"] == "residential"
