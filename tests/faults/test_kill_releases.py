"""Two releases as two processes: side by side for many rounds, then back; and kill -9 in the midst of either."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra.readmodels.verify import verify
from tests.depth import by_night
from tests.faults.forked import Child
from tests.infra.readmodels.releases import live, lived, programs, release, running, states
from tests.infra.readmodels.worlds import World, world

ROUNDS = 10


@pytest.fixture(params=["sqlite", by_night("postgres")])
def here(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "sqlite":
        with world(release(1)) as here:
            yield here
        return
    url = request.getfixturevalue("postgres_url")
    with world(release(1), url=lambda _: url, reads_url=lambda _: url) as here:
        yield here


def started(here: World, work: str, number: int) -> Child:
    url = here.reads.url if here.reads.url.startswith("postgres") else f"sqlite:///{here.folder}/log.db"
    return Child("tests.faults.child_releases", work, url, here.reads.url, str(number))


def killed(here: World, work: str, number: int) -> None:
    """Begin, and end at the first page."""
    with started(here, work, number) as child:
        assert child.stdout.readline()
        child.kill()


def told(child: Child, word: str) -> None:
    child.stdin.write(f"{word}\n")
    child.stdin.flush()


def answer(child: Child) -> str:
    line = next(line for line in child.stdout if line.startswith("go "))  # the log goes there too
    return line.removeprefix("go ").strip()


def test_two_processes_of_two_releases(here: World) -> None:
    lived(here, "C-0")
    here.projector.catch_up()
    with started(here, "follow", 1) as old, started(here, "follow", 2) as new:
        told(new, "go")
        switched = answer(new).partition(" {")[0]
        for number in range(1, ROUNDS):
            lived(here, f"C-{number}")
            told(old, "go")
            told(new, "go")
            # its own rows stand as they were when the newer release took over, whose columns are others
            assert answer(old) == f"{switched} {{'v1': 1}}"
            assert answer(new) == f"{switched} {{'v2': {number + 1}}}"
        assert states(here.projector) == {"stays": "newer"}
        assert here.projector.rollback() == ["stays"]
        back = live(here.projector)["stays"]
        for child in (new, old, new):
            told(child, "go")
            answer(child)
        assert live(here.projector)["stays"] == back
        for child in (old, new):
            child.stdin.close()
    assert programs(here.projector) == {"v1": ROUNDS}
    assert verify(here.projector) == []


def test_a_rollback_that_was_killed_is_done_again(here: World) -> None:
    lived(here, "C-0")
    here.projector.catch_up()
    with running(here, release(2, renames=True)) as new:
        new.catch_up()
        for number in range(1, ROUNDS):
            lived(here, f"C-{number}")
        new.catch_up()
        before = live(new)
        for _ in range(2):
            killed(here, "rollback", 1)
            assert live(new) == before
            new.catch_up()
        assert here.projector.rollback() == ["stays"]
    assert programs(here.projector) == {"v1": ROUNDS}
    assert verify(here.projector) == []


@pytest.mark.parametrize("number", [1, 2], ids=["of this release", "of another release"])
def test_what_a_killed_rebuild_left_goes_at_the_next_start(here: World, number: int) -> None:
    for each in range(ROUNDS):
        lived(here, f"C-{each}")
    here.projector.catch_up()
    killed(here, "rebuild", number)
    with here.reads.reading() as connection:
        assert any(one.state == "building" for one in here.reads.generations(connection, None))
    assert here.projector.rebuild(["status"]) == ["status"]
    with running(here, release(1)) as again:
        again.catch_up()
        with again.reads.reading() as connection:
            every = again.reads.generations(connection, None)
        assert {one.state for one in every} <= {"live", "previous"}
        assert [one.model.name for one in every if one.state == "previous"] == ["status"]
        assert verify(again) == []
    assert not [path for path in here.folder.iterdir() if ".filling-" in path.name]
