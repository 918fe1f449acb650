"""A generation that is being built says how far it is and how long it will take; nothing of it stays afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from domain.events import NoteAdded
from infra.readmodels.projector import ProjectionStatus
from infra.readmodels.underway import Underway, underway
from projections.catalogue import READ_MODELS
from tests.infra.readmodels.worlds import World, world
from tests.spec import NOW, fact, record


@pytest.fixture
def here() -> Iterator[World]:
    with world() as found:
        yield found


def built(status: ProjectionStatus) -> tuple[int | None, int | None, float | None]:
    return status.building, status.building_position, status.building_seconds_left


def test_position_and_time_left_while_it_is_built(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    now = NOW
    monkeypatch.setattr(here.log, "clock", lambda: now)
    monkeypatch.setattr("infra.readmodels.projector.PAGE", 1)
    for client in ("C-1", "C-2", "C-3", "C-4"):
        record(here.log, fact(NoteAdded(text="x"), client=client))
    here.projector.catch_up()
    seen: list[set[tuple[int | None, float | None]]] = []

    def look(position: int, head: int) -> None:
        nonlocal now
        now += timedelta(seconds=30)
        seen.append({(one[1], one[2]) for one in map(built, here.projector.status())})

    assert {built(one) for one in here.projector.status()} == {(None, None, None)}
    here.projector.rebuild(progress=look)
    assert seen == [{(1, 90.0)}, {(2, 60.0)}, {(3, 30.0)}, {(4, 0.0)}]
    assert {built(one) for one in here.projector.status()} == {(None, None, None)}


def test_nothing_is_said_of_what_is_not_known(here: World) -> None:
    with here.reads.building() as connection:
        fresh = here.reads.create(connection, READ_MODELS[0], began=1_000_000)
        old = here.reads.create(connection, READ_MODELS[1])
    every = [fresh, old]
    assert underway(every, 9, 5_000_000) == {
        fresh.model.name: Underway(fresh.id, 0, None),
        old.model.name: Underway(old.id, 0, None),
    }
