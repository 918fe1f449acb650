"""On PostgreSQL too a moment is the live read models without whom something was learned of, in one session's tables."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from knowing import FEW, WAYS, Lived, agree, laid_rightly, lived, overlaid, replayed
from sqlalchemy.exc import DBAPIError

from infra.history.as_of.store import opened_over_live
from projections.catalogue import READ_MODELS
from tests.conftest import fresh_database
from tests.depth import cases
from tests.infra.readmodels.test_stopping import stay
from tests.infra.readmodels.worlds import tables
from tests.projections.test_incremental import lived as histories
from tests.spec import Fact

HARD = settings(
    max_examples=cases(2, 30),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)


@contextmanager
def store(template: str) -> Generator[Lived]:
    databases = fresh_database(template)
    try:
        with lived(next(databases)) as here:
            yield here
    finally:
        next(databases, None)  # dropped


@pytest.fixture
def here(migrated_postgres_url: str) -> Iterator[Lived]:
    with lived(migrated_postgres_url) as here:
        yield here


@HARD
@given(facts=histories(), data=st.data())
@pytest.mark.usefixtures("small_blocks")
def test_rows_in_a_session_are_those_of_a_replay(migrated: str, facts: list[Fact], data: st.DataObject) -> None:
    """Laid before, while and after the live rows change, which are built anew now and then."""
    with store(migrated) as here:
        began = here.clock.now - timedelta(days=100)
        at = began + timedelta(days=5)
        laid = [opened_over_live(here.services, at, models) for models in WAYS]
        for fact in facts:
            here.record(fact, began + timedelta(days=data.draw(st.integers(0, 9))))
            match data.draw(st.integers(0, 11)):
                case 0:
                    here.services.projector.rebuild()
                case 1 | 2:
                    here.services.catch_up()
                case _:
                    continue
            for then, models in zip(laid, WAYS, strict=True):
                assert here.named(tables(then.reads)) == replayed(here, at, models)
        agree(here, [began + timedelta(days=days) for days in (-1, 3, 8)])
        for then in laid:
            then.reads.close()


@pytest.fixture
def moment(here: Lived) -> datetime:
    """Between what was known of two clients and what was learned since."""
    [*_, at] = [here.record(one) for client in ("C-1", "C-2") for one in stay(client, 60, 50)]
    here.record(stay("C-1", 40, 30)[0])
    here.services.catch_up()
    return at


def test_a_generation_that_a_moment_was_laid_over_can_be_dropped(here: Lived, moment: datetime) -> None:
    """A switch but one drops it while the session is open; the moment is laid anew."""
    assert laid_rightly(here, moment)
    for _ in range(3):
        here.services.projector.rebuild()
    assert laid_rightly(here, moment)


def test_after_its_session_has_ended_a_moment_is_laid_anew(here: Lived, moment: datetime) -> None:
    """Never are the live tables read in the place of those that went with it."""
    assert laid_rightly(here, moment)
    then = opened_over_live(here.services, moment, FEW)
    assert tables(then.reads)
    with psycopg.connect(here.services.reads.url, autocommit=True) as connection:
        others = "FROM pg_stat_activity WHERE datname=current_database() AND pid <> pg_backend_pid()"
        connection.execute(f"SELECT pg_terminate_backend(pid) {others}")
    for _ in range(2):
        with pytest.raises(DBAPIError):
            tables(then.reads)
    then.reads.close()
    assert laid_rightly(here, moment)


def test_a_reader_who_fails_loses_nothing_of_the_moment(here: Lived, moment: datetime) -> None:
    then = opened_over_live(here.services, moment, READ_MODELS)
    with pytest.raises(DBAPIError), then.reads.reading() as connection:
        connection.exec_driver_sql("SELECT 1/0")
    assert here.named(tables(then.reads)) == replayed(here, moment, READ_MODELS)
    then.reads.close()


def test_nothing_of_a_moment_is_written_where_others_see_it(here: Lived, moment: datetime) -> None:
    with psycopg.connect(here.services.reads.url, autocommit=True) as connection:
        sql = "SELECT relname, relkind::text FROM pg_class WHERE relnamespace='public'::regnamespace ORDER BY 1"
        before = connection.execute(sql).fetchall()
        rows = connection.execute("SELECT * FROM generation ORDER BY id").fetchall()
        assert overlaid(here, moment, READ_MODELS) == replayed(here, moment, READ_MODELS)
        assert connection.execute(sql).fetchall() == before
        assert connection.execute("SELECT * FROM generation ORDER BY id").fetchall() == rows


def test_blocks_that_an_older_release_added_alone_are_made_anew(here: Lived, moment: datetime) -> None:
    """It kept nothing of streams on PostgreSQL: what it learned would be missed."""
    assert laid_rightly(here, moment)
    here.services.knowledge.blocks()
    with here.services.reads.noting() as connection:
        connection.exec_driver_sql("INSERT INTO knowledge_block VALUES (0, 2000, 0, 0), (2000, 4000, 0, 0)")
    here.services.knowledge.forget()
    assert here.services.knowledge.blocks() == []
    with here.services.reads.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM knowledge_block").scalar_one() == 0
