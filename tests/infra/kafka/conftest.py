"""Topics of their own on a real broker, and the stores around them."""

from __future__ import annotations

import gc
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from pydantic import SecretStr

from infra.bootstrap import Services, open_services
from infra.kafka.connection import TopicAddress
from infra.kafka.relay import Relay
from infra.settings import Settings

KEY = SecretStr("ef" * 32)
NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def apart() -> Iterator[None]:
    """What was there before a file is not looked through for its sockets: a second for each test."""
    gc.freeze()
    yield
    gc.collect()
    gc.unfreeze()


@pytest.fixture(autouse=True)
def swept() -> Iterator[None]:
    """Collects those sockets here, so that no later test is blamed for them."""
    yield
    gc.collect()


@pytest.fixture
def bootstrap() -> str:
    """A real broker's address."""
    found = os.environ.get("CAREJOURNEY_TEST_KAFKA")
    if not found:
        pytest.fail("no Kafka: run the tests through `make test` or tools/with-kafka")
    return found


@pytest.fixture
def settings(bootstrap: str, migrated_postgres_url: str) -> Iterator[Settings]:
    """PostgreSQL and Kafka, with a topic and a group of this test alone; the topic is dropped afterwards."""
    name = uuid.uuid4().hex[:12]
    yield Settings(
        database_url=SecretStr(migrated_postgres_url),
        master_key=KEY,
        kafka_bootstrap=bootstrap,
        kafka_topic=f"test.{name}",
        kafka_group=f"test-{name}",
        kafka_partitions=4,
    )
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    if f"test.{name}" in admin.list_topics():
        admin.delete_topics([f"test.{name}"])
    admin.close()


Open = Callable[[], Services]


@pytest.fixture
def another(settings: Settings) -> Iterator[Open]:
    """Opens services over the same stores, as another process would."""
    with ExitStack() as stack:

        def make() -> Services:
            services = open_services(settings, lambda: NOW)
            stack.callback(services.close)
            return services

        yield make


@pytest.fixture
def services(another: Open) -> Services:
    """A log and read models on PostgreSQL, with Kafka beside them."""
    return another()


@pytest.fixture
def place(settings: Settings) -> TopicAddress:
    """Where this test's topic is."""
    return TopicAddress.of(settings)


@pytest.fixture
def relay(services: Services, place: TopicAddress) -> Relay:
    """A relay that has not begun."""
    return Relay(services.log, services.settings.database_url.get_secret_value(), place)


class Listener:
    """Everything that is in a topic, read by a plain consumer."""

    def __init__(self, place: TopicAddress) -> None:
        self._place = place

    def records(self) -> list[Any]:
        """Every record, partition by partition."""
        consumer = KafkaConsumer(bootstrap_servers=self._place.bootstrap, auto_offset_reset="earliest")

        partitions = [TopicPartition(self._place.topic, n) for n in consumer.partitions_for_topic(self._place.topic)]
        consumer.assign(partitions)
        ends = consumer.end_offsets(partitions)
        found: list[Any] = []
        while any((consumer.position(partition) or 0) < ends[partition] for partition in partitions):
            for batch in consumer.poll(timeout_ms=1000).values():
                found += batch
        consumer.close()
        return found


@pytest.fixture
def listener(place: TopicAddress) -> Listener:
    """Another system that listens."""
    return Listener(place)
