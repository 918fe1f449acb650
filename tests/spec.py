"""Given/when/then: tests that read like what a clinician would say.

``given(*facts).when(command).then(*events)`` or ``.refused(*criteria)`` for decisions, and
``given(*facts).shows(model, table, *rows)`` for read models, with ``.again(times)`` for redelivered events.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from domain.commands import Command, Draft, Record, ResolveOverlap
from domain.decisions import History, decide
from domain.entries import Entry, Meta, microseconds, offset_minutes
from domain.events import Event
from domain.journey import journey_of
from domain.overlaps import overlaps_between
from domain.refusals import CommandRefusedError
from infra.eventstore.log import EventLog
from infra.eventstore.setup import open_log
from infra.interop.importers.events.batch import write_batch
from infra.interop.importers.events.lines import Prepared
from infra.readmodels.generations import GENERATION
from infra.readmodels.projector import Projector
from infra.readmodels.readstore import ReadStore
from projections.base import ReadModel
from tests.day import UTC_DAYS

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CLIENT = "C-1"
KEY = bytes(range(32))


def ago(days: float = 0, **more: float) -> datetime:
    """A moment before NOW."""
    return NOW - timedelta(days=days, **more)


class Fact(NamedTuple):
    """Something that is recorded: the event, its clinical time, its id, and whose it is."""

    event: Event
    at: datetime
    event_id: str
    client: str = CLIENT

    @property
    def id(self) -> UUID:
        """The id as commands name it."""
        return UUID(hex=self.event_id)


def fact(event: Event, at: datetime | None = None, number: int | None = None, client: str = CLIENT) -> Fact:
    """A fact; ``number`` fixes its id, so that a correction can name it. All without one have ids of their own."""
    own = next(_UNNUMBERED) if number is None else number
    return Fact(event, at or ago(1), UUID(int=0xFAC7 << 96 | own).hex, client)


_UNNUMBERED = count(1 << 32)


def entries(facts: list[Fact], client_id: str = "c" * 32) -> list[Entry]:
    """The facts as recorded entries, in this order."""
    return [
        Entry(client_id, place, place, _meta(given), given.event, UTC_DAYS)
        for place, given in enumerate(facts, start=1)
    ]


def _meta(given: Fact) -> Meta:
    return {
        "i": given.event_id,
        "a": microseconds(given.at),
        "z": offset_minutes(given.at),
        "r": microseconds(NOW),
    }


@dataclass(frozen=True)
class Outcome:
    """What a command came to."""

    drafts: list[Draft]
    refusals: dict[str, str]

    def then(self, *events: Event) -> Outcome:
        """Exactly these events are recorded, in this order."""
        assert not self.refusals, f"refused: {self.refusals}"
        assert [draft.event for draft in self.drafts] == list(events)
        return self

    def accepted(self) -> Outcome:
        """The command is not refused."""
        assert not self.refusals, f"refused: {self.refusals}"
        return self

    def refused(self, *criteria: str) -> Outcome:
        """Refused for exactly these criteria; each says what was found."""
        assert sorted(self.refusals) == sorted(criteria)
        assert all(self.refusals.values())
        return self

    def saying(self, words: str) -> Outcome:
        """Some refusal has these words in its value."""
        assert any(words in value for value in self.refusals.values()), self.refusals
        return self


@dataclass(frozen=True)
class Given:
    """A client of whom these facts are recorded, in this order."""

    facts: tuple[Fact, ...]
    times: int = 1

    def when(self, command: Command | Fact, by: str = "clinician", now: datetime = NOW) -> Outcome:
        """Decide on a command (a fact stands for recording it)."""
        if isinstance(command, Fact):
            command = Record(command.event, command.at)
        history = History.of("c" * 32, entries(list(self.facts)), UTC_DAYS)
        try:
            return Outcome(decide(history, command, now, by), {})
        except CommandRefusedError as refused:
            return Outcome([], {refusal.criterion: refusal.value for refusal in refused.refusals})

    def again(self, times: int) -> Given:
        """Deliver everything this many times."""
        return replace(self, times=times)

    def shows(self, model: ReadModel, table: str, *rows: Mapping[str, Any]) -> Given:
        """The read model's table holds these rows, column by column as far as they are given."""
        with tempfile.TemporaryDirectory() as folder:
            log = open_log(f"sqlite:///{folder}/log.db", KEY, UTC_DAYS, lambda: NOW)
            reads = ReadStore(f"sqlite:///{Path(folder) / 'read.db'}", [model], UTC_DAYS)
            for given in self.facts:
                record(log, given)
            for _ in range(self.times):
                _redeliver(reads)
                Projector(log, reads).catch_up()
            found = shown(reads, table)
            reads.close()
            log.close()
        wanted = [dict(row) for row in rows]
        assert len(found) == len(wanted), found
        for row, expected in zip(found, wanted, strict=True):
            assert {name: row[name] for name in expected} == expected
        return self


def given(*facts: Fact) -> Given:
    """A client's recorded facts, in the order of recording."""
    return Given(facts)


def record(log: EventLog, given: Fact) -> None:
    """Import a fact as it is, whatever the rules say; a repeated id is a no-op."""
    meta: Meta = {"i": given.event_id, "a": microseconds(given.at), "z": offset_minutes(given.at), "r": 0}
    write_batch(log, [Prepared.of(1, given.client, given.event, meta)])


def decided(log: EventLog, one: str, other: str) -> list[ResolveOverlap]:
    """Of stays of two charts that overlap those of the first one count: what a merge of them asks for."""
    ours, theirs = (journey_of(log.stream(log.client_id(reference))) for reference in (one, other))
    pairs = [(UUID(hex=a.event_id), UUID(hex=b.event_id)) for a, b in overlaps_between(ours, theirs)]
    return [ResolveOverlap(pair, pair[0]) for pair in pairs]


def shown(reads: ReadStore, table: str) -> list[dict[str, Any]]:
    """What readers see of a table, in a fixed order."""
    with reads.reading() as connection:
        result = connection.exec_driver_sql(f"SELECT * FROM {table}")
        names = list(result.keys())
        rows = [dict(zip(names, row, strict=True)) for row in result]
    return sorted(rows, key=lambda row: [(v is not None, v) for name, v in row.items() if name != "client_id"])


def _redeliver(reads: ReadStore) -> None:
    """Forget how far the log was read, as a transport that delivers again would."""
    with reads.writing() as connection:
        connection.execute(GENERATION.update().values(position=0))
