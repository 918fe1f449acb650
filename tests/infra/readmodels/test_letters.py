"""A dead letter names the entry that stops a client, since when, when last and how often; one client is tried alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from domain.events import LevelOfCareStarted, NoteAdded
from infra.readmodels.projector import ProjectionStatus
from infra.readmodels.verify import verify
from projections.catalogue import CLIENT_MODELS
from tests.infra.readmodels.worlds import World, world
from tests.poison import heal, poison
from tests.spec import NOW, ago, fact, record

MODELS = len(CLIENT_MODELS)


def of_clients(here: World) -> list[ProjectionStatus]:
    """How each read model of clients stands."""
    names = {model.name for model in CLIENT_MODELS}
    return [row for row in here.projector.status() if row.projection in names]


class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(params=["sqlite", "postgres"])
def here(request: pytest.FixtureRequest) -> Iterator[World]:
    url = request.getfixturevalue("migrated_postgres_url") if request.param == "postgres" else ""
    with world(url=lambda _: url, reads_url=lambda _: url) if url else world() as found:
        found.log.clock = Clock()
        yield found


def later(here: World, **span: float) -> datetime:
    clock = here.log.clock
    assert isinstance(clock, Clock)
    clock.now += timedelta(**span)
    return clock.now


def letter(here: World, client: str = "C-1") -> dict[str, object]:
    """The dead letter of a client, the same in every read model."""
    client_id = here.log.client_id(client)
    found = [row for row in here.projector.quarantined() if row["client_id"] == client_id]
    assert [row["projection"] for row in found] == [model.name for model in CLIENT_MODELS]
    [same] = {tuple(value for name, value in row.items() if name != "projection") for row in found}
    return dict(zip([name for name in found[0] if name != "projection"], same, strict=True))


def stop(here: World, client: str) -> int:
    record(here.log, fact(LevelOfCareStarted(level="residential"), ago(9), client=client))
    return poison(here.log, client, event_id=client[-1] * 32)


def test_it_has_the_place_of_the_bad_entry_and_a_life(here: World) -> None:
    position = stop(here, "C-1")
    record(here.log, fact(NoteAdded(text="x"), client="C-1"))
    here.projector.catch_up()
    found = letter(here)
    assert (found["sequence"], found["position"]) == (2, position)
    assert (found["first_failed"], found["last_failed"], found["tries"]) == (NOW, NOW, 1)

    again = later(here, hours=5)
    record(here.log, fact(NoteAdded(text="y"), client="C-1"))
    here.projector.catch_up()
    assert here.projector.retry() == (0, MODELS)
    found = letter(here)
    assert (found["sequence"], found["position"]) == (2, position)
    assert (found["first_failed"], found["last_failed"], found["tries"]) == (NOW, again, 3)
    assert {row.stopped_since for row in of_clients(here)} == {NOW}

    later(here, hours=5)
    here.projector.rebuild()
    assert letter(here)["first_failed"] == NOW
    assert verify(here.projector) == []


def test_another_entry_begins_another_life(here: World) -> None:
    first = stop(here, "C-1")
    here.projector.catch_up()
    second = poison(here.log, "C-1", event_id="f" * 32)
    heal(here.log, first)
    at = later(here, days=2)
    here.projector.catch_up()
    found = letter(here)
    assert (found["position"], found["first_failed"], found["tries"]) == (second, at, 1)


def test_one_client_is_tried_again_alone(here: World) -> None:
    places = [stop(here, client) for client in ("C-1", "C-2")]
    here.projector.catch_up()
    for place in places:
        heal(here.log, place)
    assert here.projector.retry(here.log.client_id("C-1")) == (MODELS, 0)
    assert {row["client_id"] for row in here.projector.quarantined()} == {here.log.client_id("C-2")}
    assert {row.quarantined for row in of_clients(here)} == {1}
    assert here.projector.retry() == (MODELS, 0)
    assert {row.stopped_since for row in of_clients(here)} == {None}


def lives(here: World) -> set[tuple[object, ...]]:
    """How letters ended, the same in every read model."""
    found = here.projector.healed()
    assert {row.projection for row in found} == {model.name for model in CLIENT_MODELS}
    return {
        (row.client_id, row.position, row.first_failed, row.tries, row.healed_at, row.how, row.healed_by)
        for row in found
    }


def test_who_retried_when_and_how_stays(here: World) -> None:
    places = [stop(here, client) for client in ("C-1", "C-2")]
    here.projector.catch_up()
    assert here.projector.healed() == []
    heal(here.log, places[0])
    at = later(here, hours=3)
    here.projector.retry(by="a.meyer")  # the other is stopped still
    first = here.log.client_id("C-1")
    assert lives(here) == {(first, places[0], NOW, 1, at, "retry", "a.meyer")}
    assert {(row.last_healed, row.healed_how, row.healed_by) for row in of_clients(here)} == {(at, "retry", "a.meyer")}
    here.projector.retry(by="b.okafor")
    assert len(lives(here)) == 1


def test_a_rebuild_heals_too_and_says_who_asked(here: World) -> None:
    place = stop(here, "C-1")
    here.projector.catch_up()
    here.projector.rebuild(by="a.meyer")
    assert here.projector.healed() == []
    heal(here.log, place)
    at = later(here, hours=1)
    here.projector.rebuild(by="a.meyer")
    assert lives(here) == {(here.log.client_id("C-1"), place, NOW, 2, at, "rebuild", "a.meyer")}


def test_what_comes_next_may_heal_and_nobody_is_named(here: World) -> None:
    place = stop(here, "C-1")
    here.projector.catch_up()
    heal(here.log, place)
    at = later(here, hours=1)
    record(here.log, fact(NoteAdded(text="x"), client="C-1"))
    here.projector.catch_up()
    assert lives(here) == {(here.log.client_id("C-1"), place, NOW, 1, at, "folded", "")}


def test_an_entry_further_on_ends_the_life_of_the_one_before(here: World) -> None:
    first = stop(here, "C-1")
    here.projector.catch_up()
    poison(here.log, "C-1", event_id="f" * 32)
    heal(here.log, first)
    here.projector.retry(by="a.meyer")
    [life] = lives(here)
    assert life[1] == first
    assert letter(here)["position"] == first + 1
