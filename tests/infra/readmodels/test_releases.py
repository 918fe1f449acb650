"""Two releases side by side: each is left its own, nothing is built twice, and one command goes back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from structlog.testing import capture_logs

from infra.readmodels.own_rows import UnreadableGenerationError
from infra.readmodels.rebuild import NoPreviousError
from infra.readmodels.release import NewerReleaseError
from infra.readmodels.removal import drop
from infra.readmodels.verify import verify
from projections.catalogue import READ_MODELS
from tests.infra.readmodels.releases import live, lived, programs, release, running, states
from tests.infra.readmodels.worlds import World, world

ROUNDS = 12


@pytest.fixture(params=["sqlite", "postgres"])
def here(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "sqlite":
        with world(release(1)) as here:
            yield here
        return
    url = request.getfixturevalue("postgres_url")
    with world(release(1), url=lambda _: url, reads_url=lambda _: url) as here:
        yield here


def test_an_old_release_rests_beside_a_newer_one(here: World) -> None:
    old = here.projector
    lived(here, "C-0")
    old.catch_up()
    with running(here, release(2)) as new:
        new.catch_up()
        switched = live(new)
        for number in range(1, ROUNDS):
            lived(here, f"C-{number}")
            for projector in (old, new, old) if number % 2 else (new, old):
                projector.catch_up()
            new.catch_up()
            assert live(new) == live(old) == switched, "built again"
            assert programs(new) == programs(old) == {"v2": number + 1}
        assert (states(old), states(new)) == ({"stays": "newer"}, {})
        assert (old.rests, new.rests) == (True, False)
        assert verify(new) == verify(old) == []


def test_it_says_once_that_it_rests_and_when_it_is_its_turn_again(here: World) -> None:
    old = here.projector
    old.catch_up()
    with running(here, release(2)) as new:
        new.catch_up()
        with capture_logs() as logs:
            for _ in range(3):
                old.catch_up()
        assert [(line["log_level"], line["resting"]) for line in logs] == [("warning", {"stays": "newer"})]
        old.rollback()
        with capture_logs() as logs:
            old.catch_up()
            new.catch_up()
        assert [line.get("resting") for line in logs] == [None, {"stays": "rolled_back"}]


def test_its_position_is_that_of_the_newer_one(here: World) -> None:
    """Who waits for what was just recorded waits for the release that folds it."""
    old = here.projector
    with running(here, release(2)) as new:
        new.catch_up()
        lived(here, "C-1")
        assert old.catch_up() == 0
        new.catch_up()
        assert old.catch_up() == here.log.head()


@pytest.mark.parametrize("renames", [False, True], ids=["the same columns", "other columns"])
def test_both_at_once_while_others_write_and_read(here: World, renames: bool) -> None:
    over = threading.Event()
    lived(here, "C-0")
    here.projector.catch_up()

    def write() -> int:
        for number in range(ROUNDS):
            lived(here, f"C-{number + 1}")
        return ROUNDS

    def project(models: int) -> set[tuple[int, int]]:
        found = set[tuple[int, int]]()
        with running(here, release(models, renames=renames and models == 2)) as projector:
            while not over.is_set():
                projector.catch_up()
                found.add(live(projector)["stays"])
                assert len(programs(projector)) == 1, "rows of two releases at once"
            projector.catch_up()
        return found

    with ThreadPoolExecutor(5) as pool:
        projecting = [pool.submit(project, number) for number in (1, 2, 1, 2)]
        try:
            pool.submit(write).result()
        finally:
            over.set()
        seen = set[tuple[int, int]]().union(*(done.result() for done in projecting))
    assert len(seen) <= 2, "built more than once"
    with running(here, release(2, renames=renames)) as new:
        new.catch_up()
        assert programs(new) == {"v2": ROUNDS + 1}
        assert verify(new) == []
        here.projector.rollback()
    assert programs(here.projector) == {"v1": ROUNDS + 1}
    assert verify(here.projector) == []


def test_an_old_release_shows_its_own_rows_where_columns_are_others(here: World) -> None:
    old = here.projector
    lived(here, "C-0")
    old.catch_up()
    with running(here, release(2, renames=True)) as new:
        new.catch_up()
        lived(here, "C-1")
        old.catch_up()
        new.catch_up()
        assert (programs(old), programs(new)) == ({"v1": 1}, {"v2": 2})
        assert old.reads.missing() == new.reads.missing() == []
        assert old.rollback() == ["stays"]
        assert (programs(old), programs(new)) == ({"v1": 2}, {"v2": 2})
        lived(here, "C-2")
        new.catch_up()
        old.catch_up()
        assert (programs(old), programs(new)) == ({"v1": 3}, {"v2": 2})
        assert verify(old) == verify(new) == []


def test_a_new_release_answers_nothing_until_its_columns_are_there(here: World) -> None:
    lived(here, "C-0")
    here.projector.catch_up()
    with running(here, release(2, renames=True)) as new:
        assert new.reads.missing() == ["stays"]
        with pytest.raises(UnreadableGenerationError, match="stay"):
            programs(new)
        assert states(new) == {"stays": "outdated"}
        new.catch_up()
        assert programs(new) == {"v2": 1}


def test_a_read_model_that_comes_with_a_release_is_built_and_not_shown_empty(here: World) -> None:
    """Beside workers of the topic too, who never look at what lies behind them."""
    models = release(1)
    with running(here, [model for model in models if model.name != "stays"]) as old:
        with here.reads.writing() as connection:  # as if there had never been one
            for one in here.reads.generations(connection, None):
                if one.model.name == "stays":
                    drop(connection, one.id)
        lived(here, "C-0")
        old.catch_up()
        with running(here, models) as new:
            assert new.reads.missing() == ["stays"]
            with pytest.raises(UnreadableGenerationError, match="stay"):
                programs(new)
            new.keep_position()
            old.catch_up()
            assert new.renew() == ["stays"]
            assert programs(new) == {"v1": 1}
            assert verify(new) == []


def test_one_command_goes_back_and_one_goes_forward_again(here: World) -> None:
    old = here.projector
    lived(here, "C-0")
    old.catch_up()
    with running(here, release(2)) as new:
        new.catch_up()
        lived(here, "C-1")
        assert old.rollback() == ["stays"]
        back = live(old)
        for projector in (new, old, new):
            projector.catch_up()
        assert live(old) == back, "nobody goes forward again by himself"
        assert states(new) == {"stays": "rolled_back"}
        assert programs(old) == {"v1": 2}
        with running(here, release(2)) as again:  # nor does it after a restart
            again.catch_up()
        assert old.rebuild(["stays"]) == ["stays"]  # nor after a rebuild of what is live
        new.catch_up()
        assert states(new) == {"stays": "rolled_back"}
        assert new.rebuild(["stays"]) == ["stays"]
        assert (states(new), states(old)) == ({}, {"stays": "newer"})
        assert verify(new) == []


def test_the_release_after_the_one_that_was_left_takes_over(here: World) -> None:
    old = here.projector
    with running(here, release(2)) as new, running(here, release(3)) as third:
        new.catch_up()
        old.rollback()
        third.catch_up()
        assert (states(old), states(new), states(third)) == ({"stays": "newer"}, {"stays": "newer"}, {})


def test_an_old_release_whose_rows_are_gone_builds_them_to_go_back(here: World) -> None:
    lived(here, "C-0")
    with running(here, release(3)) as new:
        new.catch_up()
        new.rebuild()
        assert here.projector.rollback() == ["stays"]
    assert programs(here.projector) == {"v1": 1}
    assert verify(here.projector) == []


def test_an_old_release_does_not_rebuild_over_a_newer_one(here: World) -> None:
    with running(here, release(2)) as new:
        new.catch_up()
        with pytest.raises(NewerReleaseError, match="project rollback"):
            here.projector.rebuild(["stays"])
        assert set(here.projector.rebuild()) == {model.name for model in READ_MODELS} - {"stays"}
        assert live(new)["stays"][1] == new.reads.models["stays"].version


def test_there_is_nothing_to_go_back_from_without_a_newer_release(here: World) -> None:
    with pytest.raises(NoPreviousError, match="name the one"):
        here.projector.rollback()


def test_a_slower_release_does_not_switch_over_a_newer_one(here: World) -> None:
    """While the second was built, the third took its place."""
    lived(here, "C-0")
    with running(here, release(2)) as new, running(here, release(3)) as third:

        def quicker(*_: int) -> None:
            if states(third):
                third.catch_up()

        new.catch_up(quicker)
        assert programs(third) == {"v3": 1}
        new.catch_up()
        assert (states(new), states(third)) == ({"stays": "newer"}, {})
