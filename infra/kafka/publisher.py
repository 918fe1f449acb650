"""Send records to the topic, in order and acknowledged; an idempotent producer that wedges is replaced."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError

from infra.kafka.connection import TopicAddress
from infra.kafka.records import Record

_SLICE_SECONDS = 2.0


class Publisher:
    """One idempotent producer. After any error it is of no use: close it and make another."""

    def __init__(self, place: TopicAddress, delivery_seconds: float = 30.0) -> None:
        """Connect; a record that is not acknowledged after ``delivery_seconds`` fails.

        Raises:
            KafkaError: no broker answers.
        """
        self._topic = place.topic
        self._delivery_seconds = delivery_seconds
        self._producer = KafkaProducer(
            **place.client(),
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            batch_size=262_144,
            max_request_size=4 * 1024 * 1024,
            request_timeout_ms=int(min(10.0, delivery_seconds / 2) * 1000),
            delivery_timeout_ms=int(delivery_seconds * 1000),
            max_block_ms=int(delivery_seconds * 1000),
            bootstrap_timeout_ms=10_000,
        )

    def publish(self, records: Sequence[Record], meanwhile: Callable[[], None]) -> dict[int, int]:
        """Send the records and wait for their acknowledgements; gives the last offset of each partition they went to.

        ``meanwhile`` is called every two seconds or so of waiting; what it raises ends the wait.

        Raises:
            KafkaError: not everything was acknowledged; the order of what comes after is not known.
        """
        futures: list[Any] = []
        for key, value, headers in records:
            futures.append(self._producer.send(self._topic, value=value, key=key, headers=headers))
        self._settle(futures, meanwhile)
        last: dict[int, int] = {}
        for future in futures:
            if not future.succeeded():
                raise future.exception or KafkaTimeoutError("a record was not acknowledged in time")
            last[future.value.partition] = future.value.offset
        return last

    def _settle(self, futures: Sequence[Any], meanwhile: Callable[[], None]) -> None:
        # the producer's own clock cannot be trusted with this: one that has wedged never ends a record
        deadline = time.monotonic() + self._delivery_seconds + 2 * _SLICE_SECONDS
        while True:
            with suppress(KafkaTimeoutError):
                self._producer.flush(timeout=_SLICE_SECONDS)
            if futures[-1].is_done and all(future.is_done for future in futures):
                return
            if time.monotonic() > deadline:
                raise KafkaTimeoutError("records were not acknowledged in time")
            meanwhile()

    def close(self, *, drop: bool) -> None:
        """Disconnect; ``drop`` gives up what is not acknowledged (a wedged producer would never end)."""
        with suppress(KafkaError):
            self._producer.close(timeout=0 if drop else 5)
        # with records unacknowledged, close() raises before it ends its thread, which would send them after all
        vars(self._producer)["_sender"].force_close()
