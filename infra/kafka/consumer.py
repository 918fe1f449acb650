"""A member of the consumer group whose offsets are in the read database, and who notices that it stands still."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.structs import MemberState

from domain.errors import ExpectedError
from infra.kafka.batch import Batch
from infra.kafka.connection import TopicAddress, Topics
from infra.kafka.metrics import REBALANCES
from infra.readmodels.ownership import Claimed, claim, held
from infra.readmodels.readstore import ReadStore

BATCH = 10_000
_POLL_MS = 1_000  # shorter ones can leave the client in a rebalance for good
_MANY = 500
_SESSION_MS = 10_000
_LOOK_SECONDS = 5.0
_STILL_SECONDS = 20.0


class StandstillError(ExpectedError):
    """The consumer gets nothing although there is something, or does not come to an assignment."""


class TopicMovedError(ExpectedError):
    """The topic was deleted and made again."""


class Member:
    """One consumer. After any error it is of no use: close it and make another."""

    def __init__(self, place: TopicAddress, reads: ReadStore) -> None:
        """Join the group.

        Raises:
            KafkaError: no broker answers.
            TopicMissingError: there is no such topic yet.
        """
        self._place, self._reads = place, reads
        self._topics = Topics(place)
        try:
            self._topic_id = self._topics.id()
            self._consumer = KafkaConsumer(
                **place.client(),
                group_id=place.group,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                max_poll_records=BATCH,
                session_timeout_ms=_SESSION_MS,
                heartbeat_interval_ms=_SESSION_MS // 4,
                fetch_max_wait_ms=500,
                bootstrap_timeout_ms=10_000,
            )
        except BaseException:
            self._topics.close()
            raise
        self._owned = _Owned(reads, place.topic, self._topic_id, self._consumer)
        self._consumer.subscribe([place.topic], listener=self._owned)
        self._consumer.partitions_for_topic(place.topic)  # else the first poll may hang in the rebalance
        now = time.monotonic()
        self._looked, self._moved = now, now

    def batch(self) -> Batch:
        """What has come, in batches as large as the backlog allows; an empty one after a second of nothing.

        Raises:
            StandstillError: there is something to come, and it does not.
            TopicMovedError: the topic is another one now.
        """
        batch = Batch()
        while True:
            polled = self._consumer.poll(timeout_ms=_POLL_MS)
            mine = self._owned.held  # after the poll, which may have assigned; what is not held is read again
            for partition, records in polled.items():
                if partition.partition in mine:
                    batch.add(partition.partition, mine[partition.partition], records)
            if not batch.records or batch.records >= BATCH or self._backlog(batch) < _MANY:
                break
        now = time.monotonic()
        if batch.records:
            self._moved = now
        if now - self._looked > _LOOK_SECONDS:
            self._looked = now
            self._look(now)
        return batch

    @contextmanager
    def folding(self) -> Generator[None]:
        """While a batch is written: partitions are given up after it, or without it when it takes too long."""
        self._owned.free.clear()
        try:
            yield
        finally:
            self._owned.free.set()

    def rewind(self) -> None:
        """Go on from what is stored, after a batch that was given up.

        Raises:
            DBAPIError: the read database is away.
        """
        with self._reads.noting() as connection:
            stored = held(connection, self._place.topic)
        for partition in self._consumer.assignment():
            if partition.partition in stored:
                self._consumer.seek(partition, stored[partition.partition].next_offset)

    def close(self) -> None:
        """Leave the group."""
        self._consumer.close(autocommit=False, timeout_ms=5_000)
        self._topics.close()

    def _backlog(self, batch: Batch) -> int:
        """Records that are known to wait behind those of the batch."""
        waiting = 0
        for number, moved in batch.partitions.items():
            end = self._consumer.highwater(TopicPartition(self._place.topic, number))
            waiting += max(0, (end or 0) - moved.next_offset)
        return waiting

    def _look(self, now: float) -> None:
        if self._topics.id() != self._topic_id:
            raise TopicMovedError
        if now - self._moved < _STILL_SECONDS:
            return
        if self._consumer.group_metadata().state is not MemberState.STABLE:
            raise StandstillError
        mine: list[TopicPartition] = list(self._consumer.assignment())
        ends = self._consumer.end_offsets(mine) if mine else {}
        if any((self._consumer.position(partition) or 0) < end for partition, end in ends.items()):
            raise StandstillError
        self._moved = now  # nothing to do is no standstill


class _Owned(ConsumerRebalanceListener):
    """Claims what is assigned, and goes on where the read database says."""

    def __init__(self, reads: ReadStore, topic: str, topic_id: str, consumer: KafkaConsumer) -> None:
        self.held: dict[int, Claimed] = {}
        self.free = threading.Event()
        self.free.set()
        self._reads, self._topic, self._topic_id, self._consumer = reads, topic, topic_id, consumer

    def on_partitions_assigned(self, assigned: Sequence[Any]) -> None:
        numbers = [partition.partition for partition in assigned]
        with self._reads.noting() as connection:
            claimed = claim(connection, self._topic, self._topic_id, numbers)
        for number, owned in claimed.items():
            self._consumer.seek(TopicPartition(self._topic, number), owned.next_offset)
        self.held = {**self.held, **claimed}
        REBALANCES.inc()

    def on_partitions_revoked(self, revoked: Sequence[Any]) -> None:
        # a batch at hand commits before the next owner claims, or its epoch is gone: both are whole
        self.free.wait(_SESSION_MS / 3_000)
        revoked_numbers = {partition.partition for partition in revoked}
        self.held = {number: claimed for number, claimed in self.held.items() if number not in revoked_numbers}
