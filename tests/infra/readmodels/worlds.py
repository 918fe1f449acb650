"""A log with its read models in a folder, and what a property needs to compare them."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from infra.eventstore.log import EventLog
from infra.eventstore.setup import open_log
from infra.readmodels.fold import fold_clients
from infra.readmodels.projector import Projector
from infra.readmodels.readstore import ReadStore
from infra.readmodels.verify import verify
from projections.base import ReadModel, Row
from projections.catalogue import READ_MODELS
from tests.day import UTC_DAYS
from tests.spec import KEY, NOW

Tables = dict[str, Counter[Row]]


@dataclass
class World:
    """A log and its read models."""

    folder: Path
    log: EventLog
    reads: ReadStore
    projector: Projector

    def tables(self) -> Tables:
        """Every row that readers see, by table."""
        return tables(self.reads)

    def fresh(self, until: int | None = None) -> Tables:
        """What a replay of the log (up to a position) comes to: folded at once, summed by hand, no database."""
        end = self.log.head() if until is None else until
        log: Any = Prefix(self.log, end)
        clients = sorted({client_id for _, client_id, _ in log.touched(0, 10**6)})
        found: Tables = {table.name: Counter() for model in READ_MODELS for table in model.all_tables}
        for folded in fold_clients(log, READ_MODELS, clients):
            for model in READ_MODELS:
                rows = folded.rows[model.name]
                for name, own in rows.items():
                    found[name].update(own)
                for name, cells in model.cells(rows).items():
                    for key, n in cells.items():
                        found[name][key] += n
        for model in READ_MODELS:
            for table in model.counts:
                found[table.name] = Counter((*key, n) for key, n in found[table.name].items() if n)
        return found

    def is_sound(self) -> None:
        """The live tables equal a replay, nothing is stopped, and no count is zero or less."""
        assert verify(self.projector) == []
        assert self.projector.quarantined() == []
        for name, rows in self.tables().items():
            if any(name == table.name for model in READ_MODELS for table in model.counts):
                assert all(row[-1] > 0 for row in rows), name


@contextmanager
def world(
    models: Sequence[ReadModel] = READ_MODELS,
    url: Callable[[Path], str] = lambda folder: f"sqlite:///{folder}/log.db",
    reads_url: Callable[[Path], str] = lambda folder: f"sqlite:///{folder}/read.db",
) -> Generator[World]:
    """A world of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = open_log(url(folder), KEY, UTC_DAYS, lambda: NOW)
        reads = ReadStore(reads_url(folder), models, UTC_DAYS)
        try:
            yield World(folder, log, reads, Projector(log, reads))
        finally:
            reads.close()
            log.close()


def tables(reads: ReadStore) -> Tables:
    """Every row that readers see, by table."""
    with reads.reading() as connection:
        return {
            table.name: Counter(tuple(row) for row in connection.execute(select(table)))
            for model in reads.models.values()
            for table in model.all_tables
        }


class Prefix:
    """The log as it was at a position."""

    def __init__(self, log: EventLog, until: int) -> None:
        self.recorder: Any = _PrefixRecorder(log, until)
        self._log, self._until = log, until
        self.entry = log.entry

    def head(self) -> int:
        return self._until

    def touched(self, after: int, limit: int) -> list[tuple[int, str, int]]:
        return [row for row in self._log.recorder.touched(after, limit) if row[0] <= self._until]

    def streams(self, client_ids: Sequence[str]) -> Any:
        for client_id, rows in self._log.streams(client_ids):
            known = [row for row in rows if row.position <= self._until]
            if known:
                yield client_id, known


class _PrefixRecorder:
    """Its rows."""

    def __init__(self, log: EventLog, until: int) -> None:
        self._recorder, self._until = log.recorder, until
        self.query = log.recorder.query

    def streams(self, client_ids: Sequence[str], until: int | None = None) -> Any:
        return self._recorder.streams(client_ids, min(self._until, until if until is not None else self._until))
