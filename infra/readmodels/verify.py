"""Verify: compare live tables with a fresh replay, row by row."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Table, func, select
from sqlalchemy.exc import DBAPIError

from domain.events import CATALOGUE
from infra.eventstore.log import EventLog
from infra.eventstore.rows import LogRow
from infra.readmodels.fold import Folded, fold_clients
from infra.readmodels.generations import QUARANTINE, Generation
from infra.readmodels.projector import CLIENTS_AT_ONCE, Projector, chunks
from infra.readmodels.readstore import ReadStore
from infra.readmodels.writer import Writers

Progress = Callable[[int, int], None]
MOST_NAMED = 1_000
_LOG_PAGE = 50_000


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: where it is, whose (a client id or the key of a count), and what."""

    projection: str
    table: str
    key: str
    what: str


def verify(projector: Projector, progress: Progress | None = None) -> list[Difference]:
    """Replay every client up to the entry it is folded to, and compare every table; gives what differs.

    What another release has live is for that release to verify. Where it is live in both, and clients have entries that
    only the newer one could fold, their number is one difference: their rows, and the counts, are not compared.
    Also found: clients of the log that a read model should hold and does not. At most 1,000 differences are
    named. The replay goes to a temporary file, so memory stays flat.
    """
    differences: list[Difference] = []
    for name in projector.reads.models:
        differences += _verified(projector, name, MOST_NAMED - len(differences), progress)
    return differences


def _verified(projector: Projector, name: str, most: int, progress: Progress | None) -> list[Difference]:
    """One read model, in a read of its own; anew with the generation that took its place meanwhile."""
    reads = projector.reads
    while True:
        with reads.reading() as looking:
            generation = next(
                (candidate for candidate in reads.generations(looking) if candidate.model.name == name), None
            )
        if generation is None or not reads.is_current(generation):
            return []
        try:
            with tempfile.TemporaryDirectory() as folder:
                scratch = ReadStore(f"sqlite:///{Path(folder) / name}.db", [generation.model], projector.log.calendar)
                try:
                    # the rows of this generation alone, so that a switch to the next one need not wait
                    with reads.reading_rows() as live:
                        return list(_first(_verify_one(projector, live, generation, scratch, progress), most))
                finally:
                    scratch.close()
        except DBAPIError:
            if not _is_gone(reads, generation):
                raise


def _is_gone(reads: ReadStore, generation: Generation) -> bool:
    with reads.reading() as connection:
        return generation.id not in {other.id for other in reads.generations(connection, None)}


def _verify_one(
    projector: Projector, live: Connection, generation: Generation, scratch: ReadStore, progress: Progress | None
) -> Iterator[Difference]:
    total = live.execute(select(func.count()).select_from(generation.progress_table())).scalar_one()
    with scratch.writing() as connection:
        replayed = scratch.generations(connection)[0]
        writers = Writers(connection, [replayed])
        done = 0
        newer = set[str]()
        for folded in _folded(live, generation):
            replay = list(fold_clients(projector.log, [generation.model], list(folded), _up_to(folded)))
            newer |= _of_newer_release(projector.log, generation, replay)
            writers.write(replay, [{}])
            done += len(folded)
            if progress:
                progress(done, total)
        writers.finish()
    if newer:
        what = f"clients that have entries of a newer release: {len(newer)}; rebuild after going back"
        yield Difference(generation.model.name, generation.progress_table().name, "", what)
    yield from _never_folded(projector, live, generation)
    with scratch.reading() as connection:
        for table in generation.model.all_tables:
            if not newer or _is_by_client(table):
                yield from _compare(generation, table, live, connection, replayed, newer)


def _of_newer_release(log: EventLog, generation: Generation, replay: Sequence[Folded]) -> set[str]:
    """Clients whom the live rows hold beyond an entry of a type or version that this release does not know."""
    stops = {stop.position for folded in replay if (stop := folded.stops.get(generation.model.name))}
    unknown = {row.position for row in log.recorder.at(sorted(stops)) if not CATALOGUE.knows(row.topic)}
    return {folded.client_id for folded in replay for stop in folded.stops.values() if stop.position in unknown}


def _folded(live: Connection, generation: Generation) -> Iterator[dict[str, int]]:
    """Up to which sequence each client is folded, some clients at a time."""
    table = generation.progress_table()
    after = ""
    while True:
        query = select(table).where(table.c.client_id > after).order_by(table.c.client_id).limit(CLIENTS_AT_ONCE)
        page: dict[str, int] = {row[0]: row[1] for row in live.execute(query)}
        if not page:
            return
        yield page
        after = max(page)


def _up_to(folded: dict[str, int]) -> Callable[[str, Sequence[LogRow]], Sequence[LogRow]]:
    return lambda client_id, rows: rows[: folded[client_id]]


def _never_folded(projector: Projector, live: Connection, generation: Generation) -> Iterator[Difference]:
    """Clients with entries up to the generation's position that are not folded that far, nor quarantined."""
    position, named = 0, set[str]()
    while position < generation.position and (page := projector.log.recorder.touched(position, _LOG_PAGE)):
        newest = {client_id: sequence for place, client_id, sequence in page if place <= generation.position}
        for client_ids in chunks(list(newest), CLIENTS_AT_ONCE):
            known = _known(live, generation, client_ids)
            for client_id in client_ids:
                if known.get(client_id, 0) < newest[client_id] and client_id not in named:
                    named.add(client_id)
                    what = f"entry {newest[client_id]} of the log is not folded"
                    yield Difference(generation.model.name, generation.progress_table().name, client_id, what)
        position = page[-1][0]


def _known(live: Connection, generation: Generation, client_ids: Sequence[str]) -> dict[str, int]:
    """Up to which sequence each of these clients is folded, or stopped."""
    table = generation.progress_table()
    known: dict[str, int] = {
        row[0]: row[1] for row in live.execute(select(table).where(table.c.client_id.in_(client_ids)))
    }
    stopped = select(QUARANTINE.c.client_id, QUARANTINE.c.sequence).where(
        QUARANTINE.c.generation == generation.id, QUARANTINE.c.client_id.in_(client_ids)
    )
    for client_id, sequence in live.execute(stopped):
        known[client_id] = max(known.get(client_id, 0), sequence)
    return known


def _compare(
    generation: Generation,
    table: Table,
    live: Connection,
    scratch: Connection,
    replayed: Generation,
    left_out: Collection[str],
) -> Iterator[Difference]:
    """Both sides come in the order of their first column, so that only one group of rows is held at a time."""
    ours = ((row, 0) for row in _ordered(live, generation, table))
    theirs = ((row, 1) for row in _ordered(scratch, replayed, table))
    both = merge(ours, theirs, key=lambda pair: pair[0][0])
    for first, group in groupby(both, key=lambda pair: pair[0][0]):
        if first in left_out:
            continue
        counts: dict[tuple[str, ...], list[int]] = {}
        for row, side in group:
            counts.setdefault(row, [0, 0])[side] += 1
        for row, (there, here) in counts.items():
            if there != here:
                what = f"{there} × in the live table, {here} × in the replay"
                yield Difference(generation.model.name, table.name, _key(table, row), what)


def _ordered(connection: Connection, generation: Generation, table: Table) -> Iterator[tuple[str, ...]]:
    """The rows as comparable text in the byte order of their first column, whatever the database's collation."""
    if _is_by_client(table):  # hex digits: the same order under every collation
        generation_table = generation.table(table)
        query = select(generation_table).order_by(generation_table.c.client_id).execution_options(yield_per=5_000)
        for row in connection.execute(query):
            yield tuple(map(_text, cast("Iterable[Any]", row)))
        return
    rows = connection.execute(generation.shown(table))
    yield from sorted(tuple(map(_text, cast("Iterable[Any]", row))) for row in rows)


def _is_by_client(table: Table) -> bool:
    return table.columns.keys()[0] == "client_id"


def _text(value: Any) -> str:
    """A value as both databases give it: SQLite has no booleans."""
    return "\x00" if value is None else str(int(value)) if isinstance(value, bool) else str(value)


def _key(table: Table, row: tuple[str, ...]) -> str:
    """What a difference is named by: the client, or the key of a count; never a value from a chart."""
    return row[0] if _is_by_client(table) else " · ".join(row[:-1])


def _first(items: Iterator[Difference], most: int) -> Iterator[Difference]:
    for _, item in zip(range(most), items, strict=False):
        yield item
