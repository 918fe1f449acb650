"""One suite for the log on every store."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from uuid import uuid4

import pytest

from domain.entries import as_uuid
from domain.events import ClientRegistered, DrugScreenResulted, EntryCorrected, NoteAdded, Replacement
from infra.eventstore.keyring import MasterKeyError
from infra.eventstore.log import EventLog, IdempotencyKeyReusedError, StaleSequenceError
from infra.eventstore.mapper import decode
from infra.eventstore.unreadable import UnreadableEntryError
from tests.day import UTC_DAYS
from tests.infra.eventstore.stores import Appending, Store
from tests.spec import KEY, NOW

SCREEN = DrugScreenResulted(specimen="urine", positive=("Opioid",))


def sequences(log: EventLog, reference: str) -> list[int]:
    return [entry.sequence for entry in log.stream(log.client_id(reference))]


class TestAppend:
    """Entries get their place."""

    def test_the_first_entry_opens_the_chart(self, log: EventLog, append: Appending) -> None:
        receipt = log.append(append("A-1", SCREEN))
        assert (receipt.client_id, receipt.sequence, receipt.position) == (log.client_id("A-1"), 1, log.head())
        assert log.reference(receipt.client_id) == "A-1"
        [entry] = log.stream(receipt.client_id)
        assert (entry.event, entry.at, entry.sequence) == (SCREEN, entry.recorded, 1)
        assert (entry.occurred_at, entry.meta.get("w"), entry.event_id) == (NOW, "a-1", receipt.event_ids[0])

    def test_sequences_have_no_gaps_and_positions_rise(self, log: EventLog, append: Appending) -> None:
        for reference in ("A-1", "A-2", "A-1", "A-2", "A-1"):
            log.append(append(reference, SCREEN, SCREEN))
        assert sequences(log, "A-1") == [1, 2, 3, 4, 5, 6]
        page = log.recorder.page(0, 100)
        assert [row.position for row in page] == sorted({row.position for row in page})
        assert [(row.position, row.client_id, row.sequence) for row in page] == log.recorder.touched(0, 100)

    def test_many_entries_at_once(self, log: EventLog, append: Appending) -> None:
        log.append(append("A-0"))
        receipt = log.append(append("A-1", *[SCREEN] * 120))
        assert (receipt.sequence, receipt.position) == (120, log.head())
        found = log.recorder.streams([log.client_id("A-1")])
        assert [row.sequence for row in found] == list(range(1, 121))
        assert log.recorder.query("SELECT count(*) FROM event_index")[0][0] == 121

    def test_pages_follow_each_other(self, log: EventLog, append: Appending) -> None:
        log.append(append("A-1", *[SCREEN] * 7))
        seen, position = [], 0
        while page := log.recorder.page(position, 3):
            seen += [row.sequence for row in page]
            position = page[-1].position
        assert seen == [1, 2, 3, 4, 5, 6, 7]

    def test_rows_are_found_by_their_positions(self, log: EventLog, append: Appending) -> None:
        log.append(append("A-1", *[SCREEN] * 700))
        every = log.recorder.page(0, 1_000)
        positions = [row.position for row in every]
        assert log.recorder.at([positions[-1] + 1, *reversed(positions)]) == every
        assert log.recorder.at([]) == log.recorder.at([0]) == []

    def test_nothing_is_known_of_an_unknown_chart(self, log: EventLog) -> None:
        nobody = log.client_id("A-9")
        assert (log.stream(nobody), log.reference(nobody), log.cipher(nobody), log.head()) == ([], None, None, 0)

    def test_what_was_written_is_there_for_the_next_process(self, store: Store, append: Appending) -> None:
        first = store.open()
        receipt = first.append(append("A-1", NoteAdded(text="seen")))
        first.close()
        [entry] = store.open().stream(receipt.client_id, opened=True)
        assert entry.event == NoteAdded(text="seen")


class TestExpectedSequence:
    """Optimistic concurrency."""

    def test_the_sequence_that_was_seen(self, log: EventLog, append: Appending) -> None:
        assert log.append(append("A-1", expected=0)).sequence == 1
        assert log.append(append("A-1", expected=1)).sequence == 2

    @pytest.mark.parametrize("expected", [0, 2, 7])
    def test_a_stale_one_writes_nothing(self, log: EventLog, append: Appending, expected: int) -> None:
        log.append(append("A-1"))
        with pytest.raises(StaleSequenceError) as stale:
            log.append(append("A-1", expected=expected))
        assert (stale.value.expected, stale.value.actual) == (expected, 1)
        assert sequences(log, "A-1") == [1]


class TestOnce:
    """The same event id, or the same idempotency key, records once."""

    def test_an_event_id_is_recorded_once_and_answers_as_it_did(self, log: EventLog, append: Appending) -> None:
        event_id = uuid4().hex
        first = log.append(append("A-1", SCREEN, ids=(event_id,), expected=0))
        log.append(append("A-1"))
        again = log.append(append("A-1", SCREEN, ids=(event_id,), expected=0))
        assert again.replayed
        assert (again.client_id, again.sequence, again.position) == (first.client_id, first.sequence, first.position)
        assert sequences(log, "A-1") == [1, 2]

    def test_of_an_append_only_what_is_new(self, log: EventLog, append: Appending) -> None:
        known, new = uuid4().hex, uuid4().hex
        log.append(append("A-1", SCREEN, ids=(known,)))
        receipt = log.append(append("A-1", SCREEN, SCREEN, ids=(known, new)))
        assert (receipt.sequence, receipt.replayed) == (2, False)

    def test_a_key_answers_as_it_did(self, log: EventLog, append: Appending) -> None:
        first = log.append_all([append("A-1"), append("A-2")], key="k-1", digest="d")
        log.append(append("A-1"))
        again = log.append_all([append("A-1"), append("A-2")], key="k-1", digest="d")
        assert [(r.client_id, r.sequence, r.position, r.event_ids) for r in again] == [
            (r.client_id, r.sequence, r.position, r.event_ids) for r in first
        ]
        assert [r.replayed for r in again] == [True, True]
        assert log.answered("k-1", "d") == again
        assert sequences(log, "A-2") == [1]

    def test_a_key_is_not_used_for_another_request(self, log: EventLog, append: Appending) -> None:
        log.append(append("A-1"), key="k-1", digest="d")
        with pytest.raises(IdempotencyKeyReusedError):
            log.append(append("A-1"), key="k-1", digest="other")
        with pytest.raises(IdempotencyKeyReusedError):
            log.answered("k-1", "other")
        assert sequences(log, "A-1") == [1]

    def test_a_refused_append_leaves_its_key_free(self, log: EventLog, append: Appending) -> None:
        with pytest.raises(StaleSequenceError):
            log.append(append("A-1", expected=4), key="k-1", digest="d")
        assert log.answered("k-1", "d") is None
        assert log.append(append("A-1", expected=0), key="k-1", digest="d").sequence == 1


class TestAllOrNothing:
    """Several streams in one append."""

    def test_one_stale_stream_stops_all(self, log: EventLog, append: Appending) -> None:
        log.append(append("A-2"))
        head = log.head()
        with pytest.raises(StaleSequenceError):
            log.append_all([append("A-1", SCREEN), append("A-3"), append("A-2", expected=0)])
        assert log.head() == head
        assert [sequences(log, reference) for reference in ("A-1", "A-2", "A-3")] == [[], [1], []]
        assert log.recorder.query("SELECT count(*) FROM chart")[0][0] == 1
        assert log.recorder.query("SELECT count(*) FROM event_index")[0][0] == 1

    def test_a_key_that_did_not_come_to_be_is_not_used(self, store: Store, append: Appending) -> None:
        """Another process opens the chart after our append of it failed: its key counts, not ours."""
        ours, theirs = store.open(), store.open()
        with pytest.raises(StaleSequenceError):
            ours.append_all([append("A-1"), append("A-1"), append("A-2", expected=3)])
        theirs.append(append("A-1", NoteAdded(text="theirs")))
        ours.append(append("A-1", NoteAdded(text="ours")))
        for log in (ours, theirs, store.open()):
            opened = log.stream(log.client_id("A-1"), opened=True)
            assert [entry.event for entry in opened] == [NoteAdded(text="theirs"), NoteAdded(text="ours")]


class TestWriters:
    """Writers at once."""

    def test_threads_on_one_chart(self, log: EventLog, append: Appending) -> None:
        with ThreadPoolExecutor(4) as pool:
            receipts = list(pool.map(lambda _: log.append(append("A-1", SCREEN, SCREEN)), range(20)))
        assert sorted(receipt.sequence for receipt in receipts) == list(range(2, 41, 2))
        assert sequences(log, "A-1") == list(range(1, 41))

    def test_one_of_many_who_saw_the_same_wins(self, log: EventLog, append: Appending) -> None:
        def write(_: int) -> str:
            try:
                return str(log.append(append("A-1", expected=0)).sequence)
            except StaleSequenceError:
                return "stale"

        with ThreadPoolExecutor(4) as pool:
            assert Counter(pool.map(write, range(8))) == {"1": 1, "stale": 7}

    def test_processes_on_the_same_charts(self, store: Store) -> None:
        command = [sys.executable, "-m", "tests.infra.eventstore.appending", store.url, "20"]
        writers = [subprocess.Popen([*command, str(number)]) for number in range(3)]
        assert [writer.wait() for writer in writers] == [0, 0, 0]
        log = store.open()
        assert [sequences(log, f"A-{chart}") for chart in range(4)] == [list(range(1, 16))] * 4
        texts = Counter(
            entry.event.text  # type: ignore[attr-defined]
            for chart in range(4)
            for entry in log.stream(log.client_id(f"A-{chart}"), opened=True)
        )
        assert texts == Counter(f"{writer}/{number}" for writer in range(3) for number in range(20))


class TestSealed:
    """Personal data is ciphertext in every file of the database."""

    SECRETS = ("Zebulon Quillfeather", "1931-02-03", "whispered in session", "chart-4711-x", "misspelt Zebulon")

    def write(self, log: EventLog, append: Appending) -> None:
        birth = NOW.replace(year=1931, month=2, day=3).date()
        registered = ClientRegistered(name=self.SECRETS[0], birth_date=birth)
        receipt = log.append(append(self.SECRETS[3], registered, NoteAdded(text=self.SECRETS[2])))
        data = {"name": self.SECRETS[0], "birth_date": self.SECRETS[1]}
        new = Replacement(type="ClientRegistered", occurred_at=NOW.astimezone(UTC), data=data)
        target = log.stream(receipt.client_id)[0]
        fix = EntryCorrected(target=as_uuid(target.event_id), replacement=new, reason=self.SECRETS[4])
        log.append(append(self.SECRETS[3], fix), key="k-1", digest=log.fingerprint(self.SECRETS))

    def test_no_file_holds_it(self, store: Store, append: Appending) -> None:
        log = store.open()
        self.write(log, append)
        stored = b"".join(bytes(row.state) for row in log.recorder.page(0, 10))
        for table in ("chart", "secret", "command"):
            for row in log.recorder.query(f"SELECT * FROM {table}"):
                stored += b"".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
        log.close()
        for path in store.folder.iterdir():
            stored += path.read_bytes()
        assert b"EntryCorrected" in stored or b'"replacement"' in stored
        for secret in self.SECRETS:
            assert secret.encode() not in stored

    def test_it_opens_with_the_key_and_is_absent_without(self, log: EventLog, append: Appending) -> None:
        self.write(log, append)
        client_id = log.client_id(self.SECRETS[3])
        opened, sealed = log.stream(client_id, opened=True), log.stream(client_id)
        assert opened[0].event.name == self.SECRETS[0]  # type: ignore[attr-defined]
        assert sealed[0].event.name is None  # type: ignore[attr-defined]
        assert opened[2].event.replacement.data["name"] == self.SECRETS[0]  # type: ignore[attr-defined]
        assert sealed[2].event.replacement.data == {}  # type: ignore[attr-defined]

    def test_another_master_key_opens_nothing(self, store: Store, append: Appending) -> None:
        self.write(store.open(), append)
        with pytest.raises(MasterKeyError, match="not the one that this database was written with"):
            store.open(KEY[::-1])

    def test_a_ciphertext_does_not_open_in_another_place(self, log: EventLog, append: Appending) -> None:
        log.append(append("A-1", NoteAdded(text="one"), NoteAdded(text="two")))
        one, two = log.recorder.page(0, 2)
        moved = one._replace(state=one.state.replace(one.state.split(b'"x":"')[1], two.state.split(b'"x":"')[1]))
        with pytest.raises(UnreadableEntryError, match="does not open"):
            decode(moved, log.cipher(one.client_id), UTC_DAYS)


def test_processes_that_start_together_on_an_empty_store_all_open_it(store: Store) -> None:
    with ThreadPoolExecutor(6) as pool:
        logs = list(pool.map(lambda _: store.open(), range(6)))
    assert len({log.client_id("A-1") for log in logs}) == 1


def test_a_log_goes_on_whatever_it_keeps_in_memory(log: EventLog, append: Appending) -> None:
    for megabytes in (64, 2):
        log.recorder.keep(megabytes)
        log.append(append("C-1"))
    assert [entry.sequence for entry in log.stream(log.client_id("C-1"))] == [1, 2]
