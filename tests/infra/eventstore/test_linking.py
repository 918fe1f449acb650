"""Entries are linked to their stream's previous one, on every way into the log."""

from __future__ import annotations

import orjson
import pytest

from domain.events import NoteAdded
from infra.eventstore.hash_links import NO_CODE, StreamGapError, code_of, entry_hash, is_linked, link_of, linked
from infra.eventstore.log import EventLog
from infra.eventstore.rows import LogRow, SequenceTakenError
from tests.infra.eventstore.stores import Appending, Store

FIRST = bytes(32)


def assert_linked(rows: list[LogRow], key: bytes) -> None:
    ends: dict[str, bytes] = {}
    for row in rows:
        assert is_linked(row.state)
        entry = entry_hash(row.client_id, row.sequence, row.topic, row.state)
        state = orjson.loads(row.state)
        assert state["h"].encode() == link_of(ends.get(row.client_id, FIRST)) + code_of(entry, key)
        ends[row.client_id] = entry


def test_appends_are_linked_one_by_one_and_many_at_once(log: EventLog, append: Appending) -> None:
    log.append(append("A-1"))
    log.append(append("A-2"))
    log.append_all([append("A-1"), append("A-2"), append("A-3")])
    log.append(append("A-1", *[NoteAdded(text="seen")] * 60))
    rows = log.recorder.page(0, 100)
    assert len(rows) == 65
    assert_linked(rows, log.code_key)


def test_the_next_process_goes_on_with_the_same_links_and_codes(store: Store, append: Appending) -> None:
    first = store.open()
    first.append(append("A-1"))
    second = store.open()
    second.append(append("A-1"))
    first.append(append("A-1"))
    assert first.code_key == second.code_key != b""
    assert_linked(first.recorder.page(0, 10), first.code_key)


def test_without_a_master_key_an_entry_says_that_it_has_no_code(log: EventLog) -> None:
    log.recorder.code_key = b""
    with log.recorder.writing() as tx:
        tx.insert([("c" * 32, 1, "Seen.1", b'{"i":"0"}')])
    [row] = log.recorder.page(0, 10)
    assert row.state[-22:-2] == NO_CODE


def test_an_entry_from_before_there_were_links_is_the_first_link(log: EventLog) -> None:
    with log.recorder.writing() as tx:
        tx.rows(
            f"INSERT INTO {tx.events_table} (originator_id, originator_version, topic, state) VALUES (?,?,?,?)",
            ("c" * 32, 1, "Seen.1", b"{}"),
        )
        tx.insert([("c" * 32, 2, "Seen.1", b'{"i":"0"}')])
    [old, new] = log.recorder.page(0, 10)
    assert not is_linked(old.state)
    assert orjson.loads(new.state)["h"][:44].encode() == link_of(entry_hash(*old[1:]))


@pytest.mark.parametrize(("sequence", "error"), [(1, SequenceTakenError), (3, StreamGapError)])
def test_a_row_that_does_not_follow_its_stream_is_refused(log: EventLog, sequence: int, error: type[Exception]) -> None:
    with log.recorder.writing() as tx:
        tx.insert([("c" * 32, 1, "Seen.1", b'{"i":"0"}')])
    with pytest.raises(error), log.recorder.writing() as tx:
        tx.insert([("c" * 32, sequence, "Seen.1", b'{"i":"1"}')])
    assert log.head() == 1


def test_moving_bytes_between_topic_and_state_makes_another_entry() -> None:
    [(client, sequence, topic, state)] = linked([("c" * 32, 1, "Seen.1", b'{"i":"0"}')], {}, b"k")
    whole = topic + state.decode()
    for cut in range(len(whole) - 80):
        if cut != len(topic):
            other = entry_hash(client, sequence, whole[:cut], whole[cut:].encode())
            assert other != entry_hash(client, sequence, topic, state)
