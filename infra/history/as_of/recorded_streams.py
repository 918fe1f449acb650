"""Recorded times of the log by stream: of whom something was learned after a moment, without going through the log.

Kept beside the blocks, in the transaction in which these are: of each stream its latest knowledge time, and one by one
the few that stays, coverage and diagnoses come of. Only in SQLite, where they are
read together with the live read models.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import orjson
from sqlalchemy import Connection

from domain.events import CATALOGUE, CoverageVerified, DiagnosisRecorded
from domain.journey import STAYS
from infra.eventstore.event_ids import IDS_AT_ONCE, known_question
from infra.eventstore.keyring import of_provider
from infra.eventstore.mapper import recorded_of
from infra.eventstore.rows import LogRecorder, LogRow
from infra.readmodels.readstore import ReadStore
from projections.base import ReadModel

_STAYS = STAYS | {CoverageVerified, DiagnosisRecorded}
READ = frozenset(kind.__name__ for kind in _STAYS)
AMENDING = frozenset({"EntryCorrected", "EntryRetracted"})
# What these say is about other entries or other charts: whoever has one is read whole, whenever it was recorded.
_ABOUT_OTHERS = frozenset({"ChartsMerged", "MergedChartContinued", "EntrySetAside", "EntryTakenUp"})
_TYPES = ",".join(sorted(READ))
_TABLES = ("knowledge_stream", "knowledge_entry", "knowledge_of")
_STREAM = (
    "INSERT INTO knowledge_stream VALUES (?,?,?) ON CONFLICT (client_id) DO UPDATE SET "
    "latest=max(latest, excluded.latest), position=max(position, excluded.position)"
)
_ENTRY = (
    "INSERT INTO knowledge_entry VALUES (?,?,?,?) ON CONFLICT (position) DO UPDATE SET whole=max(whole, excluded.whole)"
)


def is_kept_of(model: ReadModel) -> bool:
    """Whether every entry on which the rows of a read model depend is kept."""
    return model.provider or bool(model.reads and model.reads <= _STAYS)


class KnownEntry(NamedTuple):
    """An entry that counts in read models of few types; ``whole``: its stream is to be read whole, at any moment."""

    position: int
    client_id: str
    recorded: int
    whole: bool


class StreamsKnown:
    """What is kept of streams, of one log in its read database."""

    def __init__(self, recorder: LogRecorder, reads: ReadStore) -> None:
        """Look at nothing yet."""
        self._recorder, self._reads = recorder, reads

    def others(self, connection: Connection) -> bool:
        """Whether what is kept is that of a release that reads other types."""
        return self._reads.is_sqlite and not are_ours(connection)

    def follows(self, connection: Connection, after: int) -> bool:
        """Whether what stands before a position is kept whole, and by this release: else nothing may be added."""
        if not self._reads.is_sqlite:
            return True
        kept = connection.exec_driver_sql("SELECT max(last_position) FROM knowledge_block").scalar_one()
        return not after if kept is None else kept >= after and are_ours(connection)

    def clear(self, connection: Connection) -> None:
        """Keep nothing."""
        for table in _TABLES:
            connection.exec_driver_sql(f"DELETE FROM {table}")

    def keep(self, connection: Connection, rows: Sequence[LogRow]) -> None:
        """Add what rows of the log say; again is the same."""
        if not self._reads.is_sqlite or not rows:
            return
        connection.exec_driver_sql("DELETE FROM knowledge_of")
        connection.exec_driver_sql("INSERT INTO knowledge_of VALUES (?)", (_TYPES,))
        connection.exec_driver_sql(_STREAM, [(client_id, *ends) for client_id, ends in latest(rows).items()])
        entries = known_entries(self._recorder, rows)
        if entries:
            connection.exec_driver_sql(_ENTRY, [tuple(entry) for entry in entries])


def are_ours(connection: Connection, schema: str = "main") -> bool:
    """Whether the entries that are kept are those that this release reads."""
    return [row[0] for row in connection.exec_driver_sql(f"SELECT types FROM {schema}.knowledge_of")] == [_TYPES]


def latest(rows: Sequence[LogRow]) -> dict[str, tuple[int, int]]:
    """The latest knowledge time and position of each stream."""
    ends: dict[str, tuple[int, int]] = {}
    for row in rows:
        before = ends.get(row.client_id, (-1, 0))
        ends[row.client_id] = max(before[0], recorded_of(row.state)), row.position
    return ends


def known_entries(recorder: LogRecorder, rows: Sequence[LogRow]) -> list[KnownEntry]:
    """Those of these rows that count, and the entries that they correct or retract, whatever their type."""
    entries: list[KnownEntry] = []
    targets: dict[str, list[LogRow]] = {}
    for row in rows:
        name = row.topic.rpartition(".")[0]
        amends = name in AMENDING
        whole = of_provider(row.client_id) or name in _ABOUT_OTHERS or name not in CATALOGUE.types
        if not (whole or amends or name in READ):
            continue
        target = _target(row) if amends else ""
        if target:
            targets.setdefault(target, []).append(row)
        entries.append(_known(row, whole=whole or (amends and not target)))
    return entries + _amended(recorder, targets)


def _target(row: LogRow) -> str:
    try:
        target = orjson.loads(row.state)["d"]["target"].replace("-", "")
        return target if len(bytes.fromhex(target)) == 16 else ""
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""


def _amended(recorder: LogRecorder, targets: dict[str, list[LogRow]]) -> list[KnownEntry]:
    """The targets; where one is not there, who amends it is to be read whole."""
    ids = list(targets)
    parts = [ids[start : start + IDS_AT_ONCE] for start in range(0, len(ids), IDS_AT_ONCE)]
    places = {bytes(raw).hex(): at for part in parts for raw, at in recorder.query(*known_question(part))}
    amended_rows = {row.position: row for row in recorder.at(list(places.values()))}
    missing = [row for target, rows in targets.items() if places.get(target) not in amended_rows for row in rows]
    return [*(_known(row, whole=True) for row in missing), *(_known(row, whole=False) for row in amended_rows.values())]


def _known(row: LogRow, *, whole: bool) -> KnownEntry:
    return KnownEntry(row.position, row.client_id, recorded_of(row.state), whole)
