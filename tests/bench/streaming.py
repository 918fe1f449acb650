"""Relay and workers on a real broker, beside bare kafka-python in the same run: ``tools/with-postgres tools/with-kafka``."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import psycopg
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from psycopg.sql import SQL, Identifier
from pydantic import SecretStr

from domain.commands import Draft
from infra.bootstrap import Services, open_services
from infra.eventstore.log import Append, NewEntry
from infra.interop.importers.events.run import import_file
from infra.kafka.connection import TopicAddress
from infra.kafka.records import record_of
from infra.kafka.relay import Relay
from infra.settings import Settings
from tests.bench import data
from tests.bench.append import AUTHOR, CHARTS, NOTE, register
from tests.bench.measure import Row, Setup, percentile, timed

RATE = 200
BARE = "bare kafka-python[crc32c], same records"
VISIBLE = "append → visible through Kafka, 200/s"


def run(setup: Setup) -> Iterator[Row]:
    """Publish, consume with one, two and four workers, and the lag of a single append."""
    with _stack(setup) as services:
        import_file(services.log, str(data.charts(setup.folder, setup.size(60, 4_000))))
        events = services.log.head()
        place = TopicAddress.of(services.settings)
        bare = events / timed(lambda: _produce(services, replace(place, topic=f"{place.topic}.bare")))
        ours = events / timed(lambda: _relay(services, place).run(until_caught_up=True))
        yield Row("relay: publish the log", "events/s", ours, bare, BARE, goal="≥ 0.8 × bare", met=ours >= 0.8 * bare)
        yield from _folding(services, place, events)
        yield from _visible(setup, services)


def _folding(services: Services, place: TopicAddress, events: int) -> Iterator[Row]:
    bare = events / timed(lambda: _consume(place, events))
    from_log = events / timed(services.projector.rebuild)
    for workers in (1, 2, 4):
        _forget(services)
        with _processes(services, "project", workers):
            _first(services)
            ours = events / timed(lambda: _until_folded(services))
        work = f"fold the topic from its beginning, {workers} worker{'s' * (workers > 1)}"
        met = ours >= 0.8 * from_log if workers == 1 else None
        yield Row(work, "events/s", ours, bare, BARE, from_log, "the same from the log", "≥ 0.8 × log", met)


def _visible(setup: Setup, services: Services) -> Iterator[Row]:
    register(services)
    with _processes(services, "relay", 1), _processes(services, "project", 2):
        _until_folded(services)
        lags = _lags(services, setup.size(10, 60))
    yield Row(f"{VISIBLE}, p50", "ms", percentile(lags, 0.5))
    late = percentile(lags, 0.99)
    yield Row(f"{VISIBLE}, p99", "ms", late, goal="≤ 300", met=late <= 300)


def _lags(services: Services, seconds: int) -> list[float]:
    """Milliseconds from before an append until its position is reached in every partition."""
    appended: dict[int, float] = {}
    lags: list[float] = []
    last = threading.Event()

    def watch() -> None:
        while not last.is_set() or appended:
            reached, now = services.projector.reached(), time.perf_counter()
            for position in [position for position in list(appended) if position <= reached]:
                lags.append((now - appended.pop(position)) * 1000)
            time.sleep(0.01)

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.perf_counter()
    for number in range(RATE * seconds):
        time.sleep(max(0.0, start + number / RATE - time.perf_counter()))
        began = time.perf_counter()
        entry = NewEntry(Draft(NOTE, data.UNTIL), AUTHOR)
        appended[services.log.append(Append(f"bench-{number % CHARTS}", [entry])).position] = began
    last.set()
    watcher.join()
    return lags


@contextmanager
def _stack(setup: Setup) -> Generator[Services]:
    """A database and a topic of their own."""
    server, bootstrap = os.environ["CAREJOURNEY_TEST_DATABASE_URL"], os.environ["CAREJOURNEY_TEST_KAFKA"]
    name = f"bench_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as admin, ExitStack() as stack:
        admin.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        stack.callback(admin.execute, SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))
        settings = Settings(
            database_url=SecretStr(server.rpartition("/")[0] + "/" + name),
            master_key=SecretStr(data.KEY),
            kafka_bootstrap=bootstrap,
            kafka_topic=name,
            kafka_group=name,
        )
        services = open_services(settings)
        stack.callback(services.close)
        yield services


def _relay(services: Services, place: TopicAddress) -> Relay:
    return Relay(services.log, services.settings.database_url.get_secret_value(), place)


def _produce(services: Services, place: TopicAddress) -> None:
    """The records of the log by a producer alone, made before the clock runs for the limit's sake."""
    from infra.kafka.connection import Topics

    topics = Topics(place)
    topics.ensure()
    topics.close()
    producer = KafkaProducer(bootstrap_servers=place.bootstrap, acks="all", batch_size=262_144)
    position = 0
    while rows := services.log.recorder.page(position, 5_000):
        for key, value, headers in map(record_of, rows):
            producer.send(place.topic, value=value, key=key, headers=headers)
        position = rows[-1].position
    producer.flush()
    producer.close()


def _consume(place: TopicAddress, events: int) -> None:
    consumer = KafkaConsumer(bootstrap_servers=place.bootstrap, auto_offset_reset="earliest", max_poll_records=10_000)
    consumer.assign([TopicPartition(place.topic, number) for number in range(place.partitions)])
    seen = 0
    while seen < events:
        seen += sum(map(len, consumer.poll(timeout_ms=1_000).values()))
    consumer.close()


def _forget(services: Services) -> None:
    """Empty read models and offsets, as before the first worker."""
    with services.reads.switching() as connection:
        for model in services.reads.models.values():
            services.reads.switch(connection, services.reads.create(connection, model))
        connection.exec_driver_sql("DELETE FROM stream_partition")


@contextmanager
def _processes(services: Services, what: str, number: int) -> Generator[None]:
    settings = services.settings
    env = {
        **os.environ,
        "CAREJOURNEY_DATABASE_URL": settings.database_url.get_secret_value(),
        "CAREJOURNEY_MASTER_KEY": data.KEY,
        "CAREJOURNEY_KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "CAREJOURNEY_KAFKA_TOPIC": settings.kafka_topic,
        "CAREJOURNEY_KAFKA_GROUP": settings.kafka_group,
    }
    command = [sys.executable, "-c", "from api.cli.main import main; main()", what, "run"]
    children = [subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL) for _ in range(number)]
    try:
        yield
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait()


def _first(services: Services) -> None:
    """Until the workers have begun: what a process costs to start is not what is measured."""
    while not _claimed(services):
        time.sleep(0.01)


def _claimed(services: Services) -> bool:
    with services.reads.reading() as connection:
        return bool(connection.exec_driver_sql("SELECT 1 FROM stream_partition LIMIT 1").first())


def _until_folded(services: Services) -> None:
    while services.projector.reached() < services.log.head():
        time.sleep(0.02)
