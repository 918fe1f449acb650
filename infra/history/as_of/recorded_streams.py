"""Recorded times of the log by stream: of whom something was learned after a moment, without going through the log.

Kept beside the blocks, in the transaction in which these are: of each stream its latest knowledge time, and one by one
the few that stays, coverage and diagnoses come of. ``knowledge_of`` says of which types, and up to which position
without a gap: a release from before this was kept on PostgreSQL adds blocks alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection

from domain.events import CATALOGUE, CoverageVerified, DiagnosisRecorded
from domain.journey import STAYS
from infra.eventstore.event_ids import IDS_AT_ONCE, known_question
from infra.eventstore.keyring import of_provider
from infra.eventstore.mapper import recorded_of
from infra.eventstore.rows import LogRecorder, LogRow
from projections.base import ReadModel

_STAYS = STAYS | {CoverageVerified, DiagnosisRecorded}
READ = frozenset(kind.__name__ for kind in _STAYS)
AMENDING = frozenset({"EntryCorrected", "EntryRetracted"})
# What these say is about other entries or other charts: whoever has one is read whole, whenever it was recorded.
_ABOUT_OTHERS = frozenset({"ChartsMerged", "MergedChartContinued", "EntrySetAside", "EntryTakenUp"})
_TYPES = ",".join(sorted(READ))
_TABLES = ("knowledge_stream", "knowledge_entry", "knowledge_of")


def is_kept_of(model: ReadModel) -> bool:
    """Whether every entry on which the rows of a read model depend is kept."""
    return model.provider or bool(model.reads and model.reads <= _STAYS)


class KnownEntry(NamedTuple):
    """An entry that counts in read models of few types; ``whole``: its stream is to be read whole, at any moment."""

    position: int
    client_id: str
    recorded: int
    whole: bool


class Kept(NamedTuple):
    """Rows to add to a table, with the types that PostgreSQL gives their columns, and what to do where one is there."""

    table: str
    columns: Mapping[str, str]
    conflict: str
    rows: Sequence[Sequence[Any]]


def kept_of(recorder: LogRecorder, rows: Sequence[LogRow], most: str) -> list[Kept]:
    """What rows of the log say of their streams; ``most`` is the function that gives the larger of two values."""
    entries: dict[int, KnownEntry] = {}
    for entry in known_entries(recorder, rows):
        before = entries.get(entry.position)
        entries[entry.position] = entry._replace(whole=True) if before and before.whole else entry
    listed = [(at, entry.client_id, entry.recorded, int(entry.whole)) for at, entry in sorted(entries.items())]
    larger = "{1}={0}({2}.{1}, excluded.{1})"
    ends = ", ".join(larger.format(most, column, "knowledge_stream") for column in ("latest", "position"))
    whole = larger.format(most, "whole", "knowledge_entry")
    return [
        Kept(
            "knowledge_stream",
            {"client_id": "text", "latest": "bigint", "position": "bigint"},
            f"(client_id) DO UPDATE SET {ends}",
            [(client_id, *known) for client_id, known in sorted(latest(rows).items())],
        ),
        Kept(
            "knowledge_entry",
            {"position": "bigint", "client_id": "text", "recorded": "bigint", "whole": "int"},
            f"(position) DO UPDATE SET {whole}",
            listed,
        ),
        Kept(
            "knowledge_of",
            {"types": "text", "reached": "bigint"},
            "(types) DO UPDATE SET reached=excluded.reached",
            [(_TYPES, rows[-1].position)],
        ),
    ]


def forget_streams(connection: Connection) -> None:
    """Keep nothing."""
    for table in _TABLES:
        connection.exec_driver_sql(f"DELETE FROM {table}")


def are_ours(connection: Connection, schema: str = "") -> bool:
    """Whether the entries that are kept are those that this release reads, of every block that is kept."""
    prefix = f"{schema}." if schema else ""
    blocks = f"(SELECT coalesce(max(last_position), 0) FROM {prefix}knowledge_block)"
    kept = connection.exec_driver_sql(f"SELECT types, reached, {blocks} FROM {prefix}knowledge_of").all()
    return [row[0] for row in kept] == [_TYPES] and kept[0][1] == kept[0][2]


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
        target = target_of(row) if amends else ""
        if target:
            targets.setdefault(target, []).append(row)
        entries.append(_known(row, whole=whole or (amends and not target)))
    return entries + _amended(recorder, targets)


def target_of(row: LogRow) -> str:
    """The id (32 hex digits) of the entry that a correction or retraction is about; empty where it says none."""
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
