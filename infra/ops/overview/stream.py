"""The way over Kafka, as both databases know it: who publishes, how far, and how far each partition is folded."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from infra.kafka.relay_position import relayed
from infra.readmodels.context import HasReads
from infra.readmodels.ownership import held

SILENT_SECONDS = 15  # a relay that leads is heard of more often


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition: the last offset that got a record, the next one to fold, and how many wait between them."""

    number: int
    last_offset: int
    next_offset: int
    lag: int


@dataclass(frozen=True, slots=True)
class Stream:
    """The topic. ``lag`` are positions of the log that are not in it yet; ``beat`` is when the relay was heard of."""

    topic: str
    group: str
    position: int
    lag: int
    beat: datetime | None
    leads: bool
    partitions: list[Partition] = field(default_factory=list[Partition])


def stream(services: HasReads) -> Stream | None:
    """Where it stands; None where read models follow the log itself."""
    settings = services.settings
    if not settings.streams:
        return None
    published = relayed(services.log.recorder, settings.kafka_topic)
    with services.reads.reading() as connection:
        folded = held(connection, settings.kafka_topic)
    partitions = [
        Partition(number, last, there, max(0, last + 1 - there))
        for number, last in sorted(published.last_offsets.items())
        for there in [_next(folded.get(number), published.topic_id)]
    ]
    beat = _beat(services) if published.topic_id else None
    leads = beat is not None and (services.now() - beat).total_seconds() <= SILENT_SECONDS
    lag = max(0, services.log.head() - published.position)
    return Stream(settings.kafka_topic, settings.kafka_group, published.position, lag, beat, leads, partitions)


def _next(relayed: tuple[str, int, int] | None, topic_id: str) -> int:
    return relayed[1] if relayed is not None and relayed[0] == topic_id else 0


def _beat(services: HasReads) -> datetime | None:
    rows = services.log.recorder.query("SELECT beat FROM relay WHERE topic=?", (services.settings.kafka_topic,))
    return rows[0][0] if rows else None
