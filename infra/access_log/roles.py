"""The role in which each person was last heard of: what is done for them later goes by it."""

from __future__ import annotations

from collections.abc import Iterable

from infra.access_log.entries import decode
from infra.access_log.log import AccessLog, stream_of_key
from infra.eventstore.hash_links import is_coded
from infra.eventstore.rows import LogRow


def last_roles(log: AccessLog, keys: Iterable[str]) -> dict[str, str]:
    """By a person's key the role of their newest entry in the access log; nobody of whom it says nothing.

    An entry without a right code says nothing, and none before it is asked instead.
    """
    with log.recorder.writing() as tx:
        sql = (
            f"SELECT {tx.position_column} FROM {tx.events_table} WHERE originator_id=? "
            "ORDER BY originator_version DESC LIMIT 1"
        )
        places = {key: int(row[0]) for key in set(keys) for row in tx.rows(sql, (stream_of_key(key),))}
    rows = {row.position: row for row in log.recorder.at(sorted(places.values()))} if places else {}
    return {
        key: decode(rows[place]).role for key, place in places.items() if place in rows and _is_whole(log, rows[place])
    }


def _is_whole(log: AccessLog, row: LogRow) -> bool:
    return is_coded(row.client_id, row.sequence, row.topic, row.state, log.recorder.code_key)
