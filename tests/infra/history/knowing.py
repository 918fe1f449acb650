"""A store whose clock tests move, its tables by chart number, and what a moment's tables must be."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from domain.entries import Meta, microseconds, offset_minutes
from infra.bootstrap import Services, open_services
from infra.eventstore.log import EventLog
from infra.history.as_of.dependencies import models_of
from infra.history.as_of.overlay import OverlaidReads
from infra.history.as_of.recorded_streams import is_kept_of
from infra.history.as_of.store import opened_over_live, store_as_of
from infra.interop.importers.events.batch import write_batch
from infra.interop.importers.events.lines import Prepared
from infra.readmodels.fold import fold_clients
from infra.settings import Settings
from projections.base import ReadModel, Row
from projections.catalogue import READ_MODELS
from tests.infra.readmodels.worlds import Tables, tables
from tests.prepared import empty_store
from tests.spec import NOW, Fact

KEY = "ab" * 32
# With all read models streams are read whole, with these only entries that count in them, and the last ones where a
# latest day counts; of the last way, those are kept.
SOME = [model for model in READ_MODELS if model.reads and not model.reads_last_day]
UNTIL_A_DAY = [model for model in READ_MODELS if model.reads_last_day or model.provider]
FEW = [model for model in READ_MODELS if is_kept_of(model)]
WAYS = (READ_MODELS, SOME, UNTIL_A_DAY, FEW)


class Clock:
    """Stands still until it is moved; it begins long after every fact of the histories."""

    def __init__(self) -> None:
        self.now = NOW + timedelta(days=400)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Lived:
    """Services with their clock."""

    services: Services
    clock: Clock

    def record(self, fact: Fact, recorded_at: datetime | None = None) -> datetime:
        """Record a fact a minute after the one before, or as an import that keeps its knowledge time."""
        self.clock.now += timedelta(minutes=1)
        meta: Meta = {
            "i": fact.event_id,
            "a": microseconds(fact.at),
            "z": offset_minutes(fact.at),
            "r": microseconds(recorded_at) if recorded_at else 0,
        }
        write_batch(self.services.log, [Prepared.of(1, fact.client, fact.event, meta)])
        return self.clock.now

    def tables(self) -> Tables:
        """What readers see now, clients by chart number."""
        self.services.catch_up()
        return self.named(tables(self.services.reads))

    def named(self, found: Tables) -> Tables:
        """Tables with chart numbers instead of ids, which differ from store to store."""
        rows = {table.name for model in READ_MODELS for table in model.tables} & found.keys()
        names = self.services.log.references(sorted({row[0] for name in rows for row in found[name]}))
        return {
            name: Counter({(names[row[0]], *row[1:]) if name in rows else row: n for row, n in own.items()})
            for name, own in found.items()
        }

    def known(self, at: datetime) -> Tables:
        """Every row that the folds give for the entries recorded by a moment: one by one, without any of our blocks."""
        log: Any = _Known(self.services.log, microseconds(at))
        clients = sorted({client_id for _, client_id, _ in self.services.log.recorder.touched(0, 10**6)})
        found: Tables = {table.name: Counter() for model in READ_MODELS for table in model.all_tables}
        for folded in fold_clients(log, READ_MODELS, clients):
            for model in READ_MODELS:
                rows = folded.rows[model.name]
                for name, own in rows.items():
                    found[name].update(own)
                for name, cells in model.cells(rows).items():
                    found[name].update(cells)
        for table in (table for model in READ_MODELS for table in model.counts):
            summed: Counter[Row] = Counter((*key, n) for key, n in found[table.name].items() if n)
            found[table.name] = summed
        return self.named(found)


class _Known:
    """What of a log was recorded by a moment, by looking at every entry."""

    def __init__(self, log: EventLog, at: int) -> None:
        self.recorder: Any = _KnownRecorder(log, at)
        self._log = log
        self.entry = log.entry

    def streams(self, client_ids: Sequence[str]) -> Any:
        for client_id, _ in self._log.streams(client_ids):
            known = self.recorder.streams([client_id])
            if known:
                yield client_id, known


class _KnownRecorder:
    """Its rows."""

    def __init__(self, log: EventLog, at: int) -> None:
        self._log, self._at = log, at
        self.query = log.recorder.query

    def streams(self, client_ids: Sequence[str], until: int | None = None) -> Any:
        rows = self._log.recorder.streams(client_ids, until)
        return [row for row in rows if self._log.entry(row).recorded <= self._at]


@contextmanager
def lived(url: str = "") -> Generator[Lived]:
    """A new store, embedded or at a URL of PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock()
        place = SecretStr(url or empty_store(Path(folder), key=KEY))
        services = open_services(Settings(database_url=place, master_key=SecretStr(KEY)), clock)
        try:
            yield Lived(services, clock)
        finally:
            services.close()


def overlaid(here: Lived, at: datetime, models: Sequence[ReadModel], until: int | None = None) -> Tables:
    """What readers see over the live read models."""
    then = opened_over_live(here.services, at, models, until)
    try:
        return here.named(tables(then.reads))
    finally:
        then.reads.close()


def replayed(here: Lived, at: datetime, models: Sequence[ReadModel]) -> Tables:
    """What readers see after a replay of all that was known."""
    with store_as_of(here.services, at, models) as then:
        return here.named(tables(then.reads))


def agree(here: Lived, moments: Sequence[datetime]) -> None:
    """Over the live read models everything is as a replay has it, at each moment."""
    for at in moments:
        for models in WAYS:
            assert overlaid(here, at, models) == replayed(here, at, models)


def laid_rightly(here: Lived, at: datetime) -> bool:
    """Whether a report is answered over the live read models, as it is by a replay in any case."""
    with here.services.past.at(at, models_of("completion")) as then:
        known = here.known(at)
        seen = here.named(tables(then.reads))
        assert seen == {name: known[name] for name in seen}
        return isinstance(then.reads, OverlaidReads)
