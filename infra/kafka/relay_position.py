"""What is published, kept in the log's database: how far, and the last offset that each partition got."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


class Queries(Protocol):
    """Whoever can read the log's database."""

    def query(self, sql: str, params: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Run a read; placeholders are ``?``."""
        ...


@dataclass(frozen=True, slots=True)
class Relayed:
    """Everything up to ``position`` is in the topic; ``last_offsets`` by partition is where its last record is."""

    topic_id: str = ""
    position: int = 0
    last_offsets: Mapping[int, int] = field(default_factory=dict[int, int])


def relayed(log: Queries, topic: str) -> Relayed:
    """What is published to a topic; nothing when no relay has ever run."""
    if log.query("SELECT to_regclass('relay_partition')")[0][0] is None:
        return Relayed()
    rows = log.query(
        "SELECT r.topic_id, r.position, p.number, p.last_offset FROM relay r LEFT JOIN relay_partition p "
        "ON p.topic=r.topic WHERE r.topic=?",
        (topic,),
    )
    if not rows:
        return Relayed()
    return Relayed(rows[0][0], rows[0][1], {row[2]: row[3] for row in rows if row[2] is not None})
