"""Rotation wraps every key anew, rewrites no entry, and can be cut off."""

from __future__ import annotations

import threading

import pytest

from domain.events import NoteAdded
from infra.eventstore.keyring import Keyring, LocalMasterKey, MasterKeyError
from infra.eventstore.keys import rotation as rotating
from infra.eventstore.keys.rotation import rotate
from infra.eventstore.keys.status import status
from infra.eventstore.log import EventLog
from infra.eventstore.setup import open_log
from tests.day import UTC_DAYS
from tests.infra.eventstore.stores import Appending, Store
from tests.spec import KEY, NOW

OLD, NEW = LocalMasterKey(KEY), LocalMasterKey(KEY[::-1])


def opened(store: Store, ring: Keyring) -> EventLog:
    log = open_log(store.url, ring, UTC_DAYS, lambda: NOW)
    store.opened.append(log)
    return log


def counts(log: EventLog) -> dict[str, tuple[str, int, int]]:
    return {row.key: (row.state, row.charts, row.secrets) for row in status(log)}


def test_every_key_is_wrapped_by_the_new_one_and_no_entry_is_touched(store: Store, append: Appending) -> None:
    log = store.open()
    for number in range(25):
        log.append(append(f"A-{number}", NoteAdded(text=f"note {number}")))
    before = log.recorder.page(0, 100)
    both = opened(store, Keyring(NEW, [OLD]))
    assert counts(both) == {OLD.key_id: ("accepted", 25, 1), NEW.key_id: ("in use", 0, 0)}
    seen: list[tuple[int, int]] = []
    assert rotate(both, lambda done, total: seen.append((done, total))) == 26
    assert seen[-1] == (26, 26)
    assert counts(both)[NEW.key_id] == ("in use", 25, 1)
    after = opened(store, Keyring(NEW))
    assert after.recorder.page(0, 100) == before
    assert after.stream(after.client_id("A-7"), opened=True)[0].event == NoteAdded(text="note 7")
    assert rotate(after) == 0
    with pytest.raises(MasterKeyError, match="not the one"):
        store.open()


def test_until_it_is_done_both_keys_are_at_work(store: Store, append: Appending) -> None:
    store.open().append(append("A-1", NoteAdded(text="before")))
    both = opened(store, Keyring(NEW, [OLD]))
    both.append(append("A-2", NoteAdded(text="meanwhile")))
    texts = [both.stream(both.client_id(name), opened=True)[0].event for name in ("A-1", "A-2")]
    assert texts == [NoteAdded(text="before"), NoteAdded(text="meanwhile")]
    assert counts(both) == {OLD.key_id: ("accepted", 1, 1), NEW.key_id: ("in use", 1, 0)}


def test_one_that_was_cut_off_goes_on(store: Store, append: Appending, monkeypatch: pytest.MonkeyPatch) -> None:
    log = store.open()
    for number in range(9):
        log.append(append(f"A-{number}"))
    both = opened(store, Keyring(NEW, [OLD]))
    monkeypatch.setattr(rotating, "BATCH", 2)

    def cut(done: int, _: int) -> None:
        if done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate(both, cut)
    assert counts(both)[NEW.key_id] == ("in use", 4, 0)
    assert rotate(both) == 6


def test_writers_go_on_meanwhile(store: Store, append: Appending) -> None:
    log = store.open()
    for number in range(40):
        log.append(append(f"A-{number}"))
    both, writer = opened(store, Keyring(NEW, [OLD])), opened(store, Keyring(NEW, [OLD]))
    stop = threading.Event()
    written: list[str] = []

    def write() -> None:
        while not stop.is_set():
            name = f"B-{len(written)}"
            writer.append(append(name, NoteAdded(text=name)))
            written.append(name)

    thread = threading.Thread(target=write)
    thread.start()
    rotate(both)
    stop.set()
    thread.join()
    after = opened(store, Keyring(NEW))
    assert [after.stream(after.client_id(name), opened=True)[0].event for name in written] == [
        NoteAdded(text=name) for name in written
    ]


def test_a_key_that_nobody_has_is_named_missing(store: Store, append: Appending) -> None:
    store.open().append(append("A-1"))
    log = opened(store, Keyring.locked("the key is away"))
    [row] = status(log)
    assert (row.state, row.charts, row.secrets) == ("missing", 1, 1)
    with pytest.raises(MasterKeyError, match="the key is away"):
        log.client_id("A-1")
