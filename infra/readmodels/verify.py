"""Verify: compare live tables with a fresh replay, row by row."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from heapq import merge
from itertools import groupby, islice
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Table, func, select, union
from sqlalchemy.exc import DBAPIError

from domain.events import CATALOGUE
from infra.eventstore.log import EventLog
from infra.eventstore.rows import LogRow
from infra.readmodels.fold import Folded, fold_clients
from infra.readmodels.generations import QUARANTINE, Generation
from infra.readmodels.projector import CLIENTS_AT_ONCE, Projector, chunks
from infra.readmodels.readstore import ReadStore
from infra.readmodels.writer import Known, Writers

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

    One read transaction, of the rows alone: a rebuild can switch meanwhile. Where a second one drops what is being
    read, all is read again. ``progress`` is told how many clients are replayed, of how many.
    """
    reads = projector.reads
    while True:
        with reads.reading() as looking:
            generations = [live for live in reads.generations(looking) if reads.is_current(live)]
        if not generations:
            return []
        try:
            with reads.reading_rows() as live:
                return list(islice(_differences(projector, live, generations, progress), MOST_NAMED))
        except DBAPIError:
            if not _are_gone(reads, generations):
                raise


def _are_gone(reads: ReadStore, generations: Sequence[Generation]) -> bool:
    with reads.reading() as connection:
        return not {each.id for each in generations} <= {there.id for there in reads.generations(connection, None)}


def _differences(
    projector: Projector, live: Connection, generations: Sequence[Generation], progress: Progress | None
) -> Iterator[Difference]:
    models = [generation.model for generation in generations]
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(ReadStore(f"sqlite:///{Path(folder)}/replay.db", models, projector.log.calendar)) as scratch,
    ):
        newer = _replay(projector.log, live, generations, scratch, progress or _quiet)
        with scratch.reading() as connection:
            replayed = {generation.model.name: generation for generation in scratch.generations(connection)}
            for generation in generations:
                model = generation.model
                left_out = newer[model.name]
                if left_out:
                    what = f"clients that have entries of a newer release: {len(left_out)}; rebuild after going back"
                    yield Difference(model.name, generation.progress_table().name, "", what)
                yield from _never_folded(projector, live, generation)
                for table in model.all_tables:
                    if not left_out or _is_by_client(table):
                        yield from _compare(generation, table, live, connection, replayed[model.name], left_out)


def _replay(
    log: EventLog, live: Connection, generations: Sequence[Generation], scratch: ReadStore, progress: Progress
) -> dict[str, set[str]]:
    """Fold every client as far as each generation has it; gives, by read model, who has entries too new for us.

    A chart is loaded once for all read models that are equally far with it, which is nearly always all of them.
    """
    newer = {generation.model.name: set[str]() for generation in generations}
    every = union(*(select(generation.progress_table().c.client_id) for generation in generations))
    total = live.execute(select(func.count()).select_from(every.subquery())).scalar_one()
    folded, done = Writers(live, generations), 0
    with scratch.writing() as connection:
        writers = Writers(connection, scratch.generations(connection))
        nobody: list[Known] = [{} for _ in writers.each]
        in_order = every.order_by("client_id").execution_options(yield_per=CLIENTS_AT_ONCE)
        for client_ids in live.scalars(in_order).partitions():
            for together, sequences in _equally_far(generations, folded.known(client_ids)):
                models = [generation.model for generation in together]
                replay = list(fold_clients(log, models, list(sequences), _up_to(sequences)))
                writers.write(replay, nobody)
                for name, stopped in _of_newer_release(log, replay):
                    newer[name].add(stopped)
            done += len(client_ids)
            progress(done, total)
        writers.finish()
    return newer


def _of_newer_release(log: EventLog, replay: Sequence[Folded]) -> Iterator[tuple[str, str]]:
    """Read models and clients whom their live rows hold beyond an entry that this release does not know."""
    stops = [(name, client.client_id, stop.position) for client in replay for name, stop in client.stops.items()]
    rows = log.recorder.at(sorted({position for _, _, position in stops})) if stops else ()
    unknown = {row.position for row in rows if not CATALOGUE.knows(row.topic)}
    yield from ((name, client_id) for name, client_id, position in stops if position in unknown)


def _equally_far(
    generations: Sequence[Generation], known: Sequence[Known]
) -> Iterator[tuple[list[Generation], dict[str, int]]]:
    """Generations by the clients that all of them have up to the same sequence."""
    reached: dict[tuple[str, int], list[int]] = {}
    for number, sequences in enumerate(known):
        for client in sequences.items():
            reached.setdefault(client, []).append(number)
    together: dict[tuple[int, ...], dict[str, int]] = {}
    for (client_id, sequence), numbers in reached.items():
        # a client stands in each generation once, so the same generations never have it at two sequences
        together.setdefault(tuple(numbers), {})[client_id] = sequence
    for numbers, sequences in together.items():
        yield [generations[number] for number in numbers], sequences


def _quiet(done: int, of: int) -> None:
    """Tell nobody how far it is."""


def _up_to(folded: Mapping[str, int]) -> Callable[[str, Sequence[LogRow]], Sequence[LogRow]]:
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
