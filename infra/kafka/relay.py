"""The relay: from the log to the topic, in the log's order, at least once.

Its place in the log is stored only after the brokers' acknowledgement. What a crash, a wedged producer or a second
relay sends twice is dropped by its readers: every record carries its client's sequence.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from domain.errors import ExpectedError
from infra.eventstore.log import EventLog
from infra.eventstore.mapper import republished
from infra.eventstore.setup import UNAVAILABLE
from infra.kafka.connection import AWAY, TopicAddress, TopicMissingError, Topics
from infra.kafka.leader import LOST, Leadership
from infra.kafka.metrics import LEADER, PUBLISHED, RELAY_LAG, RELAY_RESTARTS
from infra.kafka.publisher import Publisher
from infra.kafka.records import Record, correlation_of, record_of
from infra.migrations.steps import RELAY
from infra.observability import telemetry

PAGE = 2_000
_IDLE_SECONDS = 1.0
_TOPIC_SECONDS = 5.0  # how long a topic may be another one without anybody noticing
_PAUSE_SECONDS = 1.0


class OtherTopicError(ExpectedError):
    """The topic is not the one of before: it was deleted and made again."""


@dataclass
class Relay:
    """Publishes one log to one topic for as long as it leads."""

    log: EventLog
    log_url: str
    place: TopicAddress
    delivery_seconds: float = 30.0

    def __post_init__(self) -> None:
        """Prepare; ``run`` begins."""
        self.stop = threading.Event()
        self.leads = False
        self.position = 0
        self._logger = structlog.get_logger("relay")

    @property
    def healthy(self) -> bool:
        """Whether the thread of work goes on: one that stands by is as well as one that leads."""
        return not self.stop.is_set()

    def run(self, *, until_caught_up: bool = False) -> int:
        """Publish until ``stop`` is set, or to the head of the log; gives the position that is published."""
        while not self.stop.is_set():
            try:
                if self._lead(until_caught_up=until_caught_up):
                    break
            except LOST as error:
                self._logger.warning("the log's database is away", error=type(error).__name__)
            except UNAVAILABLE as error:
                self._logger.warning("the log cannot be read yet", error=type(error).__name__)
            finally:
                self.leads = False
                LEADER.set(0)
            self.stop.wait(_PAUSE_SECONDS)
        return self.position

    def _lead(self, *, until_caught_up: bool) -> bool:
        self.log.recorder.migrate(RELAY)
        leadership = Leadership(self.log_url, self.place.topic)
        try:
            while not leadership.won():
                if self.stop.wait(_PAUSE_SECONDS):
                    return True
            self.leads = True
            LEADER.set(1)
            self._logger.info("this relay leads")
            while not self.stop.is_set():
                try:
                    if self._publish(leadership, until_caught_up=until_caught_up):
                        return True
                except (*AWAY, TopicMissingError, OtherTopicError) as error:
                    RELAY_RESTARTS.labels(type(error).__name__).inc()
                    self._logger.warning("a new producer goes on from what is stored", error=type(error).__name__)
                    leadership.beat()
                    self.stop.wait(_PAUSE_SECONDS)
            return True
        finally:
            leadership.close()

    def _publish(self, leadership: Leadership, *, until_caught_up: bool) -> bool:
        """With one producer, until something goes wrong with it; True when there is no more to do."""
        topics = Topics(self.place)
        publisher: Publisher | None = None
        whole = False
        try:
            topic_id = topics.ensure()
            self.position = leadership.begin(topic_id).position
            publisher = Publisher(self.place, self.delivery_seconds)
            looked = time.monotonic()
            while not self.stop.is_set():
                moved = self._page(leadership, publisher, topic_id)
                if time.monotonic() - looked > _TOPIC_SECONDS:
                    looked = time.monotonic()
                    if topics.id() != topic_id:
                        raise OtherTopicError
                if not moved:
                    if until_caught_up:
                        break
                    leadership.wait(_IDLE_SECONDS)
            whole = True
            return True
        finally:
            if publisher:
                publisher.close(drop=not whole)
            topics.close()

    def _page(self, leadership: Leadership, publisher: Publisher, topic_id: str) -> bool:
        rows = self.log.recorder.page(self.position, PAGE)
        if not rows:
            RELAY_LAG.set(0)
            return False
        began = time.time_ns()
        records = [record_of(republished(row, self.log.cipher)) for row in rows]
        last = publisher.publish(records, leadership.beat)
        leadership.store(topic_id, rows[-1].position, last)
        self.position = rows[-1].position
        self._tell(records, began)
        PUBLISHED.inc(len(rows))
        RELAY_LAG.set(max(0, self.log.head() - self.position) if len(rows) == PAGE else 0)
        return True

    def _tell(self, records: Sequence[Record], began: int) -> None:
        """Of each request that recorded some of these: they are in the topic now."""
        ids = (correlation_of(record.headers) for record in records)
        correlations = {correlation for correlation in ids if correlation is not None}
        telemetry.record("publish", correlations, began, time.time_ns(), sends=True)
        for correlation in correlations:
            self._logger.info(
                "published", correlation_id=correlation.urn.removeprefix("urn:uuid:"), position=self.position
            )
