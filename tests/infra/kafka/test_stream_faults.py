"""Whatever dies or is paused: nothing is lost or doubled, and work goes on by itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from kafka.errors import KafkaError

from infra.bootstrap import Services
from infra.eventstore.rows import LogRow
from infra.kafka.batch import Batch, Folder
from infra.kafka.connection import TopicAddress, Topics
from infra.kafka.publisher import Publisher
from infra.kafka.records import EntryPlace, record_of
from infra.kafka.relay import Relay
from infra.kafka.relay_position import relayed
from infra.kafka.worker import Worker
from infra.readmodels.ownership import FencedError, Moved, claim, held
from infra.readmodels.verify import verify
from infra.settings import Settings
from tests.conftest import ROOT
from tests.infra.kafka.brokers import Broker, broker_at
from tests.infra.kafka.conftest import KEY, Open
from tests.infra.kafka.test_worker import fold, publish, stay, working
from tests.infra.kafka.waiting import until
from tests.spec import shown

# a client that is given up while it connects leaves its socket to the garbage collector
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


@contextmanager
def process(settings: Settings, *words: str) -> Generator[subprocess.Popen[bytes]]:
    """A command of ours in a process of its own; killed at the end if it still runs."""
    env = {
        **os.environ,
        "CAREJOURNEY_DATABASE_URL": settings.database_url.get_secret_value(),
        "CAREJOURNEY_MASTER_KEY": KEY.get_secret_value(),
        "CAREJOURNEY_KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "CAREJOURNEY_KAFKA_TOPIC": settings.kafka_topic,
        "CAREJOURNEY_KAFKA_GROUP": settings.kafka_group,
    }
    command = [sys.executable, "-c", "from api.cli.main import main; main()", *words]
    child = subprocess.Popen(command, env=env, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def owners(services: Services) -> int:
    """How often partitions were claimed."""
    with services.reads.reading() as connection:
        return sum(row[0] for row in connection.exec_driver_sql("SELECT epoch FROM stream_partition"))


def test_a_worker_that_is_killed_in_its_work_leaves_nothing_half_done(
    services: Services, relay: Relay, place: TopicAddress
) -> None:
    for number in range(40):
        stay(services, f"C-{number}")
    publish(relay)
    with process(services.settings, "project", "run") as child:
        until(lambda: owners(services) > 0)
        child.send_signal(signal.SIGKILL)
        child.wait()
    for number in range(20, 50):
        stay(services, f"C-{number}")
    publish(relay)
    fold(services, place)
    assert {row.lag for row in services.projector.status()} == {0}
    assert verify(services.projector) == []


def test_a_worker_that_was_paused_writes_nothing_when_it_comes_back(
    services: Services, relay: Relay, place: TopicAddress
) -> None:
    stay(services, "C-1")
    publish(relay)
    with process(services.settings, "project", "run") as child:
        until(lambda: services.projector.reached() == services.log.head())
        child.send_signal(signal.SIGSTOP)
        for number in range(20):
            stay(services, f"C-{number}")
        publish(relay)
        worker = Worker(services.projector, place)
        with working(worker):
            until(lambda: services.projector.reached() == services.log.head())
            child.send_signal(signal.SIGCONT)
            for number in range(20):
                stay(services, f"C-{number}")
            publish(relay)
            until(lambda: services.projector.reached() == services.log.head())
        child.terminate()
        assert child.wait(60) == 0
    assert verify(services.projector) == []


def test_a_batch_of_an_owner_of_before_changes_no_row(services: Services, relay: Relay, place: TopicAddress) -> None:
    stay(services, "C-1")
    publish(relay)
    topics = Topics(place)
    topic_id = topics.id()
    topics.close()
    with services.reads.noting() as connection:
        mine = claim(connection, place.topic, topic_id, [0, 1])
        claim(connection, place.topic, topic_id, [1])
    client_id = services.log.client_id("C-1")
    batch = Batch(
        {0: Moved(mine[0].epoch, 1, 1), 1: Moved(mine[1].epoch, 2, 2)}, {client_id: EntryPlace(client_id, 2, 2)}, 2
    )
    folder = Folder(services.log, services.reads, place.topic, threading.Event())
    with pytest.raises(FencedError):
        folder.take(batch)
    assert shown(services.reads, "stay") == []
    with services.reads.reading() as connection:
        assert {number: row.next_offset for number, row in held(connection, place.topic).items()} == {0: 0, 1: 0}


def test_a_worker_waits_for_a_log_that_is_behind_and_leaves_out_what_is_foreign(
    services: Services, relay: Relay, place: TopicAddress
) -> None:
    stay(services, "C-1")
    client_id = services.log.client_id("C-1")
    with services.reads.noting() as connection:
        claimed = claim(connection, place.topic, "id", [0])[0]
    stop = threading.Event()
    folder = Folder(services.log, services.reads, place.topic, stop)
    foreign = {"a" * 32: EntryPlace("a" * 32, 1, 1), client_id: EntryPlace(client_id, 2, 2)}
    folder.take(Batch({0: Moved(claimed.epoch, 2, 2)}, foreign, 2))
    assert len(shown(services.reads, "stay")) == 1
    ahead = Batch({0: Moved(claimed.epoch, 4, 4)}, {client_id: EntryPlace(client_id, 4, 4)}, 1)
    thread = threading.Thread(target=folder.take, args=(ahead,))
    thread.start()
    stay(services, "C-1")
    thread.join()
    assert len(shown(services.reads, "stay")) == 2


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker that these tests may kill, if they start it again."""
    with broker_at(tmp_path_factory.mktemp("own") / "broker") as broker:
        yield broker


@contextmanager
def paused(broker: Broker) -> Generator[None]:
    broker.pause()
    try:
        yield
    finally:
        broker.go_on()


def test_relay_and_worker_outlive_the_broker(
    services: Services, another: Open, own: Broker, place: TopicAddress
) -> None:
    place = replace(place, bootstrap=own.bootstrap)
    relay = Relay(services.log, services.settings.database_url.get_secret_value(), place)
    thread = threading.Thread(target=relay.run)
    thread.start()
    try:
        with working(Worker(another().projector, place)):
            stay(services, "C-1")
            until(lambda: services.projector.reached() == services.log.head())
            own.kill()
            for number in range(10):
                stay(services, f"C-{number}")
            own.start()
            until(lambda: services.projector.reached() == services.log.head())
    finally:
        relay.stop.set()
        thread.join()
    assert verify(services.projector) == []


def test_a_producer_that_has_wedged_is_replaced(own: Broker, place: TopicAddress) -> None:
    place = replace(place, bootstrap=own.bootstrap)
    topics = Topics(place)
    topics.ensure()
    rows = [record_of(LogRow(number, f"{number:032x}", 1, "NoteAdded.1", b"{}")) for number in range(1, 50)]
    wedged = Publisher(place, delivery_seconds=4.0)
    assert sum(offset + 1 for offset in wedged.publish(rows, lambda: None).values()) == len(rows)
    with paused(own), pytest.raises(KafkaError):
        wedged.publish(rows, lambda: None)
    until(lambda: topics.id())
    with pytest.raises(KafkaError):  # the broker is back, and this producer still gets nothing through
        wedged.publish(rows, lambda: None)
    wedged.close(drop=True)
    fresh = Publisher(place, delivery_seconds=20.0)
    assert set(fresh.publish(rows, lambda: None)) <= set(range(place.partitions))
    fresh.close(drop=False)
    topics.close()


def test_the_relay_replaces_a_producer_that_has_wedged(services: Services, own: Broker, place: TopicAddress) -> None:
    place = replace(place, bootstrap=own.bootstrap)
    relay = Relay(services.log, services.settings.database_url.get_secret_value(), place, delivery_seconds=4.0)
    thread = threading.Thread(target=relay.run)
    thread.start()
    try:
        stay(services, "C-1")
        until(lambda: relayed(services.log.recorder, place.topic).position == services.log.head())
        with paused(own):
            before = services.log.head()
            stay(services, "C-2")
            until(lambda: restarted() > 0)
            assert relayed(services.log.recorder, place.topic).position == before
        until(lambda: relayed(services.log.recorder, place.topic).position == services.log.head())
    finally:
        relay.stop.set()
        thread.join()


def restarted() -> float:
    """How many producers were replaced for want of acknowledgements."""
    from infra.kafka.metrics import RELAY_RESTARTS

    return sum(
        sample.value
        for metric in RELAY_RESTARTS.collect()
        for sample in metric.samples
        if sample.labels.get("reason") == "KafkaTimeoutError" and sample.name.endswith("_total")
    )
