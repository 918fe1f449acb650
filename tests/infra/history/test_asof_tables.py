"""Every table as of a moment holds the rows that it held then, whatever was recorded, corrected and merged since."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from knowing import Lived, lived

from domain.events import NoteAdded
from infra.history.as_of.dependencies import models_of
from infra.history.as_of.recorded_blocks import Knowledge
from infra.history.as_of.recorder import log_as_of
from infra.history.as_of.store import store_as_of
from infra.interop.exporters.events import export_lines
from tests.depth import cases
from tests.infra.readmodels.worlds import Tables, tables
from tests.projections.test_incremental import lived as histories
from tests.spec import Fact, ago

QUICK = settings(
    max_examples=cases(4, 40),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)


def a_note(number: int) -> Fact:
    return Fact(NoteAdded(text="x"), ago(1), f"{number + 1:032x}", "C-1")


def as_of(here: Lived, at: datetime) -> Tables:
    with store_as_of(here.services, at) as then:
        return here.named(tables(then.reads))


@QUICK
@given(facts=histories(), data=st.data())
@pytest.mark.usefixtures("small_blocks")
def test_a_moment_shows_what_was_seen_live_then(facts: list[Fact], data: st.DataObject) -> None:
    with lived() as here:
        seen: list[tuple[datetime, Tables]] = []
        for fact in facts:
            at = here.record(fact)
            if data.draw(st.booleans()):
                seen.append((at, here.tables()))
        for at, live in seen:
            assert as_of(here, at) == live
            assert as_of(here, at + timedelta(seconds=59)) == live


@QUICK
@given(facts=histories(), data=st.data())
@pytest.mark.usefixtures("small_blocks")
def test_old_knowledge_imported_late_counts_from_when_it_was_known(facts: list[Fact], data: st.DataObject) -> None:
    """Knowledge times in any order, as an import that keeps them writes them: no position cuts the log."""
    with lived() as here:
        began = here.clock.now - timedelta(days=100)
        moments = [began + timedelta(days=data.draw(st.integers(0, 9))) for _ in facts]
        for fact, moment in zip(facts, moments, strict=True):
            here.record(fact, moment)
        for at in sorted({began - timedelta(days=1), *moments}):
            assert as_of(here, at) == here.known(at)
        assert as_of(here, here.clock.now) == here.tables()


@QUICK
@given(facts=histories(), data=st.data())
@pytest.mark.usefixtures("small_blocks")
def test_a_kept_moment_takes_in_what_is_learned_of_it_later(facts: list[Fact], data: st.DataObject) -> None:
    with lived() as here:
        at = here.clock.now - timedelta(days=50)
        for fact in facts:
            here.record(fact, at + timedelta(days=data.draw(st.sampled_from([-1, 1]))))
            for report in ("status", "completion"):
                with here.services.past.at(at, models_of(report)) as then:
                    shown = here.named(tables(then.reads))
                known = here.known(at)
                assert shown == {name: known[name] for name in shown}


@pytest.mark.usefixtures("small_blocks")
def test_blocks_are_kept_for_whoever_comes_next_and_dropped_when_the_log_is_another() -> None:
    with lived() as here, lived() as other:
        for number in range(20):
            fact = a_note(number)
            here.record(fact)
            other.record(fact, here.clock.now - timedelta(days=number))
        log, reads = here.services.log, here.services.reads
        blocks = list(here.services.knowledge.blocks())
        assert [block.last for block in blocks] == [3, 6, 9, 12, 15, 18]
        assert list(Knowledge(log.recorder, reads).blocks()) == blocks
        fresh = list(Knowledge(other.services.log.recorder, reads).blocks())  # as after a restore beside an old file
        assert fresh == list(other.services.knowledge.blocks()) != blocks


@pytest.mark.usefixtures("small_blocks")
def test_the_log_as_it_was_known_exports_and_takes_nothing() -> None:
    with lived() as here:
        moments = [here.record(a_note(number)) for number in range(10)]
        log = log_as_of(here.services.log, here.services.knowledge, int(moments[6].timestamp() * 1e6))
        assert len(list(export_lines(log))) == 7
        assert (log.head(), log.recorder.clients_since(2)) == (7, 1)
        assert [row.position for row in log.recorder.at([2, 7, 8])] == [2, 7]
        with pytest.raises(RuntimeError, match="takes no entries"):
            log.recorder.writing()


def test_postgres_answers_as_sqlite_does(migrated_postgres_url: str) -> None:
    with lived(migrated_postgres_url) as here, lived() as embedded:
        for number in range(8):
            for one in (here, embedded):
                one.record(a_note(number))
        at = here.clock.now - timedelta(minutes=3)
        assert as_of(here, at) == as_of(embedded, at) == here.known(at)
