"""A connection is lost at any moment: nothing acknowledged is lost, nothing is recorded twice, work goes on by itself."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import pytest

from domain.commands import Draft
from domain.events import NoteAdded
from infra.bootstrap import open_services
from infra.eventstore.log import Append, Author, EventLog, NewEntry
from infra.eventstore.setup import UNAVAILABLE, open_log
from infra.readmodels.follower import Follower
from infra.readmodels.verify import verify
from tests.day import UTC_DAYS
from tests.depth import by_night
from tests.infra.postgres.conftest import MASTER, settings_of
from tests.infra.postgres.cutting import Cutter
from tests.infra.postgres.servers import Server
from tests.spec import NOW

KEY = bytes.fromhex(MASTER)
WRITERS = 4
PATIENCE = 90.0


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def an_append(reference: str) -> Append:
    entry = NewEntry(Draft(NoteAdded(text="seen"), NOW), Author("a-1", "clinician"), uuid4().hex)
    return Append(reference, [entry])


@dataclass
class Load:
    """Writers that record one entry after another; each is sent again until it is acknowledged."""

    log: EventLog
    acknowledged: list[str] = field(default_factory=list[str])
    stop: threading.Event = field(default_factory=threading.Event)
    errors: list[Exception] = field(default_factory=list[Exception])
    tries: Counter[str] = field(default_factory=Counter[str])

    def write(self, number: int) -> None:
        while not self.stop.is_set():
            append = an_append(f"A-{number % 3}")  # some charts have two writers
            event_id = append.entries[0].event_id
            while True:
                try:
                    self.tries[event_id] += 1
                    receipt = self.log.append(append)
                except UNAVAILABLE:
                    time.sleep(0.05)
                    continue
                except Exception as error:  # noqa: BLE001 - told by the test
                    self.errors.append(error)
                    return
                assert receipt.event_ids == (event_id,)
                self.acknowledged.append(event_id)
                break

    def goes_on(self) -> None:
        """Wait until every writer has recorded something more."""
        before = len(self.acknowledged)
        until(lambda: self.errors or len(self.acknowledged) >= before + 2 * WRITERS)

    @contextmanager
    def running(self) -> Generator[None]:
        threads = [threading.Thread(target=self.write, args=(number,)) for number in range(WRITERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.stop.set()
            for thread in threads:
                thread.join()


def recorded(log: EventLog) -> list[tuple[str, int, str]]:
    rows = log.recorder.page(0, 100_000)
    ids = {bytes(row[0]).hex(): row[1] for row in log.recorder.query("SELECT event_id, position FROM event_index")}
    at = {position: event_id for event_id, position in ids.items()}
    assert len(at) == len(ids) == len(rows)
    return [(row.client_id, row.sequence, at[row.position]) for row in rows]


def check(load: Load) -> None:
    """Everything acknowledged is there once, every stream is gapless."""
    assert load.errors == []
    found = recorded(load.log)
    counted = Counter(event_id for _, _, event_id in found)
    assert set(counted.values()) == {1}
    assert set(load.acknowledged) <= set(counted)
    assert len(load.acknowledged) == len(set(load.acknowledged))
    sequences: dict[str, list[int]] = {}
    for client_id, sequence, _ in found:
        sequences.setdefault(client_id, []).append(sequence)
    assert all(own == list(range(1, len(own) + 1)) for own in sequences.values())


def ends(server: Server, database: str) -> None:
    server.terminate(database)


def restarts(server: Server, _: str) -> None:
    server.stop()
    server.start()


def crashes(server: Server, _: str) -> None:
    server.stop(kill=True)
    server.start()


def reads_only(server: Server, _: str) -> None:
    server.set("default_transaction_read_only", "on")
    time.sleep(0.2)  # some writers are refused meanwhile; how many does not matter
    server.set("default_transaction_read_only", "off")


@pytest.mark.parametrize("happens", [ends, by_night(restarts), crashes, reads_only])
def test_writers_and_projector_go_on(server: Server, happens: Callable[[Server, str], None]) -> None:
    name = server.database()
    services = open_services(settings_of(server.url(name)), lambda: NOW)
    follower = Follower(services)
    follower.start()
    load = Load(services.log)
    try:
        with load.running():
            for _ in range(3):
                load.goes_on()
                happens(server, name)
            load.goes_on()
        check(load)
        head = services.log.head()
        until(lambda: services.projector.reached() == head)
        assert services.projector.quarantined() == []
    finally:
        follower.stop()
    assert verify(services.projector) == []
    services.close()


@pytest.fixture
def cutter(server: Server) -> Iterator[Cutter]:
    cutter = Cutter(server.port)
    yield cutter
    cutter.close()


def through(cutter: Cutter, server: Server, name: str) -> EventLog:
    return open_log(server.url(name).replace(str(server.port), str(cutter.port)), KEY, UTC_DAYS, lambda: NOW)


@pytest.mark.parametrize("word", [b"COMMIT", b"begin_writing"])
def test_an_append_in_doubt_is_recorded_once(server: Server, cutter: Cutter, word: bytes) -> None:
    log = through(cutter, server, server.database())
    try:
        cutter.cut_after = word
        append = an_append("A-1")
        receipt = log.append(append)
        assert cutter.cuts == 1
        assert (receipt.sequence, receipt.replayed) == (1, word == b"COMMIT")
        assert [event_id for _, _, event_id in recorded(log)] == [append.entries[0].event_id]
    finally:
        log.close()


# Whom nobody hears any more keeps its turn until the next one ends it, which takes seconds for each statement.
@pytest.mark.parametrize("heard", [False, by_night(True)])
def test_a_connection_that_is_lost_at_any_statement_of_an_append(server: Server, cutter: Cutter, heard: bool) -> None:
    log = through(cutter, server, server.database())
    try:
        sent = [an_append("A-1")]
        log.append(sent[0])
        for number in itertools.count(1):
            before = cutter.cuts
            cutter.cut_statement(number, heard=heard)
            sent.append(an_append("A-1"))
            assert log.append(sent[-1]).sequence == number + 1
            if cutter.cuts == before:
                break
        assert len(sent) > 6, "an append has statements enough to lose"
        assert [event_id for _, _, event_id in recorded(log)] == [append.entries[0].event_id for append in sent]
    finally:
        cutter.cut_statement(0, heard=heard)
        log.close()


def test_a_key_in_doubt_is_answered_as_it_was_recorded(server: Server, cutter: Cutter) -> None:
    log = through(cutter, server, server.database())
    try:
        cutter.cut_after = b"COMMIT"
        first = log.append(an_append("A-1"), key="k-1", digest="d")
        again = log.append(an_append("A-1"), key="k-1", digest="d")
        assert again.event_ids == first.event_ids
        assert len(recorded(log)) == 1
    finally:
        log.close()


def test_a_failover_to_the_standby_loses_and_doubles_nothing() -> None:
    primary = Server()
    primary.start()
    name = primary.database()
    standby = primary.standby()
    try:
        hosts = f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}"
        url = f"postgresql://carejourney:carejourney@{hosts}/{name}"
        services = open_services(settings_of(url), lambda: NOW)
        follower = Follower(services)
        follower.start()
        load = Load(services.log)
        with load.running():
            load.goes_on()
            primary.stop(kill=True)
            standby.promote()
            load.goes_on()
        check(load)
        head = services.log.head()
        until(lambda: services.projector.reached() == head)
        follower.stop()
        assert verify(services.projector) == []
        services.close()
    finally:
        standby.remove()
        primary.remove()
