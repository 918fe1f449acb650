"""Writers that wait are written in one transaction, and each of them stands or falls alone."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from domain.events import NoteAdded
from infra.eventstore.group_commit import MOST
from infra.eventstore.log import EventLog, Receipt, StaleSequenceError
from infra.eventstore.rows import Writing
from tests.infra.eventstore.stores import Appending, Store

_LONG = NoteAdded(text="long " * 800)
Works = Sequence[Callable[[], Receipt]]


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[EventLog]:
    """An empty log that one process writes to."""
    store = Store(f"sqlite:///{tmp_path}/log.db", tmp_path)
    yield store.open()
    for log in store.opened:
        log.close()


def together(
    log: EventLog, works: Works, begin: Callable[[], AbstractContextManager[Writing]] | None = None
) -> list[Future[Receipt]]:
    """What became of each of these works, which all waited while somebody else wrote."""
    recorder: Any = log.recorder
    hold = begin or recorder.writing
    pause = threading.Event()
    with ThreadPoolExecutor(len(works)) as threads, hold():
        futures = [threads.submit(work) for work in works]
        while len(recorder._commits._waiting) < len(works):
            pause.wait(0.001)
    return futures


def counted(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one with each transaction that is begun from now on."""
    recorder: Any = log.recorder
    begin, begun = recorder.writing, list[int]()

    @contextmanager
    def writing() -> Generator[Writing]:
        begun.append(1)
        with begin() as tx:
            yield tx

    monkeypatch.setattr(recorder, "writing", writing)
    return begun


def ids(log: EventLog) -> list[str]:
    return [log.entry(row).event_id for row in log.recorder.page(0, 1_000)]


def test_all_who_wait_are_written_in_one_transaction(
    embedded: EventLog, append: Appending, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = counted(embedded, monkeypatch)
    works = [lambda n=n: embedded.append(append(f"A-{n % 5}"), key=f"key-{n}", digest=str(n)) for n in range(20)]
    receipts = [future.result() for future in together(embedded, works)]
    assert len(begun) == 2, "the one that held them up, and theirs"
    assert sorted(receipt.position for receipt in receipts) == [*range(1, 21)]
    assert sorted(receipt.event_ids[0] for receipt in receipts) == sorted(ids(embedded))
    rows = embedded.recorder.page(0, 100)
    assert len({(row.client_id, row.sequence) for row in rows}) == 20
    for n, receipt in enumerate(receipts):
        assert embedded.answered(f"key-{n}", str(n)) == [replace(receipt, replayed=True)]


def test_one_that_is_refused_leaves_nothing_and_takes_nobody_along(embedded: EventLog, append: Appending) -> None:
    """Though it wrote to one chart before it was refused for the other, and others go on from the same end."""
    before = embedded.append(append("A-1"))

    def refused() -> Receipt:
        return embedded.append_all([append("A-1"), append("NEW"), append("A-2", expected=7)], key="k", digest="d")[0]

    works: Works = [lambda: embedded.append(append("A-1")), refused, lambda: embedded.append(append("A-1")), refused]
    first, left, third, right = together(embedded, works)
    for future in (left, right):
        with pytest.raises(StaleSequenceError):
            future.result()
    assert {first.result().sequence, third.result().sequence} == {2, 3}
    assert ids(embedded) == [r.event_ids[0] for r in (before, *sorted(_results(first, third), key=_position))]
    assert embedded.answered("k", "d") is None
    assert embedded.reference(embedded.client_id("NEW")) is None


def _results(*futures: Future[Receipt]) -> list[Receipt]:
    return [future.result() for future in futures]


def _position(receipt: Receipt) -> int:
    return receipt.position


def test_the_same_request_twice_in_one_transaction_is_one(embedded: EventLog, append: Appending) -> None:
    asked = append("A-1")
    works = [lambda: embedded.append(asked, key="k", digest="d")] * 3
    receipts = _results(*together(embedded, works))
    assert len({receipt.event_ids for receipt in receipts}) == 1
    assert len(ids(embedded)) == 1


def test_a_commit_that_fails_is_told_to_all(
    embedded: EventLog, append: Appending, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder: Any = embedded.recorder
    begin = recorder.writing

    @contextmanager
    def failing() -> Generator[Writing]:
        with begin() as tx:
            yield tx
            raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(recorder, "writing", failing)
    works = [lambda n=n: embedded.append(append(f"A-{n}")) for n in range(4)]
    for future in together(embedded, works, begin):
        with pytest.raises(sqlite3.OperationalError, match="I/O"):
            future.result()
    monkeypatch.undo()
    assert ids(embedded) == []
    assert embedded.append(append("A-1")).position == 1


def test_a_transaction_that_the_database_gives_up_is_nobodys(embedded: EventLog, append: Appending) -> None:
    """A disk that is full within one's work ends the transaction of all; with room again everybody may come again."""
    recorder: Any = embedded.recorder
    with recorder.writing() as tx:
        [(pages,)] = tx.rows("PRAGMA page_count")
        tx.rows(f"PRAGMA max_page_count={pages + 2}")
    works = [lambda n=n: embedded.append(append(f"A-{n}", *[_LONG] * 3)) for n in range(6)]
    for future in together(embedded, works):
        with pytest.raises(sqlite3.OperationalError, match="full"):
            future.result()
    assert ids(embedded) == []
    with recorder.writing() as tx:
        tx.rows("PRAGMA max_page_count=1000000")
    assert len(_results(*together(embedded, works))) == 6
    assert len(ids(embedded)) == 18


def test_a_crowd_is_written_in_parts(embedded: EventLog, append: Appending, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = counted(embedded, monkeypatch)
    works = [lambda n=n: embedded.append(append(f"A-{n % 7}")) for n in range(MOST + 6)]
    assert len(_results(*together(embedded, works))) == MOST + 6
    assert len(begun) == 3
