"""How far the read models are when workers fill them: one position of the log, exact at every moment.

Everything up to the relay's position P is in the topic. A partition whose next offset is past the last one that got a
record holds everything of its own up to P; another one holds what is up to its last folded record. The read models
hold what every partition holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from infra.kafka.relay_position import Queries, Relayed, relayed
from infra.readmodels.ownership import Held, held


def reached(published: Relayed, partitions: Mapping[int, Held]) -> int:
    """The position up to which everything is folded."""
    lowest = published.position
    for number, last in published.last_offsets.items():
        mine = partitions.get(number)
        if mine is None or mine.topic_id != published.topic_id:
            return 0
        if mine.next_offset <= last:
            lowest = min(lowest, mine.position)
    return lowest


@dataclass(frozen=True)
class StreamPosition:
    """Reads both sides: what is published, from the log's database, and what is folded, from the read database."""

    log: Queries
    topic: str

    def __call__(self, connection: Connection) -> int:
        """The position, seen from a transaction of the read database."""
        return reached(relayed(self.log, self.topic), held(connection, self.topic))
