"""Half-built generations, and read models that are ahead of the log: what goes, what is taken up, what is left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from infra.readmodels.generations import GENERATION
from infra.readmodels.verify import verify
from projections.catalogue import READ_MODELS
from tests.infra.readmodels.releases import live, lived, programs, release, running, states
from tests.infra.readmodels.worlds import World, world


@pytest.fixture(params=["sqlite", "postgres"])
def here(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "sqlite":
        with world() as here:
            yield here
        return
    url = request.getfixturevalue("migrated_postgres_url")
    with world(url=lambda _: url, reads_url=lambda _: url) as here:
        yield here


def kept(here: World) -> list[tuple[int, str, str]]:
    with here.reads.reading() as connection:
        every = here.reads.generations(connection, None)
    return [(one.id, one.model.name, one.state) for one in every if one.state != "live"]


def meanwhile(work: Callable[[], object]) -> Callable[[int, int], None]:
    """Progress of a rebuild within which something else is done, once."""
    left = [work]

    def progress(*_: int) -> None:
        while left:
            left.pop()()

    return progress


def left_building(here: World, name: str, version: int | None = None) -> int:
    """A generation whose builder is dead."""
    with here.reads.building() as connection:
        found = here.reads.create(connection, here.reads.models[name])
        if version is not None:
            connection.execute(GENERATION.update().where(GENERATION.c.id == found.id).values(version=version))
    return found.id


def test_a_rebuild_fills_what_it_began_and_leaves_what_another_is_filling(here: World) -> None:
    lived(here, "C-0")
    here.projector.catch_up()
    found: list[list[tuple[int, str, str]]] = []

    def another() -> None:
        with running(here, list(READ_MODELS)) as other:
            before = kept(here)
            other.catch_up()
            other.rebuild(["stays"])
            found.extend((before, kept(here)))

    here.projector.rebuild(["stays", "status"], progress=meanwhile(another))
    [before, after] = found
    assert [name for _, name, state in before if state == "building"] == ["stays", "status"]
    assert set(before) <= set(after), "what somebody fills is neither dropped nor switched to"
    assert sorted((name, state) for _, name, state in kept(here)) == [("status", "previous"), ("stays", "previous")]
    assert verify(here.projector) == []


def test_two_of_a_new_release_build_it_together(here: World) -> None:
    lived(here, "C-0")
    here.projector.catch_up()
    before = {row.generation for row in here.projector.status()}
    with running(here, release(1)) as one, running(here, release(1)) as two:
        one.catch_up(meanwhile(two.catch_up))
        generations = {row.generation for row in one.status()}
        assert len(generations - before) == 1
        assert max(generations) == max(before) + 1
        assert programs(two) == programs(one) == {"v1": 1}
        assert verify(one) == []


@pytest.mark.parametrize("version", [None, 99], ids=["of this release", "of another release"])
def test_what_nobody_fills_goes_at_start_and_stops_nothing(here: World, version: int | None) -> None:
    lived(here, "C-0")
    here.projector.catch_up()
    left_building(here, "stays", version)
    here.projector.catch_up()
    with running(here, list(READ_MODELS)) as started:
        started.catch_up()
    assert kept(here) == []
    left_building(here, "stays", version)
    assert here.projector.rebuild(["status"]) == ["status"]
    assert [(name, state) for _, name, state in kept(here)] == [("status", "previous")]


def test_a_rollback_that_an_older_release_left_half_done_is_taken_up(here: World) -> None:
    lived(here, "C-0")
    here.projector.catch_up()
    here.projector.rebuild(["stays"])
    lived(here, "C-1")
    with here.reads.building() as connection:
        connection.execute(GENERATION.update().where(GENERATION.c.state == "previous").values(state="building"))
    with running(here, list(READ_MODELS)) as started:
        started.catch_up()
        assert started.rollback("stays") == ["stays"]
        assert verify(started) == []


def test_read_models_ahead_of_the_log_are_an_error_and_built_anew(here: World) -> None:
    lived(here, "C-0")
    here.projector.catch_up()
    first = live(here.projector)
    here.projector.rebuild(["stays"])
    with here.reads.writing() as connection:
        connection.execute(GENERATION.update().values(position=GENERATION.c.position + 7))
    rows = here.projector.status()
    assert {(row.state, row.lag, row.position - row.head) for row in rows} == {("ahead", 0, 7)}
    assert here.projector.catch_up() == here.log.head()
    assert states(here.projector) == {}
    assert all(live(here.projector)[name] != generation for name, generation in first.items())
    assert here.tables() == here.fresh()
    assert verify(here.projector) == []
