"""Over the live read models a moment shows the rows of a full replay, however the log and the live rows go on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from knowing import FEW, WAYS, agree, laid_rightly, lived, overlaid, replayed
from sqlalchemy.exc import OperationalError

from domain.commands import SetAside, TakeUp
from infra.eventstore.log import Author
from infra.history.as_of import touched as touching
from infra.history.as_of.overlay import NoOverlayError, OverlaidReads
from infra.history.as_of.store import opened_over_live, opened_then, store_as_of
from infra.ops.set_aside import record_aside
from projections.catalogue import READ_MODELS
from tests.depth import by_night, cases
from tests.infra.privacy.erasure.erasures import erase
from tests.infra.readmodels.test_stopping import stay
from tests.infra.readmodels.worlds import tables
from tests.poison import BAD_ID, POISONS, SEALED, TELLING, poison
from tests.projections.test_incremental import lived as histories
from tests.spec import Fact

QUICK = settings(
    max_examples=cases(4, 40),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)


@QUICK
@given(facts=histories(), data=st.data())
@pytest.mark.usefixtures("small_blocks")
def test_live_rows_and_folded_ones_are_those_of_a_replay(facts: list[Fact], data: st.DataObject) -> None:
    """Knowledge times in any order, live read models that lag behind: merges, corrections and late entries among them."""
    with lived() as here:
        began = here.clock.now - timedelta(days=100)
        moments = [began + timedelta(days=data.draw(st.integers(0, 9))) for _ in facts]
        for fact, moment in zip(facts, moments, strict=True):
            here.record(fact, moment)
            if data.draw(st.booleans()):
                here.services.catch_up()
        for at in sorted({began - timedelta(days=1), *moments}):
            for models in WAYS:
                assert overlaid(here, at, models) == replayed(here, at, models)


@QUICK
@given(facts=histories(), data=st.data())
@pytest.mark.usefixtures("small_blocks")
def test_what_comes_after_it_was_laid_is_taken_in(facts: list[Fact], data: st.DataObject) -> None:
    with lived() as here:
        began = here.clock.now - timedelta(days=100)
        at = began + timedelta(days=5)
        laid = [opened_over_live(here.services, at, models) for models in WAYS]
        for fact in facts:
            here.record(fact, began + timedelta(days=data.draw(st.integers(0, 9))))
            match data.draw(st.integers(0, 9)):
                case 0:
                    here.services.projector.rebuild()
                case 1 | 2 | 3 | 4:
                    here.services.catch_up()
                case _:
                    continue  # nobody asks
            for then, models in zip(laid, WAYS, strict=True):
                assert isinstance(then.reads, OverlaidReads)
                assert here.named(tables(then.reads)) == replayed(here, at, models)
        for then in laid:
            then.reads.close()


@QUICK
@given(facts=histories(), data=st.data())
@pytest.mark.usefixtures("small_blocks")
def test_a_position_cuts_the_log_there_too(facts: list[Fact], data: st.DataObject) -> None:
    with lived() as here:
        began = here.clock.now - timedelta(days=100)
        for fact in facts:
            here.record(fact, began + timedelta(days=data.draw(st.integers(0, 9))))
        here.services.catch_up()
        at, until = began + timedelta(days=5), data.draw(st.integers(0, len(facts)))
        for models in WAYS:
            judge = opened_then(here.services, at, models, until)
            judge.projector.catch_up()
            assert overlaid(here, at, models, until) == here.named(tables(judge.reads))
            judge.reads.close()


@pytest.mark.parametrize("kind", [kind if kind in TELLING | SEALED else by_night(kind) for kind in sorted(POISONS)])
def test_who_is_stopped_is_stopped_where_a_replay_stops(kind: str) -> None:
    """By an entry of a type that the stays do not read as well; until it is set aside, and after it is taken up."""
    with lived() as here:
        log = here.services.log
        [*_, before] = [here.record(one) for one in (*stay("C-1", 60, 50), *stay("C-2", 60, 50))]
        poison(log, "C-1", kind)  # it was known before everything
        moments = [before, here.record(stay("C-1", 40, 30)[0])]
        agree(here, moments)
        for asked in (None, SetAside(UUID(hex=BAD_ID), "damaged"), TakeUp(UUID(hex=BAD_ID), "known now")):
            if asked and kind not in SEALED:
                here.clock.now += timedelta(minutes=1)
                record_aside(log, asked, author=Author("an admin", "admin"), now=here.clock.now)
            here.services.catch_up()
            agree(here, moments)
            moments = [*moments[-1:], here.clock.now]


def test_who_was_erased_since_is_as_a_replay_has_them() -> None:
    with lived() as here:
        moments = [here.record(one) for one in (*stay("C-1", 60, 50), *stay("C-2", 60, 50))]
        here.services.catch_up()
        erase(here.services, "C-1")
        here.clock.now += timedelta(minutes=1)
        for _ in range(2):
            for at in (*moments, here.clock.now):
                for models in WAYS:
                    then = opened_over_live(here.services, at, models)
                    with store_as_of(here.services, at, models) as judge:
                        assert tables(then.reads) == tables(judge.reads)
                    then.reads.close()
            here.services.catch_up()


def test_live_read_models_of_another_release_are_not_laid_under() -> None:
    with lived() as here:
        at = here.record(stay("C-1", 60, 50)[0])
        here.record(stay("C-1", 60, 50)[1])
        here.services.catch_up()
        assert laid_rightly(here, at)
        for version in ("version+1", "version-1"):
            with here.services.reads.writing() as connection:
                connection.exec_driver_sql(f"UPDATE generation SET version={version} WHERE state='live'")
            assert laid_rightly(here, at) == (version == "version-1"), "one that is laid already is looked at again"
            here.services.past.close()


@pytest.mark.usefixtures("small_blocks")
def test_where_nearly_all_were_touched_everything_is_replayed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(touching, "CLIENTS_AT_ONCE", 1)
    with lived() as here:
        began = here.clock.now
        for client in ("C-1", "C-2", "C-3"):
            here.record(stay(client, 60, 50)[0])
        here.services.catch_up()
        with pytest.raises(NoOverlayError), opened_over_live(here.services, began, READ_MODELS).reads.reading():
            pass
        assert overlaid(here, here.clock.now, READ_MODELS) == here.tables()


def test_nobody_can_write_through_it() -> None:
    with lived() as here:
        at = here.record(stay("C-1", 60, 50)[0])
        here.services.catch_up()
        then = opened_over_live(here.services, at, FEW)
        with then.reads.reading() as connection, pytest.raises(OperationalError, match="readonly"):
            connection.exec_driver_sql("DELETE FROM live.generation")
        then.reads.close()


def test_whoever_writes_and_projects_meanwhile_changes_nothing_of_it() -> None:
    with lived() as here:
        [*_, at] = [here.record(one) for client in range(6) for one in stay(f"C-{client}", 60, 50)]
        here.services.catch_up()
        right = [replayed(here, at, models) for models in WAYS]
        laid = [opened_over_live(here.services, at, models) for models in WAYS]

        def write() -> None:
            for client in range(12):
                for one in stay(f"C-{client % 8}", 30, 20):
                    here.record(one)
                    here.services.catch_up()

        with ThreadPoolExecutor(1) as pool:
            writing = pool.submit(write)
            while not writing.done():
                assert [here.named(tables(then.reads)) for then in laid] == right
            writing.result()
        assert [here.named(tables(then.reads)) for then in laid] == right
        for then in laid:
            then.reads.close()
