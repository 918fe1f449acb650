"""Whom an entry stops is folded up to the entry before it, by whoever folds and whenever: live, rebuilt or replayed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from uuid import UUID

import pytest

from domain.events import ChartsMerged, LevelOfCareEnded, LevelOfCareStarted, NoteAdded
from infra.commands.handle import merge
from infra.eventstore.log import Author
from infra.readmodels.verify import verify
from projections.catalogue import READ_MODELS
from projections.chart import Chart
from projections.stays.fold import MODEL as STAYS
from tests.infra.readmodels.worlds import World, world
from tests.poison import POISONS, SEALED, heal, poison
from tests.spec import NOW, Fact, ago, fact, record, shown


@pytest.fixture
def here() -> Iterator[World]:
    with world() as here:
        yield here


def stay(client: str, start: float, end: float) -> list[Fact]:
    return [
        fact(LevelOfCareStarted(level="residential", program="North"), ago(start), client=client),
        fact(LevelOfCareEnded(level="residential", reason="completed"), ago(end), client=client),
    ]


def write(here: World, *facts: Fact) -> None:
    for given in facts:
        record(here.log, given)


def all_agree(here: World) -> None:
    """Live tables, their rebuild and a replay hold the same."""
    here.projector.catch_up()
    live = here.tables()
    assert verify(here.projector) == []
    here.projector.rebuild()
    assert here.tables() == live == here.fresh()
    assert verify(here.projector) == []


@pytest.mark.parametrize("kind", sorted(POISONS.keys() - SEALED))
@pytest.mark.parametrize("paged", [True, False], ids=["met entry by entry", "met in one page"])
def test_up_to_the_entry_before_the_bad_one(here: World, kind: str, paged: bool) -> None:
    write(here, *stay("C-1", 60, 50), *stay("C-2", 60, 50))
    if paged:
        here.projector.catch_up()
    poison(here.log, "C-1", kind)
    if paged:
        here.projector.catch_up()
    write(here, *stay("C-1", 40, 30))
    all_agree(here)
    assert len(shown(here.reads, "stay")) == 2
    assert {row["client_id"] for row in here.projector.quarantined()} == {here.log.client_id("C-1")}


def test_an_entry_that_was_folded_and_is_unreadable_now_takes_back_what_came_after(here: World) -> None:
    write(here, *stay("C-1", 60, 50))
    here.projector.catch_up()
    heal(here.log, 2, "LevelOfCareEnded.99")
    write(here, *stay("C-1", 40, 30))
    all_agree(here)
    [only] = shown(here.reads, "stay")
    assert only["end_day"] is None
    heal(here.log, 1, "LevelOfCareStarted.99")
    here.projector.retry()
    all_agree(here)
    assert shown(here.reads, "stay") == []


def test_what_cannot_be_read_in_a_merged_chart_after_the_merge_is_none_of_the_survivors_business(here: World) -> None:
    write(here, *stay("C-1", 60, 50), *stay("C-2", 40, 30))
    merge(here.log, "C-1", "C-2", author=Author("x"), now=NOW)
    here.projector.catch_up()
    poison(here.log, "C-2")
    write(here, *stay("C-1", 20, 10))
    all_agree(here)
    assert len(shown(here.reads, "stay")) == 3
    assert {row["client_id"] for row in here.projector.quarantined()} == {here.log.client_id("C-2")}


def test_what_cannot_be_read_in_a_chart_before_its_merge_stops_the_survivor_before_it(here: World) -> None:
    write(here, *stay("C-1", 60, 50), *stay("C-2", 40, 30))
    position = poison(here.log, "C-2")
    other = here.log.client_id("C-2")
    write(here, fact(ChartsMerged(other_client="C-2", other_client_id=UUID(hex=other)), client="C-1"))
    write(here, *stay("C-1", 20, 10), fact(NoteAdded(text="x"), client="C-1"))
    all_agree(here)
    assert len(shown(here.reads, "stay")) == 2
    heal(here.log, position)
    here.projector.retry()
    all_agree(here)
    assert here.projector.quarantined() == []


def test_a_fault_of_a_fold_stops_one_read_model_before_the_entry_that_brings_it_out() -> None:
    def broken(chart: Chart) -> dict[str, Sequence[tuple[object, ...]]]:
        if chart.of(NoteAdded):
            raise ArithmeticError
        return dict(STAYS.fold(chart))

    models = [replace(model, fold=broken) if model is STAYS else model for model in READ_MODELS]
    with world(models) as here:
        write(here, *stay("C-1", 60, 50), fact(NoteAdded(text="x"), client="C-1"), *stay("C-1", 40, 30))
        here.projector.catch_up()
        assert len(shown(here.reads, "stay")) == 1
        assert [row["projection"] for row in here.projector.quarantined()] == ["stays"]
        assert verify(here.projector) == []
