"""Role in which each person was last seen: work on their behalf goes by it."""

from __future__ import annotations

from collections.abc import Iterable

from infra.access_log.entries import decode
from infra.access_log.log import AccessLog, newest, stream_of_key
from infra.eventstore.hash_links import is_coded
from infra.eventstore.rows import LogRow


def last_roles(log: AccessLog, keys: Iterable[str]) -> dict[str, str]:
    """By a person's key the role of their newest entry in the access log; nobody of whom it says nothing.

    An entry without a right code says nothing, and none before it is asked instead.
    """
    with log.recorder.writing() as tx:
        places = {key: place for key in set(keys) for place in newest(tx, stream_of_key(key), 1)}
    rows = {row.position: row for row in log.recorder.at(sorted(places.values()))} if places else {}
    return {
        key: decode(rows[place]).role for key, place in places.items() if place in rows and _is_whole(log, rows[place])
    }


def _is_whole(log: AccessLog, row: LogRow) -> bool:
    return is_coded(row.client_id, row.sequence, row.topic, row.state, log.recorder.code_key)
