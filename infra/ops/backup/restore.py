"""Restore a backup into empty databases: the same rows, the same log; who was erased since stays erased."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from infra.eventstore.keyring import Keyring, derived
from infra.ops.backup.backup import Manifest, check
from infra.ops.backup.container import read_header, read_lines
from infra.ops.backup.databases import EVENTS, GONE, Snapshot, TableOf, batches, filling, reading
from infra.ops.backup.encryption import BackupError, Closing
from infra.ops.backup.rows import Sum, line_of, row_of
from infra.privacy.erasure.ledger import Erasure, Ledger

Progress = Callable[[int, int], None]
Home = tuple[Snapshot, TableOf]

_INDEX_KEY = "chart-number-index"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and the erasures that the ledgers hold against it."""

    manifest: Manifest
    erasures: list[Erasure]


def restore(
    path: Path,
    closing: Closing,
    keyring: Keyring,
    databases: Mapping[str, str],
    ledgers: list[Path],
    *,
    without_ledger: bool = False,
    progress: Progress | None = None,
) -> Restored:
    """Fill empty databases (part to URL), whose tables were made, with a backup's rows, in one transaction each.

    The whole backup is checked first. Keys of charts that a ledger names are not written. Then every table is read
    again and compared with the manifest.

    Raises:
        BackupError: the backup is damaged, the target is not empty, or the ledger is older than the backup.
        MasterKeyError: the master key is not the one of the backup's log.
        LedgerError: a ledger was altered.
    """
    manifest = check(path, closing)
    key = closing.open(read_header(path)["closed_with"])
    erasures = _erasures(path, key, keyring, ledgers)
    erased = {bytes.fromhex(erasure.client_id) for erasure in erasures}
    if len(erased) < manifest.erasures and not without_ledger:
        charts = "1 chart was" if manifest.erasures == 1 else f"{manifest.erasures} charts were"
        msg = (
            f"the backup was made when {charts} erased, the erasure ledger knows {len(erased)}: "
            "put its newest copy in place (CAREJOURNEY_ERASURE_LEDGER), or restore --without-ledger"
        )
        raise BackupError(msg)
    with ExitStack() as stack:
        targets = {name: stack.enter_context(filling(url)) for name, url in databases.items()}
        homes = _homes(targets)
        _empty(homes)
        done = 0
        for part, table, rows in _tables(path, key):
            home = _home(homes, part, table.name)
            done = _fill(home, table, rows, erased, done, lambda n: progress and progress(n, manifest.rows))
        for home, table in homes.values():
            home.settle(table)
    _compare(databases, manifest, erased)
    return Restored(manifest, erasures)


def _fill(
    home: Home | None,
    table: TableOf,
    rows: Iterator[list[Any]],
    erased: set[bytes],
    done: int,
    say: Callable[[int], object],
) -> int:
    if table.name in GONE or (home is None and next(rows, None) is None):
        return done + sum(1 for _ in rows)  # of an older release; or one that only some stores have, with nothing in it
    if home is None or not set(table.columns) <= set(home[1].columns):
        msg = f"the table {table.name} is not as this release makes it: restore with the release that made the backup"
        raise BackupError(msg)
    place = table.columns.index("client_id") if table.name == "chart" else 0
    for batch in batches(rows):
        kept = batch if table.name != "chart" else [row for row in batch if row[place] not in erased]
        home[0].insert(table, kept)
        done += len(batch)
        say(done)
    return done


def _tables(path: Path, key: bytes) -> Iterator[tuple[str, TableOf, Iterator[list[Any]]]]:
    """Each table of a backup with its part and its rows; the rows are to be taken before the next table."""
    lines = read_lines(path, key)
    heading = next(lines, b"")
    while heading.startswith(b'{"table"'):
        content = orjson.loads(heading)
        after: list[bytes] = []
        part, _, name = content["table"].partition(".")
        yield part, TableOf(name, tuple(content["columns"])), _rows(lines, after)
        heading = after[0] if after else b""


def _rows(lines: Iterator[bytes], after: list[bytes]) -> Iterator[list[Any]]:
    for line in lines:
        if not line.startswith(b"["):
            after.append(line)
            return
        yield row_of(line)


def _erasures(path: Path, key: bytes, keyring: Keyring, ledgers: list[Path]) -> list[Erasure]:
    """What the ledgers know of this log, each stream once; the log's own key is in the backup."""
    for part, table, rows in _tables(path, key):
        if (part, table.name) != ("log", "secret"):
            list(rows)
            continue
        secrets = {row[table.columns.index("name")]: row[table.columns.index("wrapped")] for row in rows}
        index_key = keyring.open_secret(_INDEX_KEY, secrets[_INDEX_KEY])
        read = [Ledger(ledger, derived(index_key, Ledger.PURPOSE)).read() for ledger in ledgers]
        return list({erasure.client_id: erasure for erasures in read for erasure in erasures}.values())
    return []


def _homes(targets: Mapping[str, Snapshot]) -> dict[tuple[str, str], Home]:
    """Every table of the target by its part and name."""
    return {(part, table.name): (target, table) for part, target in targets.items() for table in target.tables()}


def _home(homes: Mapping[tuple[str, str], Home], part: str, name: str) -> Home | None:
    """Where a table of a backup is kept in the target: in the same part, else in the first that has it."""
    return homes.get(_place(homes, part, name))


def _place(places: Iterable[tuple[str, str]], part: str, name: str) -> tuple[str, str]:
    others = [place for place in places if place[1] == name]
    return (part, name) if (part, name) in others or not others else others[0]


def _empty(homes: Mapping[tuple[str, str], Home]) -> None:
    """Refuse a target with anything in it, and clear what opening it has made.

    Raises:
        BackupError: something is recorded there.
    """
    for (_, name), (home, _) in homes.items():
        if (name.endswith(EVENTS) or name in {"chart", "erasure"}) and home.count(name):
            msg = "the target is not empty: restore into a new database, and nothing is overwritten"
            raise BackupError(msg)
        home.clear(name)


def _compare(databases: Mapping[str, str], manifest: Manifest, erased: set[bytes]) -> None:
    """Read the target again: each table adds up to what the manifest says."""
    sums: dict[tuple[str, str], Sum] = {}
    columns = {title.partition(".")[2]: tuple(table["columns"]) for title, table in manifest.tables.items()}
    for part, url in databases.items():
        with reading(url) as snapshot:
            for table in snapshot.tables():
                counted = sums[part, table.name] = Sum()
                for row in snapshot.rows(TableOf(table.name, columns.get(table.name, table.columns))):
                    counted.add(line_of(row))
    wanted = {place: Sum() for place in sums}
    for title, table in manifest.tables.items():
        part, _, name = title.partition(".")
        place = _place(sums, part, name)
        if place in wanted:
            wanted[place].join(Sum(table["rows"], int(table["sha256"], 16)))
    for place, counted in sums.items():
        name = place[1]
        if name == "chart" and erased:
            continue  # without the keys of those who were erased since
        if counted != wanted[place]:
            msg = f"the table {name} does not read back as it was restored: check the target's disk, then start anew"
            raise BackupError(msg)
