"""One projector at a time: who is paused loses its lease, and writes nothing when it wakes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text

from domain.events import NoteAdded
from infra.readmodels.generations import GENERATION
from infra.readmodels.leases import LIVE, LeaseLostError, held
from infra.readmodels.projector import Projector
from infra.readmodels.readstore import ReadStore
from infra.readmodels.verify import verify
from projections.catalogue import READ_MODELS
from tests.day import UTC_DAYS
from tests.infra.postgres.pausing import Sleeper, asleep
from tests.infra.readmodels.worlds import World, world
from tests.spec import ago, fact, record

PAUSING = "tests.infra.postgres.pausing_reads"


@pytest.fixture(params=["sqlite", "postgres"])
def here(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "sqlite":
        with world() as here:
            yield here
        return
    yield from on_postgres(request.getfixturevalue("migrated_postgres_url"))


@pytest.fixture
def shared(migrated_postgres_url: str) -> Iterator[World]:
    yield from on_postgres(migrated_postgres_url)


def on_postgres(url: str) -> Iterator[World]:
    with world(url=lambda _: url, reads_url=lambda _: url) as here:
        yield here


def note(here: World, client: str = "A-1") -> int:
    record(here.log, fact(NoteAdded(text="seen"), ago(1), client=client))
    return here.log.head()


def sleeping(here: World, where: str) -> tuple[str, str, str, str]:
    url = here.reads.url
    log = url if url.startswith("postgres") else f"sqlite:///{here.folder}/log.db"
    return PAUSING, where, log, url


def test_the_holder_is_who_projected_last(here: World) -> None:
    assert {(row.holder, row.heartbeat_age) for row in here.projector.status()} == {(None, None)}
    note(here)
    here.projector.catch_up()
    first = {row.holder for row in here.projector.status()}
    other = Projector(here.log, ReadStore(here.reads.url, READ_MODELS, UTC_DAYS))
    other.catch_up()
    assert {row.holder for row in other.status()} != first
    assert all(row.heartbeat_age is not None for row in other.status())
    assert first == {here.reads.leases[LIVE].holder}
    other.reads.close()


def test_what_is_written_under_a_lease_that_is_lost_is_not_written(here: World) -> None:
    note(here)
    here.projector.catch_up()
    with pytest.raises(LeaseLostError), here.reads.projecting(LIVE) as connection:
        connection.execute(text("UPDATE generation SET position = 99"))
        connection.execute(text("UPDATE lease SET token = token + 1"))
    with here.reads.reading() as connection:
        assert set(connection.execute(select(GENERATION.c.position)).scalars()) == {1}
    note(here)
    assert here.projector.catch_up() == 2
    here.is_sound()


def test_a_lease_is_taken_once_and_kept(here: World) -> None:
    for _ in range(3):
        note(here)
        here.projector.catch_up()
    with here.reads.reading() as connection:
        assert connection.execute(text("SELECT token, beats FROM lease")).all() == [(1, 3)]
        before = held(connection)
    here.reads.leases[LIVE].beat()
    with here.reads.reading() as connection:
        assert connection.execute(text("SELECT beats FROM lease")).all() == [(4,)]
        after = held(connection)
    assert before and after and before.holder == after.holder


@pytest.mark.parametrize("years", [-1, 1])
def test_a_clock_that_was_set_changes_no_holder(here: World, years: int) -> None:
    note(here)
    here.projector.catch_up()
    with here.reads.writing() as connection:
        connection.execute(text("UPDATE lease SET beaten_at = beaten_at + :set"), {"set": years * 31_536_000_000_000})
    note(here)
    ages = {row.heartbeat_age for row in here.projector.status()}
    assert all(age is not None and age >= 0 for age in ages)
    assert here.projector.catch_up() == 2
    with here.reads.reading() as connection:
        assert connection.execute(text("SELECT token FROM lease")).scalar_one() == 1
    here.is_sound()


def test_a_projector_paused_within_its_page_is_taken_over(shared: World) -> None:
    note(shared)
    with asleep(*sleeping(shared, "within_a_page")) as sleeper:
        assert shared.projector.catch_up() == 1
        taken = shared.tables()
        assert sleeper.goes_on() == "refused"
    assert shared.tables() == taken
    assert {row.holder for row in shared.projector.status()} == {shared.reads.leases[LIVE].holder}
    note(shared)
    assert shared.projector.catch_up() == 2
    shared.is_sound()


def test_a_file_goes_to_the_next_when_its_writer_is_gone() -> None:
    with world() as here, ThreadPoolExecutor(1) as pool:
        note(here)
        sleeper = Sleeper(*sleeping(here, "within_a_page"))
        sleeper.until_it_stops()
        waits = pool.submit(here.projector.catch_up)
        sleeper.kill()
        assert waits.result() == 1
        here.is_sound()


def test_a_switch_does_not_wait_for_verify(shared: World) -> None:
    note(shared)
    shared.projector.catch_up()
    with asleep(*sleeping(shared, "within_verify")) as sleeper:
        shared.projector.rebuild()
        assert verify(shared.projector) == []
        assert sleeper.goes_on() == "0 differences"


def test_a_reader_who_is_paused_keeps_nobody_but_the_switch(shared: World) -> None:
    note(shared)
    shared.projector.catch_up()
    with ThreadPoolExecutor(1) as pool, asleep(*sleeping(shared, "within_a_read")) as sleeper:
        switched = pool.submit(shared.projector.rebuild)
        for _ in range(3):
            position = note(shared)
            other = ReadStore(shared.reads.url, READ_MODELS, UTC_DAYS)
            assert Projector(shared.log, other).catch_up() == position
            assert {row.lag for row in Projector(shared.log, other).status()} == {0}
            other.close()
        assert not switched.done()
        assert sleeper.goes_on() == "read"
        assert sorted(switched.result()) == sorted(shared.reads.models)
    shared.is_sound()
