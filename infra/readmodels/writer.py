"""Writer: replace changed rows, move counts by the difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table

from infra.readmodels.dead_letters import HELD, WRITTEN, letter
from infra.readmodels.fold import Folded
from infra.readmodels.generations import LOG_SHARD, SHARD, Generation
from infra.readmodels.healed_letters import WRITTEN as HEALED, Healer, healed_rows
from infra.readmodels.raw import Raw
from projections.base import Cells, Row

Known = Mapping[str, int]


class Writers:
    """One transaction's changes for several generations; ``finish`` writes the counts.

    Whoever writes must be the only one who writes these clients (see ``ReadStore``); ``shard`` is where its share
    of the counts is kept, and must be nobody else's in a transaction at the same time.
    """

    def __init__(
        self,
        connection: Connection,
        generations: Sequence[Generation],
        shard: int = LOG_SHARD,
        now: int = 0,
        healer: Healer | None = None,
    ) -> None:
        """Use a write transaction's connection; ``now`` (µs UTC) is when whoever is stopped failed, or was healed."""
        self._raw, self._now = Raw(connection), now
        self.each = [_Writer(self._raw, generation, shard, healer or Healer()) for generation in generations]

    def known(self, client_ids: Sequence[str]) -> list[dict[str, int]]:
        """Up to which sequence each of these clients is folded, by generation."""
        sequences: list[dict[str, int]] = [{} for _ in self.each]
        if not client_ids or not sequences:
            return sequences
        among = self._raw.among("client_id")
        parts = [
            f"SELECT {number}, client_id, sequence FROM {writer.progress} WHERE {among}"
            for number, writer in enumerate(self.each)
        ]
        listed = self._raw.listed(client_ids)
        for number, client_id, sequence in self._raw.rows(" UNION ALL ".join(parts), [listed] * len(parts)):
            sequences[number][client_id] = sequence
        return sequences

    def write(self, folded: Sequence[Folded], known: Sequence[Known], *, again: bool = False) -> None:
        """Write these clients where they are not as far yet; ``again`` writes them in any case."""
        fresh = [[item for item in folded if again or there.get(item.client_id, 0) < item.sequence] for there in known]
        held = [writer.held(items, there) for writer, items, there in zip(self.each, fresh, known, strict=True)]
        listed = self._raw.listed([item.client_id for item in folded])
        stopped = f"{HELD} WHERE {self._raw.among('client_id')}"
        answers = iter(self._raw.all_rows([(stopped, [listed]), *(query for queries in held for query in queries)]))
        quarantined = next(answers)
        for writer, items, there, queries in zip(self.each, fresh, known, held, strict=True):
            rows = [_grouped(next(answers)) for _ in queries]
            writer.write(items, there, rows, quarantined, self._now)
        self._raw.flush()

    def finish(self) -> None:
        """Write what the counts moved by, and remove those that came to nothing."""
        for writer in self.each:
            writer.finish()
        self._raw.flush()


@dataclass
class _Writer:
    raw: Raw
    generation: Generation
    shard: int
    healer: Healer

    def __post_init__(self) -> None:
        table_of = self.generation.table
        self.progress = self.generation.progress_table().name
        self._tables = {table.name: table_of(table) for table in self.generation.model.tables}
        self._counts = {table.name: table_of(table) for table in self.generation.model.counts}
        self._deltas: dict[str, Counter[Row]] = {}

    def held(self, folded: Sequence[Folded], known: Known) -> list[tuple[str, Sequence[Any]]]:
        """The queries for the rows that these clients have, table by table; none where none of them has any."""
        ids = [item.client_id for item in folded if item.client_id in known]
        if not ids:
            return []
        where = f"WHERE {self.raw.among('client_id')}"
        listed = self.raw.listed(ids)
        return [
            (f"SELECT {','.join(table.columns.keys())} FROM {table.name} {where}", [listed])
            for table in self._tables.values()
        ]

    def write(
        self,
        folded: Sequence[Folded],
        known: Known,
        held: Sequence[Mapping[str, list[Row]]],
        stopped: Sequence[Row],
        now: int,
    ) -> None:
        """Replace the rows of these clients.

        ``known`` has those that are folded already, ``held`` their rows by table, ``stopped`` those in quarantine, of
        any generation.
        """
        name = self.generation.model.name
        good = [item for item in folded if name in item.rows and (item.reached(name) or item.client_id in known)]
        if good:
            new: dict[str, list[Row]] = {}
            changed = self._take_out([item for item in good if item.client_id in known], held, new)
            entering = [item for item in good if item.client_id not in known]
            for table in self._tables:
                new.setdefault(table, []).extend(row for item in entering for row in item.rows[name].get(table, ()))
                self.raw.insert(self._tables[table].name, self._tables[table].columns.keys(), new[table])
            self._count(_rows_of([*changed, *entering], name), 1)
            self._note(good, entering)
        self._quarantine(folded, stopped, now)

    def finish(self) -> None:
        for table_name, delta in self._deltas.items():
            shard = (self.shard,) if self.generation.sharded else ()
            moved = sorted((*key, n, *shard) for key, n in delta.items() if n)
            if not moved:
                continue
            table = self._counts[table_name]
            names = [*(key for key in _keys(table) if key != SHARD), "n", *([SHARD] if shard else [])]
            self.raw.add_up(table, names, moved)
            emptied = sorted((*key, *shard) for key, n in delta.items() if n < 0)
            if emptied:
                keys = " AND ".join(f"{column}=?" for column in _keys(table))
                self.raw.many(f"DELETE FROM {table.name} WHERE {keys} AND n=0", emptied)
        self._deltas.clear()

    def _take_out(
        self, again: Sequence[Folded], held: Sequence[Mapping[str, list[Row]]], new: dict[str, list[Row]]
    ) -> list[Folded]:
        """Delete what changed of these clients, and put what replaces it into ``new``; gives those that changed."""
        if not again:
            return []
        name = self.generation.model.name
        before = dict(zip(self._tables, held, strict=True))
        changed: dict[str, Folded] = {}
        for table_name, rows in before.items():
            other = [
                item for item in again if not _same(rows.get(item.client_id, ()), item.rows[name].get(table_name, ()))
            ]
            new[table_name] = [row for item in other for row in item.rows[name].get(table_name, ())]
            outdated = [item.client_id for item in other if item.client_id in rows]
            if outdated:
                where = self.raw.among("client_id")
                self.raw.many(
                    f"DELETE FROM {self._tables[table_name].name} WHERE {where}", [[self.raw.listed(outdated)]]
                )
            changed.update((item.client_id, item) for item in other)
        old = {
            table: [row for client_id in changed for row in rows.get(client_id, ())] for table, rows in before.items()
        }
        self._count(old, -1)
        return list(changed.values())

    def _count(self, rows: Mapping[str, Sequence[Row]], sign: int) -> None:
        if not self._counts or not any(rows.values()):
            return
        cells: Cells = self.generation.model.cells(rows)
        for table_name, counter in cells.items():
            delta = self._deltas.setdefault(table_name, Counter())
            for key, n in counter.items():
                delta[key] = delta.get(key, 0) + sign * n  # quicker than +=, which calls back for each new key

    def _note(self, good: Sequence[Folded], entering: Sequence[Folded]) -> None:
        columns = ("client_id", "sequence")
        reached = {item.client_id: item.reached(self.generation.model.name) for item in good}
        here = [item.client_id for item in entering]
        self.raw.insert(self.progress, columns, [(client_id, reached.pop(client_id)) for client_id in here])
        moved = [(sequence, client_id) for client_id, sequence in reached.items()]
        if moved:
            self.raw.move_on(self.progress, moved)

    def _quarantine(self, folded: Sequence[Folded], stopped: Sequence[Row], now: int) -> None:
        name, generation_id = self.generation.model.name, self.generation.id
        before = _grouped([(row[1], *row) for row in stopped if row[5] == name])
        here = {row[1] for row in stopped if row[0] == generation_id}
        again = [item.client_id for item in folded if item.client_id in here]
        if again:
            where = f"generation=? AND {self.raw.among('client_id')}"
            self.raw.many(f"DELETE FROM quarantine WHERE {where}", [[generation_id, self.raw.listed(again)]])
        stops = {item.client_id: item.stops[name].position for item in folded if name in item.stops}
        mine = [row for row in stopped if row[0] == generation_id and row[1] in set(again)]
        self.raw.insert("healed", HEALED, healed_rows(mine, stops, self.healer, now))
        failed = (item for item in folded if name in item.stops)
        rows = [
            letter(generation_id, item, name, [row[1:] for row in before.get(item.client_id, ())], now)
            for item in failed
        ]
        self.raw.insert("quarantine", WRITTEN, rows)


def _grouped(rows: Sequence[Row]) -> dict[Any, list[Row]]:
    """The rows by their first column."""
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[0], []).append(row)
    return groups


def _keys(table: Table) -> list[str]:
    return [column.name for column in table.primary_key]


def _rows_of(items: Sequence[Folded], name: str) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {}
    for item in items:
        for table, table_rows in item.rows[name].items():
            rows.setdefault(table, []).extend(table_rows)
    return rows


def _same(held: Sequence[Row], now: Sequence[Row]) -> bool:
    """Whether the rows are the same, in any order."""
    if len(held) != len(now):
        return False
    before, after = list(held), list(now)
    return before == after or Counter[Any](before) == Counter[Any](after)
