"""What is kept of streams is that of the whole blocks, by the release that reads it, without a gap."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from uuid import UUID

import pytest
from knowing import Lived, lived

from domain.events import EntryRetracted, NoteAdded, SessionAttended
from infra.eventstore.rows import LogRow
from infra.history.as_of.counted_entries import Counting
from infra.history.as_of.recorded_blocks import Knowledge
from infra.history.as_of.recorded_streams import known_entries
from infra.jobs.looks import Looks
from infra.readmodels.follower import Follower
from projections.outcomes.fold import MODEL as OUTCOMES
from tests.infra.readmodels.test_stopping import stay
from tests.spec import NOW, Fact, ago

NOTE, SESSION = "a" * 32, "b" * 32


@pytest.fixture
def here() -> Iterator[Lived]:
    with lived() as here:
        here.record(Fact(NoteAdded(text="x"), ago(3), NOTE, "C-1"))
        here.record(Fact(SessionAttended(kind="group", minutes=60), ago(3), SESSION, "C-1"))
        for one in stay("C-1", 60, 50):
            here.record(one)
        here.record(Fact(EntryRetracted(target=UUID(hex=SESSION), reason="x"), NOW, "c" * 32, "C-1"))
        here.record(Fact(NoteAdded(text="x"), ago(3), "d" * 32, "C-1"))
        yield here


def held(here: Lived, table: str = "knowledge_entry", columns: str = "position") -> list[int]:
    with here.services.reads.reading() as connection:
        return [row[0] for row in connection.exec_driver_sql(f"SELECT {columns} FROM {table} ORDER BY 1")]


@pytest.mark.usefixtures("small_blocks")
def test_entries_of_stays_are_kept_and_whatever_is_retracted(here: Lived) -> None:
    here.services.knowledge.blocks()
    assert held(here) == [2, 3, 4, 5]
    assert held(here, "knowledge_stream") == [6]


@pytest.mark.usefixtures("small_blocks")
def test_an_amendment_of_nothing_has_its_stream_read_whole(here: Lived) -> None:
    gone = UUID(hex="e" * 32)
    here.record(Fact(EntryRetracted(target=gone, reason="x"), NOW, "f" * 32, "C-1"))
    recorder = here.services.log.recorder
    rows = recorder.page(0, 10)
    assert [entry.position for entry in known_entries(recorder, rows) if entry.whole] == [7]
    assert Counting(recorder, [OUTCOMES]).limit("", rows) == rows
    assert [row.position for row in Counting(recorder, [OUTCOMES]).limit("", rows[:6])] == [2, 3, 4, 5]


@pytest.mark.usefixtures("small_blocks")
def test_what_a_release_kept_that_reads_other_types_is_made_anew(here: Lived) -> None:
    here.services.knowledge.blocks()
    log, reads = here.services.log, here.services.reads
    with reads.noting() as connection:
        connection.exec_driver_sql("UPDATE knowledge_of SET types='NoteAdded'")
        connection.exec_driver_sql("UPDATE knowledge_entry SET position=position+100")
    assert [block.last for block in Knowledge(log.recorder, reads).blocks()] == [3, 6]
    assert held(here) == [2, 3, 4, 5]


@pytest.mark.usefixtures("small_blocks")
def test_no_block_is_kept_behind_one_that_is_not(here: Lived) -> None:
    knowledge = here.services.knowledge
    knowledge.blocks()
    with here.services.reads.noting() as connection:  # as another process that begins anew
        connection.exec_driver_sql("DELETE FROM knowledge_block")
    for number in range(3):
        here.record(Fact(NoteAdded(text="x"), ago(1), f"{number + 1:032x}", "C-1"))
    assert [block.last for block in knowledge.blocks()] == [3, 6, 9]
    assert held(here, "knowledge_block", "last_position") == []
    knowledge.forget()
    knowledge.blocks()
    assert held(here, "knowledge_block", "last_position") == [3, 6, 9]


@pytest.mark.usefixtures("small_blocks")
def test_a_server_looks_back_while_there_is_nothing_to_follow(here: Lived) -> None:
    looked = threading.Event()

    def look() -> None:
        if not here.services.knowledge.look():
            looked.set()

    follower = Follower(here.services, look)
    follower.start()
    try:
        assert looked.wait(60)
    finally:
        follower.stop()
    assert held(here, "knowledge_block", "last_position") == [3, 6]


@pytest.mark.usefixtures("small_blocks")
def test_what_another_process_kept_is_not_read_from_the_log_again(here: Lived) -> None:
    log, reads = here.services.log, here.services.reads
    late = Knowledge(log.recorder, reads)
    assert late.look()
    for number in range(6):
        here.record(Fact(NoteAdded(text="x"), ago(1), f"{number + 1:032x}", "C-1"))
    kept = list(here.services.knowledge.blocks())
    read: list[int] = []

    class Recorder:
        head = log.recorder.head

        def page(self, after: int, limit: int) -> list[LogRow]:
            read.append(after)
            return log.recorder.page(after, limit)

    late._recorder = Recorder()  # type: ignore[assignment]
    assert late.blocks() == kept
    assert read == []


def test_a_worker_looks_again_after_what_stood_in_its_way() -> None:
    looked: list[int] = []

    def look() -> bool:
        looked.append(1)
        if len(looked) == 1:
            raise ConnectionError
        return False

    looks = Looks(look)
    for _ in range(3):
        looks.turn()
    assert len(looked) == 3
