"""Chart numbers in any spelling lead to one stream; those of a store of an older release keep theirs."""

from __future__ import annotations

import pytest

from domain.numbers import ChartNumberError
from infra.eventstore import streams
from infra.eventstore.erased import ChartErasedError
from infra.eventstore.keyring import client_id_of
from infra.eventstore.log import EventLog
from tests.infra.eventstore.stores import Appending, Store


class AsWritten:
    """How releases before 0033 named streams: by the number's exact spelling."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def client_id(self, reference: str) -> str:
        return client_id_of(self._key, reference)


def older(store: Store, monkeypatch: pytest.MonkeyPatch) -> EventLog:
    """A store as an older release left and opened it."""
    log = store.open()
    log.numbers = AsWritten(log.derived_key("chart-number-index"))  # type: ignore[assignment]
    monkeypatch.setattr(streams, "as_shown", str)
    with log.recorder.writing() as tx:
        tx.many("DELETE FROM chart_number WHERE 1=?", [(1,)])
    return log


@pytest.mark.parametrize("spelling", ["c-1001", " C-1001 ", "Ｃ-1001", "C-1001\n"])
def test_every_spelling_is_one_chart(log: EventLog, append: Appending, spelling: str) -> None:
    first = log.append(append("C-1001"))
    again = log.append(append(spelling))
    assert (again.client_id, again.sequence) == (first.client_id, 2)
    assert log.reference(log.client_id(spelling)) == "C-1001"


@pytest.mark.parametrize("bad", ["A\u200b1", " ", "A\n1", "x" * 201])
def test_no_chart_is_opened_under_what_cannot_be_a_number(log: EventLog, append: Appending, bad: str) -> None:
    with pytest.raises(ChartNumberError):
        log.append(append(bad))
    assert log.head() == 0


def test_a_new_store_has_nothing_but_its_mark(store: Store, append: Appending) -> None:
    store.open().append(append("C-1"))
    assert store.open().recorder.query("SELECT COUNT(*) FROM chart_number") == [(1,)]


def test_charts_of_an_older_release_open_by_every_spelling(
    store: Store, append: Appending, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = older(store, monkeypatch)
    ids = {number: before.append(append(number)).client_id for number in ("C-1001", "d-2", " E-3", "F\u200b4")}
    assert len(set(ids.values())) == 4
    log = store.open()
    for opened in (log, store.open()):  # filled at the first opening, read at the next
        for number, client_id in ids.items():
            assert opened.client_id(number) == client_id
            assert opened.client_id(opened.reference(client_id) or "") == client_id
        assert opened.client_id("c-1001") == opened.client_id(" Ｃ-1001") == ids["C-1001"]
        assert opened.client_id("D-2") == ids["d-2"]
        assert opened.client_id("e-3") == opened.client_id("E-3") == ids[" E-3"]
    assert log.append(append("c-1001")).sequence == 2
    assert log.append(append("F\u200b4")).sequence == 2
    assert log.append(append("g-5")).client_id == log.client_id("G-5")


def test_two_charts_that_differ_by_spelling_only_stay_two(
    store: Store, append: Appending, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = older(store, monkeypatch)
    numbers = ["C-1", "c-1", "D-2", "Ｄ-2", "D-2 "]
    ids = {number: before.append(append(number)).client_id for number in numbers}
    log = store.open()
    assert {number: log.client_id(number) for number in numbers} == ids
    assert log.client_id(" C-1") == ids["c-1"]  # the one that is written as numbers are compared
    assert log.client_id("d-2") == ids["D-2"]


def test_the_number_of_a_chart_erased_by_an_older_release_is_not_used_again(
    store: Store, append: Appending, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = older(store, monkeypatch)
    client_id = before.append(append("C-1")).client_id
    raw = bytes.fromhex(client_id)
    with before.recorder.writing() as tx:
        tx.many("DELETE FROM chart WHERE client_id=?", [(raw,)])
        tx.many("INSERT INTO erasure VALUES (?,'erased','','',0,0,'','',0,0)", [(raw,)])
    log = store.open()
    with pytest.raises(ChartErasedError):
        log.append(append("C-1"))
    assert log.client_id(f"erased:{client_id}") == log.client_id(f"Erased:{client_id.upper()} ") == client_id


def test_a_store_of_an_older_release_is_looked_through_once(
    store: Store, append: Appending, monkeypatch: pytest.MonkeyPatch
) -> None:
    older(store, monkeypatch).append(append("C-1"))
    store.open()
    with store.open().recorder.writing() as tx:
        tx.many("DELETE FROM chart WHERE 1=?", [(1,)])
    assert store.open().client_id("c-1") == store.open().client_id("C-1")
    assert len(store.open().recorder.query("SELECT hash FROM chart_number")) == 2
