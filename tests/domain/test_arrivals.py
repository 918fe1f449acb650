"""Planned arrivals: the start of the level fulfils them, a later plan for it takes their place."""

from __future__ import annotations

from datetime import date

import pytest
from care import IOP, assessed, starts

from domain.arrivals import arrivals
from domain.entries import effective
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


def test_the_place_that_they_come_from() -> None:
    event = CATALOGUE.parse("ArrivalPlanned", {"level": IOP, "on": "2026-03-09", "from": "residential"})
    assert event.model_dump(by_alias=True)["from"] == "residential"
