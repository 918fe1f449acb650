"""A read model that says what it reads gives the same rows from those entries alone, and asks for no others."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from domain.events import EntryCorrected, EntryRetracted, Event
from domain.journey import STAYS, fold
from projections.base import ReadModel
from projections.catalogue import CLIENT_MODELS
from projections.chart import Chart
from tests.depth import cases
from tests.histories import histories
from tests.projections.test_incremental import SHOWN
from tests.spec import Fact, entries

FEW = [model for model in CLIENT_MODELS if model.reads]
ALWAYS = (EntryCorrected, EntryRetracted)
MANY = settings(
    max_examples=cases(30, 600), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


class _UntilADay(Chart):
    """A chart that is told its latest day."""

    told = 0

    @property
    def last_day(self) -> int:
        return self.told


def counting(facts: list[Fact], kinds: frozenset[type[Event]]) -> list[Fact]:
    """The entries of these types, corrections and retractions, and whatever these are about."""
    targets = {fact.event.target for fact in facts if isinstance(fact.event, EntryCorrected | EntryRetracted)}
    return [fact for fact in facts if type(fact.event) in {*kinds, *ALWAYS} or fact.id in targets]


@MANY
@given(histories(("C-1",), SHOWN, most=24))
def test_other_entries_change_no_row(facts: list[Fact]) -> None:
    whole = Chart("c" * 32, 1, entries(facts))
    for model in FEW:
        few = _UntilADay("c" * 32, 1, entries(counting(facts, model.reads)))
        few.told = whole.last_day if model.reads_last_day else 0
        assert model.fold(few) == model.fold(whole)


@MANY
@given(histories(("C-1",), SHOWN, most=24))
def test_stays_come_of_few_types(facts: list[Fact]) -> None:
    whole, few = (fold(Chart("c" * 32, 1, entries(some)).entries) for some in (facts, counting(facts, STAYS)))
    assert [stay.event_id for stay in few.stays] == [stay.event_id for stay in whole.stays]
    assert (few.stays, few.closed_into) == (whole.stays, whole.closed_into)


class _Watched(Chart):
    """A chart that knows what it is asked for."""

    asked: set[type[Event]]
    may_ask_last_day: bool

    def of(self, *kinds: type[Event]) -> Any:
        self.asked.update(kinds)
        return super().of(*kinds)

    def events(self, kind: type[Any]) -> Any:
        self.asked.add(kind)
        return super().events(kind)

    @property
    def last_day(self) -> int:
        assert self.may_ask_last_day, "the last day is that of any entry"
        return super().last_day


@pytest.mark.parametrize("model", FEW, ids=lambda model: model.name)
@MANY
@given(facts=histories(("C-1",), SHOWN, most=12))
def test_it_asks_a_chart_for_nothing_else(model: ReadModel, facts: list[Fact]) -> None:
    chart = _Watched("c" * 32, 1, entries(facts))
    chart.asked, chart.may_ask_last_day = set(), model.reads_last_day
    model.fold(chart)
    assert chart.asked <= model.reads
