"""A large import into a new store: folded beside, indexed at the end, then read like any other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import inspect

from infra.readmodels import release
from infra.readmodels.generations import Generation
from tests.infra.readmodels.releases import lived
from tests.infra.readmodels.worlds import World, world


@pytest.fixture(params=["sqlite", "postgres"])
def here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(release, "FAR", 4)
    if request.param == "sqlite":
        with world() as here:
            yield here
        return
    url = request.getfixturevalue("migrated_postgres_url")
    with world(url=lambda _: url, reads_url=lambda _: url) as here:
        yield here


def generations(here: World) -> list[Generation]:
    with here.reads.reading() as connection:
        return here.reads.generations(connection)


def indexes(here: World, generation: Generation) -> tuple[set[str], set[str]]:
    """The names of the indexes that a generation should have, and of those that it has."""
    inspector = inspect(here.reads.engine)
    tables = generation.own_tables()
    there = {str(index["name"]) for table in tables for index in inspector.get_indexes(table.name)}
    return {str(index.name) for table in tables for index in table.indexes}, there


def test_what_is_far_behind_is_folded_beside_and_has_every_index(here: World) -> None:
    first = {one.id for one in generations(here)}
    for number in range(4):
        lived(here, f"C-{number}")
    assert here.projector.catch_up() == here.log.head()
    now = generations(here)
    assert not first & {one.id for one in now}
    assert {one.position for one in now} == {here.log.head()}
    for one in now:
        wanted, there = indexes(here, one)
        assert wanted == there
    assert here.tables() == here.fresh()
    here.is_sound()


def test_what_is_being_built_has_its_indexes_no_sooner_than_it_is_filled(here: World) -> None:
    lived(here, "C-0")
    with here.reads.building() as connection:
        made = [here.reads.create(connection, model) for model in here.reads.models.values()]
    assert {name for one in made for name in indexes(here, one)[1]} == set()


def test_what_little_comes_after_goes_into_the_same_rows(here: World) -> None:
    for number in range(4):
        lived(here, f"C-{number}")
    here.projector.catch_up()
    before = [one.id for one in generations(here)]
    lived(here, "C-9")
    assert here.projector.catch_up() == here.log.head()
    assert [one.id for one in generations(here)] == before
    here.is_sound()
